"""Time, passed in wherever it matters, so that tests are exact: integer nanoseconds since the epoch."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, TypeAlias

from taskscope.errors import UsageError

Clock: TypeAlias = Callable[[], int]
"""Gives the present time in nanoseconds since the epoch."""

MICROSECOND: Final = 1_000
MILLISECOND: Final = 1_000_000
SECOND: Final = 1_000_000_000

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS: Final = {
    "ns": 1,
    "us": MICROSECOND,
    "µs": MICROSECOND,
    "ms": MILLISECOND,
    "s": SECOND,
    "m": 60 * SECOND,
    "h": 3_600 * SECOND,
    "d": 86_400 * SECOND,
    "w": 7 * 86_400 * SECOND,
}
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d|w)")
_DURATION: Final = re.compile(rf"(?:{_PART.pattern})+")
_WORDS: Final = re.compile(r"\s*(sec|second|min|minute|hr|hour|day|week)s?\b")


def system_clock() -> int:
    """Return the time of this machine."""
    return time.time_ns()


def fixed_clock(instant: int) -> Clock:
    """Return a clock that stands still at ``instant``."""
    return lambda: instant


def from_datetime(moment: datetime) -> int:
    """Convert an aware datetime, exactly to its microsecond."""
    return (moment - _EPOCH) // timedelta(microseconds=1) * MICROSECOND


def to_datetime(instant: int, zone: tzinfo | None = None) -> datetime:
    """Convert to an aware datetime in ``zone``, by default the local one; below a microsecond it rounds down."""
    return (_EPOCH + timedelta(microseconds=instant // MICROSECOND)).astimezone(zone)


def parse_duration(text: str) -> int:
    """
    Read a duration such as ``90s``, ``1m0s``, ``1h30m``, ``1.5h`` or ``5 minutes``.

    Raises:
        UsageError: The text is no duration.
    """
    short = _WORDS.sub(lambda word: word[1][0], text.strip().lower()).replace(" ", "")
    if not _DURATION.fullmatch(short):
        raise UsageError(f"{text!r} is no duration", hint="write it as 90s, 5m, 1h30m or 2d")
    return sum(round(float(number) * _UNITS[unit]) for number, unit in _PART.findall(short))


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
    except ValueError:
        pass
    try:
        return now - parse_duration(plain.removesuffix("ago"))
    except UsageError:
        raise UsageError(
            f"{text!r} is no time", hint="write it as 5m, 1h30m, '2h ago' or 2026-11-20T09:00:00+01:00"
        ) from None
