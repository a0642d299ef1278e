"""
Live tail: log records in the order in which they came in, however old they are.

The store notes the second in which an insert began, and the insert is seen when it ends. So the last half minute is
looked at again and again: a second that has more records than before is read anew, and what was told of it is left out.
"""

from collections.abc import Iterator
from operator import itemgetter
from typing import Final

from taskscope.errors import UsageError
from taskscope.model.log_line import LogLine
from taskscope.model.window import Window
from taskscope.query.logs.condition import Condition
from taskscope.query.logs.filters import LogFilters, plan_filters
from taskscope.query.logs.position import Position
from taskscope.query.logs.scan import Scan
from taskscope.query.logs.statements import statement
from taskscope.store.api import Reader

HORIZON_SECONDS: Final = 30
"""Longest time that an insert may take from its beginning until it is seen."""
_MOST_REMEMBERED: Final = 100_000
"""Records that were told of seconds within the horizon; beyond, the oldest seconds count as settled."""
_AT_ONCE: Final = 500
_ALL_TIME: Final = Window(0, 4_102_444_800_000_000_001)
"""Up to the latest time that the store keeps."""


class Tail:
    """What comes in from a second on. One thread at a time asks."""

    def __init__(self, reader: Reader, since_seconds: int, filters: LogFilters) -> None:
        """
        Take the second from which on records are told, by the store's clock.

        Raises:
            UsageError: A filter cannot be read.
        """
        self._reader = reader
        self._plan = plan_filters(filters)
        self._since = since_seconds
        self._told: dict[int, set[Position]] = {}

    @property
    def cursor(self) -> str:
        """
        Where to go on after a break: nothing is left out from there.

        What came in during the last half minute is told again, each record under the cursor that it had.
        """
        return str(self._since)

    def poll(self) -> Iterator[list[LogLine]]:
        """Yield what has come since the last time, some at a time, each record once."""
        came = Condition.all(Condition.of("IngestedAt >= toDateTime(?, 'UTC')", self._since), self._plan.condition)
        where, parameters = came.bound()
        rows = self._reader.query(statement("arrivals", where=where), parameters).rows
        for second, count, _now in sorted(rows, key=itemgetter(0)):
            told = self._told.setdefault(second, set())
            if count != len(told):  # of the row that says the time there are none
                yield from self._read(second, told)
        self._settle(max(row[2] for row in rows) - HORIZON_SECONDS)

    def _read(self, second: int, told: set[Position]) -> Iterator[list[LogLine]]:
        came = Condition.all(Condition.of("IngestedAt = toDateTime(?, 'UTC')", second), self._plan.condition)
        whole = _ALL_TIME.end_ns
        scan = Scan(self._reader, _ALL_TIME, came, newest_first=False, slice_ns=whole)
        for batch in scan.batches(None, _AT_ONCE):
            fresh = [row for row in batch if row.position not in told]
            told.update(row.position for row in fresh)
            lines = [row.line for row in fresh if self._plan.matches is None or self._plan.matches(row.line)]
            if lines:
                yield lines

    def _settle(self, before: int) -> None:
        remembered = sum(map(len, self._told.values()))
        for second in sorted(self._told):
            if second >= before and remembered <= _MOST_REMEMBERED:
                break
            remembered -= len(self._told.pop(second))
            before = max(before, second + 1)
        self._since = max(self._since, before)


def parse_tail_cursor(text: str) -> int:
    """
    Read a tail's cursor.

    Raises:
        UsageError: The text is none.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= 10):  # noqa: PLR2004 (seconds until the year 2286)
        raise UsageError(f"{text[:64]!r} is no cursor of a live tail")
    return int(text)
