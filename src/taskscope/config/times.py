"""Durations and moments as people write them."""

import re
from datetime import datetime
from typing import Final

from taskscope.clock import MICROSECOND, MILLISECOND, SECOND, from_datetime
from taskscope.errors import UsageError

_UNITS: Final = {
    "ns": 1,
    "us": MICROSECOND,
    "\u00b5s": MICROSECOND,
    "\u03bcs": MICROSECOND,
    "ms": MILLISECOND,
    "s": SECOND,
    "m": 60 * SECOND,
    "h": 3_600 * SECOND,
    "d": 86_400 * SECOND,
    "w": 7 * 86_400 * SECOND,
}
_PART: Final = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*(ns|us|\u00b5s|\u03bcs|ms|s|m|h|d|w)\s*")
_DURATION: Final = re.compile(rf"(?:{_PART.pattern})+")
_WORDS: Final = re.compile(r"\s*(sec|second|min|minute|hr|hour|day|week)s?\b")


def parse_duration(text: str) -> int:
    """
    Read a duration such as ``90s``, ``1m0s``, ``1h30m``, ``1.5h`` or ``5 minutes``, exactly to the nanosecond.

    Raises:
        UsageError: The text is no duration.
    """
    short = _WORDS.sub(lambda word: word[1][0], text.strip().lower())
    if not _DURATION.fullmatch(short):
        raise UsageError(f"{text!r} is no duration", hint="write it as 90s, 5m, 1h30m or 2d")
    return sum(_nanoseconds(number, _UNITS[unit]) for number, unit in _PART.findall(short))


def _nanoseconds(number: str, unit: int) -> int:
    """Multiply without a float, which holds whole nanoseconds for 104 days only."""
    whole, _, fraction = number.partition(".")
    scale: int = 10 ** len(fraction)
    return int(whole or 0) * unit + int(fraction or 0) * unit // scale


def parse_instant(text: str, *, now: int) -> int:
    """
    Read a moment: ISO 8601 (local time if it has no offset), ``now``, or a duration before now (``2h ago``, ``5m``).

    Raises:
        UsageError: The text is neither.
    """
    plain = text.strip()
    if plain == "now":
        return now
    try:
        return from_datetime(datetime.fromisoformat(plain).astimezone())
    except (ValueError, OverflowError):  # OverflowError: a local time whose UTC is past the year 9999
        pass
    try:
        return now - parse_duration(plain.removesuffix("ago"))
    except UsageError:
        raise UsageError(
            f"{text!r} is no time", hint="write it as 5m, 1h30m, '2h ago' or 2026-11-20T09:00:00+01:00"
        ) from None
