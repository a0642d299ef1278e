"""Where telemetry goes, as people write it: ``--to NAME[=TARGET][,OPTION=VALUE…]``."""

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeVar, get_type_hints

from taskscope.clock import SECOND
from taskscope.config.setting import KEY
from taskscope.config.times import parse_duration
from taskscope.errors import UsageError

_C = TypeVar("_C")

_COMMA: Final = re.compile(r"(?<!\\),")
_NUMBER: Final = re.compile(r"[0-9]+(?:\.[0-9]*)?")
_BYTES: Final = re.compile(r"([0-9]+)\s*(k|m|ki|mi)?b?", re.IGNORECASE)
_MULTIPLES: Final = {"": 1, "k": 1_000, "ki": 1_024, "m": 1_000_000, "mi": 1_048_576}
_BOOLEANS: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


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

    An option may be given many times where its field is a tuple. Durations take a unit (``30s``) or are in seconds,
    sizes may end in ``kB``, ``KiB``, ``MB`` or ``MiB``.

    Raises:
        UsageError: The target has an address without a field for it, an option is unknown, or its value does not read.
    """
    given = dict(target.options)
    if target.address and address is None:
        raise UsageError(f"--to {target.name} takes no address, but has {target.address!r}")
    if target.address and address is not None:
        given[address] = [target.address]
    known = {each.name: each for each in dataclasses.fields(kind)}  # type: ignore[arg-type]  # any dataclass
    types = get_type_hints(kind)
    for option in given:
        if option not in known:
            allowed = ", ".join(sorted(name.replace("_", "-") for name in known if name != address))
            raise UsageError(f"--to {target.name} has no option {option.replace('_', '-')!r}", hint=f"it has {allowed}")
    values = {
        option: _read(target.name, option, texts, types[option], known[option].metadata[KEY].parse)
        for option, texts in given.items()
    }
    return kind(**values)


def _read(sink: str, option: str, texts: Sequence[str], kind: Any, parse: Callable[[str], Any] | None) -> Any:
    if kind == tuple[str, ...]:
        return tuple(texts)
    if len(texts) > 1:
        raise UsageError(f"--to {sink}: the option {option.replace('_', '-')!r} is given {len(texts)} times")
    try:
        return parse(texts[0]) if parse is not None else _value(option, texts[0], kind)
    except ValueError:
        shown = f"{option.replace('_', '-')}={texts[0]}"
        raise UsageError(f"--to {sink}: {shown!r} does not read as {_WORDS[kind]}") from None


_WORDS: Final = {bool: "true or false", int: "a whole number", float: "a duration such as 30s"}


def _value(option: str, text: str, kind: Any) -> Any:
    """
    Read a text by the type of its field.

    Raises:
        ValueError: It does not read as that type.
    """
    if kind is bool and (found := _BOOLEANS.get(text.lower())) is not None:
        return found
    if kind is float:
        return float(text) if _NUMBER.fullmatch(text) else _duration(text)
    if kind is int and option.endswith("_bytes") and (size := _BYTES.fullmatch(text)):
        return int(size[1]) * _MULTIPLES[(size[2] or "").lower()]
    if kind is int:
        return int(text)
    if kind is bool:
        raise ValueError(text)
    return text


def _duration(text: str) -> float:
    try:
        return parse_duration(text) / SECOND
    except UsageError as error:
        raise ValueError(text) from error
