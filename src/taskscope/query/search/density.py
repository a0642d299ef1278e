"""Slices of a window by how many spans they hold, from its newest end back."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from taskscope.clock import SECOND
from taskscope.store.api import MAX_ROWS, Reader

_MINUTE_NS: Final = 60 * SECOND
_DAY_NS: Final = 1_440 * _MINUTE_NS
FIRST_SPANS: Final = 200_000
"""Of the first slice: an empty look takes 10 to 40 ms of the engine's planning, as long as looking at so many."""
_GROWTH: Final = 4
MOST_SPANS: Final = 3_200_000
"""Of a slice: what the costliest filter asks of so many takes 4 s, and a deadline is looked at between slices."""
_SQL: Final = """
SELECT toUnixTimestamp(Minute) AS minute, sum(Calls)
FROM spans_by_minute
WHERE Minute >= toDateTime({first:Int64}, 'UTC') AND Minute <= toDateTime({last:Int64}, 'UTC')
GROUP BY Minute
ORDER BY Minute DESC
"""


class Slice(NamedTuple):
    """A stretch of time."""

    lower_ns: int
    """Nanoseconds since the epoch, as is ``upper_ns``; both are part of it."""
    upper_ns: int
    spans: int
    """About how many are in it: whole minutes are counted."""


def slices(reader: Reader, lower_ns: int, upper_ns: int, *, spans: int = 0, most: int = MOST_SPANS) -> Iterator[Slice]:
    """
    Cut a stretch of time so that the first slice holds about so many spans, and each next one four times as many.

    None holds more than ``most``, but a minute alone may. What is in progress is not counted, but no time is left out.
    """
    end, held, spans = upper_ns, 0, spans or FIRST_SPANS
    for stop, count in _pieces(reader, lower_ns, upper_ns):
        if held and held + count > spans and lower_ns < stop <= end:
            yield Slice(stop, end, held)
            end, held, spans = stop - 1, 0, min(spans * _GROWTH, most)
        held += count
    if end >= lower_ns:
        yield Slice(lower_ns, end, held)


def _pieces(reader: Reader, lower_ns: int, upper_ns: int) -> Iterator[tuple[int, int]]:
    """Yield ends and spans of minutes that hold some, the newest first; of a full one, in equal parts."""
    for second, count in _minutes(reader, lower_ns, upper_ns):
        parts = min(60, 1 + count // FIRST_SPANS)
        length = _MINUTE_NS // parts
        for part in reversed(range(parts)):
            yield second * SECOND + (part + 1) * length, count // parts


def _minutes(reader: Reader, lower_ns: int, upper_ns: int) -> Iterator[tuple[int, int]]:
    """Yield minutes and their spans: of the newest day first, since most questions come no further."""
    last, first = upper_ns // SECOND, max(lower_ns, upper_ns - _DAY_NS) // _MINUTE_NS * 60
    oldest = lower_ns // _MINUTE_NS * 60
    while last >= oldest:
        rows = reader.query(_SQL, {"first": max(0, first), "last": last}).rows
        yield from ((int(minute), int(count)) for minute, count in rows)
        last = (rows[-1][0] if len(rows) >= MAX_ROWS else first) - 1
        first = oldest
