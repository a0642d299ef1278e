"""Flags as Go programs read them: one dash or two, ``-name value`` or ``-name=value``, until the first argument."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from taskscope.errors import UsageError

_TRUE = {"1", "t", "T", "TRUE", "true", "True"}
_FALSE = {"0", "f", "F", "FALSE", "false", "False"}


@dataclass(frozen=True, slots=True)
class Flags:
    """The values that were given, by the flag's name, and what follows the flags."""

    values: dict[str, str] = field(default_factory=dict)
    arguments: list[str] = field(default_factory=list)


def parse_flags(given: Sequence[str], *, takes_value: Mapping[str, bool]) -> Flags:
    """
    Split a command line; ``takes_value`` names the flags and says which take one. A bare boolean flag is ``true``.

    Raises:
        UsageError: A flag is unknown or lacks its value.
    """
    flags = Flags()
    rest = list(given)
    while rest and rest[0].startswith("-") and rest[0] != "-":
        first = rest.pop(0)
        if first == "--":
            break
        name, equals, value = first.removeprefix("-").removeprefix("-").partition("=")
        if name not in takes_value:
            raise UsageError(f"flag provided but not defined: -{name}")
        if not equals and takes_value[name]:
            if not rest:
                raise UsageError(f"flag needs an argument: -{name}")
            value = rest.pop(0)
        flags.values[name] = value if equals or takes_value[name] else "true"
    flags.arguments.extend(rest)
    return flags


def parse_bool(text: str, *, name: str) -> bool:
    """
    Read a boolean as Go's ``strconv.ParseBool`` does.

    Raises:
        UsageError: It is none.
    """
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise UsageError(f"invalid boolean value {text!r} for {name}", hint="write true or false")
