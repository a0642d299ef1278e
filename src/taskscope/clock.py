"""Time, passed in wherever it matters, so that tests are exact: integer nanoseconds since the epoch."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, TypeAlias

Clock: TypeAlias = Callable[[], int]
"""Gives the present time in nanoseconds since the epoch."""

MICROSECOND: Final = 1_000
MILLISECOND: Final = 1_000_000
SECOND: Final = 1_000_000_000

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


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
