"""
Members of JSON objects, read without trust: what is missing, null or of another type is None.

Texts come out free of lone surrogates, which no UTF-8 can carry; numbers finite and within an unsigned 64 bit integer,
which is what Go's encoder of the endpoint writes.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any, Final

MIB: Final = 1 << 20
_LARGEST: Final = (1 << 64) - 1
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TIME: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9})[0-9]*)?(Z|[+-][0-9]{2}:[0-9]{2})"
)
"""RFC 3339; digits beyond the nanosecond are cut."""


def text(value: object) -> str:
    """Return a text; of an integer its digits; else an empty one."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode("utf-8")
        case bool():
            return ""
        case int():
            return str(value)
    return ""


def number(value: object) -> float | None:
    """Return a number from 0 on."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= _LARGEST and isfinite(value) else None


def count(value: object) -> int | None:
    """Return a whole number from 0 on; a fraction is cut."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 <= value <= _LARGEST else None  # not by way of a float, which has but 53 bits
    return int(whole) if (whole := number(value)) is not None else None


def integer(value: object) -> int | None:
    """Return a whole number of either sign: exit codes of Windows containers are negative in some versions."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if abs(value) <= _LARGEST else None


def mebibytes(value: object) -> int | None:
    """Return the bytes of a number of MiB."""
    return int(size * MIB) if (size := number(value)) is not None else None


def instant(value: object) -> int | None:
    """Return the nanoseconds since the epoch of an RFC 3339 time; Go's zero time, in the year 1, is None."""
    if not isinstance(value, str) or (match := _TIME.fullmatch(value)) is None:
        return None
    try:
        moment = datetime.fromisoformat(match[1] + match[3])
    except ValueError:  # a 13th month
        return None
    nanoseconds = (moment - _EPOCH) // timedelta(seconds=1) * 1_000_000_000 + int((match[2] or "0").ljust(9, "0"))
    return nanoseconds if nanoseconds > 0 else None


def part(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a member that is an object; else an empty one."""
    value = document.get(name)
    return value if isinstance(value, dict) else {}


def parts(document: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a member that is an array."""
    value = document.get(name)
    return (each for each in value if isinstance(each, dict)) if isinstance(value, list) else iter(())


def texts(document: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return the texts of a member that is an array, without empty ones."""
    value = document.get(name)
    return tuple(filter(None, map(text, value))) if isinstance(value, list) else ()


def pairs(document: Mapping[str, Any], name: str) -> Mapping[str, str]:
    """Return the members of an object whose values are texts or integers."""
    return {text(key): text(value) for key, value in part(document, name).items() if isinstance(value, str | int)}
