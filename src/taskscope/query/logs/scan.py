"""
Reading log records in order, from the near end of a window on, a slice of time after another.

Most questions want the newest hundred of millions. The first slice is ten seconds and each next one is eight times as
long, so little is read where matches are many, and a week takes six questions where there are none.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from taskscope.model.window import Window
from taskscope.query.logs.columns import HASH, TIME, Numbering, Row
from taskscope.query.logs.condition import Condition, at, between
from taskscope.query.logs.position import LAST_HASH, Position
from taskscope.query.logs.statements import statement
from taskscope.store.api import Reader

_FIRST_SLICE_NS: Final = 10_000_000_000
_GROWTH: Final = 8
_TIMEOUT_SECONDS: Final = 60.0
_NOTHING: Final[Mapping[str, Any]] = {}


class Scan:
    """
    Reads what a condition lets through, in the order of (time, hash), or against it.

    Every row that is there at the start comes exactly once, also where others are stored meanwhile.
    """

    def __init__(
        self,
        reader: Reader,
        window: Window,
        condition: Condition,
        *,
        newest_first: bool,
        slice_ns: int = _FIRST_SLICE_NS,
    ) -> None:
        """Take what is asked of whom; ``slice_ns`` is the length of the first slice."""
        self._reader = reader
        self._window = window
        self._condition = condition
        self._newest_first = newest_first
        self._slice_ns = slice_ns
        self.reached: Position | None = None
        """Behind the last slice that was read whole, matching or not; None before that, and at the window's end."""

    def batches(self, after: Position | None, size: int) -> Iterator[list[Row]]:
        """Yield rows behind a position, at most ``size`` at a time; an empty list ends each slice."""
        window = self._window
        if after is not None:
            if window.start_ns <= after.time_ns < window.end_ns:
                yield from self._rest_of_moment(after, size)
            window = self._beyond(window, after.time_ns)
        for part in self._slices(window):
            left = part
            while rows := self._read(left, size):
                yield rows
                if len(rows) < size:
                    break
                yield from self._rest_of_moment(rows[-1].position, size)
                left = self._beyond(left, rows[-1].position.time_ns)
            is_last = part.start_ns <= window.start_ns if self._newest_first else part.end_ns >= window.end_ns
            self.reached = None if is_last else self._end_of(part)
            yield []

    def _slices(self, window: Window) -> Iterator[Window]:
        start, end = window
        length = self._slice_ns
        while start < end:
            if self._newest_first:
                edge = max(start, end - length)
                yield Window(edge, end)
                end = edge
            else:
                edge = min(end, start + length)
                yield Window(start, edge)
                start = edge
            length *= _GROWTH

    def _beyond(self, window: Window, time_ns: int) -> Window:
        if self._newest_first:
            return Window(window.start_ns, min(window.end_ns, time_ns))
        return Window(max(window.start_ns, time_ns + 1), window.end_ns)

    def _end_of(self, part: Window) -> Position:
        """Return the position between a slice and the next one."""
        return Position(part.start_ns - 1, LAST_HASH, 0) if self._newest_first else Position(part.end_ns, 0, 0)

    def _read(self, part: Window, size: int) -> list[Row]:
        """
        Read the nearest rows of a slice.

        First their times, which takes one column: the hash that orders rows of equal time is made of all of them.
        """
        if part.start_ns >= part.end_ns:
            return []
        inside = Condition.all(between(*part), self._condition)
        times = self._ask("times", inside, size)
        moments = tuple(dict.fromkeys(time for [time] in times))
        if not moments:
            return []
        these = Condition.all(between(min(moments), max(moments) + 1), Condition.of(f"{TIME} IN ?", moments))
        return self._rows(these, self._condition, size, Numbering())

    def _rest_of_moment(self, after: Position, size: int) -> Iterator[list[Row]]:
        """Yield what is left at the time of a position: rows of equal time stand in the order of their hashes."""
        compare = "<=" if self._newest_first else ">="
        while True:
            left = Condition.of(f"{HASH} {compare} toUInt64(?)", str(after.row_hash))
            numbering = Numbering(Position(after.time_ns, after.row_hash, 0))
            found = self._rows(at(after.time_ns), Condition.all(left, self._condition), size + after.nth, numbering)
            rows = [each for each in found if each.position[:2] != after[:2] or each.position.nth > after.nth]
            if rows:
                yield rows
            if len(rows) < size:
                return
            after = rows[-1].position

    def _rows(self, moments: Condition, condition: Condition, size: int, numbering: Numbering) -> list[Row]:
        when, parameters = moments.bound("m")
        return list(numbering.rows(self._ask("rows", condition, size, parameters, moments=when)))

    def _ask(
        self, name: str, condition: Condition, size: int, more: Mapping[str, Any] = _NOTHING, **parts: str
    ) -> Sequence[Sequence[Any]]:
        where, parameters = condition.bound()
        question = statement(name, where=where, way="DESC" if self._newest_first else "ASC", **parts)
        bounds = {**parameters, **more, "size": size}
        return self._reader.query(question, bounds, max_rows=size, timeout_seconds=_TIMEOUT_SECONDS).rows
