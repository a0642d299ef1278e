"""Stretches of time within a trace."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Interval(NamedTuple):
    """From ``start`` to ``end``, nanoseconds since the epoch."""

    start: int
    end: int


class Times(NamedTuple):
    """Intervals in two columns."""

    starts: Sequence[int]
    ends: Sequence[int]


def covered_ns(intervals: Iterable[Interval], within: Interval) -> int:
    """Return how much of ``within`` the intervals cover together."""
    total = 0
    reached = within.start
    for start, end in sorted(intervals):
        begin = max(start, reached)
        stop = min(end, within.end)
        if stop > begin:
            total += stop - begin
            reached = stop
    return total
