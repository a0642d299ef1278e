"""Where telemetry goes, as people write it: ``--to NAME[=TARGET][,OPTION=VALUE…]``."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeVar, get_origin

from taskscope.config.options import Option, options_of
from taskscope.config.values import read_value
from taskscope.errors import UsageError

_C = TypeVar("_C")

_COMMA: Final = re.compile(r"(?<!\\),")


class Target(NamedTuple):
    """One ``--to``, taken apart."""

    name: str
    """Of the kind of sink: ``xray``, ``cloudwatch-logs``, ``emf``, ``otlp``."""
    address: str
    """What follows the name's equals sign; empty if nothing does."""
    options: Mapping[str, Sequence[str]]
    """Each option with all its values, in their order."""


def parse_target(text: str) -> Target:
    r"""
    Take a text such as ``otlp=https://host:4318,header=x-key:1`` apart; ``\,`` is a comma in a value.

    Raises:
        UsageError: The name is missing, or an option has no value.
    """
    first, *others = (part.replace("\\,", ",").strip() for part in _COMMA.split(text))
    name, _, address = first.partition("=")
    if not name.strip():
        raise UsageError(f"--to {text!r} names no sink", hint="write --to xray, or --to otlp=http://127.0.0.1:4318")
    options: dict[str, list[str]] = {}
    for part in others:
        option, equals, value = part.partition("=")
        if not equals:
            raise UsageError(f"--to {name}: the option {part!r} has no value", hint="write OPTION=VALUE")
        options.setdefault(option.strip().lower().replace("-", "_"), []).append(value.strip())
    return Target(name.strip().lower(), address.strip(), options)


def configure(kind: type[_C], target: Target, *, address: str | None = None) -> _C:
    """
    Make a configuration of a target's options; ``address`` names the field that takes the target's address.

    Values are read as those of any setting; an option whose field is a tuple is given once for each member.

    Raises:
        UsageError: The target has an address without a field for it, an option is unknown, or its value does not read.
    """
    given = dict(target.options)
    if target.address and address is None:
        raise UsageError(f"--to {target.name} takes no address, but has {target.address!r}")
    if target.address and address is not None:
        given[address] = [target.address]
    known = {each.field: each for each in options_of(kind)}
    for name in given:
        if name not in known:
            allowed = ", ".join(sorted(each.replace("_", "-") for each in known if each != address))
            raise UsageError(f"--to {target.name} has no option {name.replace('_', '-')!r}", hint=f"it has {allowed}")
    return kind(**{name: _read(target.name, known[name], texts) for name, texts in given.items()})


def _read(sink: str, option: Option, texts: Sequence[str]) -> Any:
    if get_origin(option.kind) is tuple:
        return tuple(texts)
    shown = option.field.replace("_", "-")
    if len(texts) > 1:
        raise UsageError(f"--to {sink}: the option {shown!r} is given {len(texts)} times")
    try:
        return read_value(texts[0], option.kind, name=option.field, parse=option.parse)
    except UsageError as error:
        raise UsageError(f"--to {sink}: {shown}={error.message}", hint=error.hint) from None
