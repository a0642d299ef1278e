"""Lists of traces: the newest or the longest ones of a window that a filter asks for."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from taskscope.errors import UsageError
from taskscope.model.trace import TraceGroup, TracePage, TraceSummary
from taskscope.model.window import Window
from taskscope.query.search.cursor import Position
from taskscope.query.search.groups import read_filter
from taskscope.query.search.overview import OTHER, grouping
from taskscope.query.search.plan import Condition, plan
from taskscope.query.search.statements import (
    HAS_IN_PROGRESS,
    LOOK_AHEAD_NS,
    REACH_NS,
    VALUES,
    candidates,
    near,
    overview,
    summaries,
)
from taskscope.query.search.summaries import summary_of
from taskscope.store.api import Reader

MAX_LIMIT: Final = 1_000
_FIRST_NS: Final[Mapping[str, int]] = {"time": 4_000_000_000, "duration": 3_600_000_000_000}
"""How long the first slice of a window is; of the longest traces all slices are looked at."""
_GROWTH: Final = 16
"""At most, from slice to slice: a look at an empty one takes 20 ms, most of it the engine's planning."""
_SLOW_SECONDS: Final = 1.0
"""Slices that take longer do not grow."""


def find_traces(
    reader: Reader,
    window: Window,
    *,
    expression: str = "",
    groups: Mapping[str, str] | None = None,
    sort: str = "time",
    limit: int = 20,
    cursor: str = "",
    deadline_seconds: float = 10.0,
) -> TracePage:
    """
    Return the traces that begin in a window and that a filter asks for: the newest first, or by ``sort="duration"``
    the longest first.

    Time is looked at in slices, from the newest back, until there are enough or the deadline comes; the page then says
    how far it came. Traces that come in meanwhile change nothing on later pages. The filter sees what a trace did
    within an hour of its begin; one that only spans later than ten minutes after its begin make a match may be missed.

    Raises:
        UsageError: The filter, the order or the cursor cannot be read, or the limit is none.
        TaskscopeError: The store does not answer, or not even the first slice was done in time.
    """
    if sort not in VALUES:
        raise UsageError(f"traces are sorted by {' or '.join(VALUES)}, not by {sort!r}")
    if not 1 <= limit <= MAX_LIMIT:
        raise UsageError(f"the limit of a page is 1 to {MAX_LIMIT} traces, not {limit}")
    condition = plan(read_filter(expression, groups or {}))
    search = _Search(reader, condition, sort, seconds=deadline_seconds)
    return search.page(window, Position.parse(cursor, sort), limit)


def group_traces(
    reader: Reader,
    window: Window,
    *,
    by: str,
    expression: str = "",
    groups: Mapping[str, str] | None = None,
    limit: int = 50,
) -> tuple[TraceGroup, ...]:
    """
    Group the traces that begin in a window and that a filter asks for, the largest groups first; ``by`` is ``url``,
    ``service``, ``status`` or ``method`` of the root, ``user``, ``error`` or ``annotation.KEY``.

    A trace without a value is of the group of the empty one; with several it counts under each. What is beyond the
    limit comes last, as ``OTHER``. All traces are counted, none estimated.

    Raises:
        UsageError: The filter cannot be read, or there is no grouping by that.
        TaskscopeError: The store does not answer, or the window holds more than can be counted in time.
    """
    if not 1 <= limit <= MAX_LIMIT:
        raise UsageError(f"the limit of groups is 1 to {MAX_LIMIT}, not {limit}")
    wanted = grouping(by)
    condition = plan(read_filter(expression, groups or {}))
    slice_ = near(window.start_ns, window.end_ns - 1, back_ns=LOOK_AHEAD_NS)
    in_progress = bool(reader.query(HAS_IN_PROGRESS, slice_).rows)
    parameters = {**condition.parameters, **wanted.parameters, **slice_, "limit": limit}
    answer = reader.query(overview(condition, wanted, in_progress=in_progress), parameters)
    return tuple(
        TraceGroup(OTHER if nth > limit else value, *numbers, *percentiles)
        for nth, value, *numbers, percentiles in answer.rows
    )


def _growth(found: int, missing: int) -> int:
    """Say how many times longer the next slice should be, so that it likely holds what is missing."""
    return min(_GROWTH, max(1, 2 * missing // found)) if found else _GROWTH


class _Search:
    """One question, asked of slice after slice."""

    def __init__(self, reader: Reader, condition: Condition, sort: str, *, seconds: float) -> None:
        self._reader = reader
        self._condition = condition
        self._sort = sort
        self._seconds = seconds
        self._ends_at = time.monotonic() + seconds
        self._in_progress = True

    def page(self, window: Window, after: Position, limit: int) -> TracePage:
        """Return the traces that come next after a position."""
        by_time = self._sort == "time"
        upper = min(window.end_ns - 1, after.value) if by_time else window.end_ns - 1
        self._in_progress = self._has_in_progress(window)
        length, found = _FIRST_NS[self._sort], list[TraceSummary]()
        while upper >= window.start_ns and not (by_time and len(found) > limit):
            began = time.monotonic()
            if began >= self._ends_at:
                return self._page(found, limit, upper + 1)
            lower = max(window.start_ns, upper - length + 1)
            more = self._slice(lower, upper, after, limit + 1 - len(found) if by_time else limit + 1)
            found = sorted([*found, *more], key=self._position, reverse=True)[: limit + 1]
            upper = lower - 1
            if time.monotonic() - began < _SLOW_SECONDS:
                length *= _growth(len(more), limit + 1 - len(found))
        return self._page(found, limit, 0)

    def _page(self, found: Sequence[TraceSummary], limit: int, reached_ns: int) -> TracePage:
        after = None
        if len(found) > limit:
            after = self._position(found[limit - 1])
        elif reached_ns and self._sort == "time":
            after = Position(reached_ns, "")
        return TracePage(tuple(found[:limit]), after.write(self._sort) if after else "", reached_ns=reached_ns)

    def _slice(self, lower: int, upper: int, after: Position, count: int) -> Sequence[TraceSummary]:
        """Return the first traces of a slice; what was found from near it alone is checked with all of its spans."""
        found: list[TraceSummary] = []
        statement = candidates(
            self._condition, self._sort, in_progress=self._in_progress, is_short=upper - lower < LOOK_AHEAD_NS
        )
        while True:
            rows = self._query(
                statement,
                {**near(lower, upper), "before": after.value, "before_id": after.trace_id, "count": count},
            )
            found += [
                summary
                for summary in self._summaries(rows)
                if lower <= summary.start_ns <= upper and self._position(summary) < after
            ]
            if len(rows) < count or len(found) >= count:
                return found
            after = Position(rows[-1][2], rows[-1][0])

    def _summaries(self, found: Sequence[Sequence[Any]]) -> Sequence[TraceSummary]:
        if not found:
            return ()
        starts = [start for _, start, _ in found]
        reach = near(min(starts), max(starts), back_ns=REACH_NS, ahead_ns=REACH_NS)
        statement = summaries(self._condition, in_progress=self._in_progress)
        return [summary_of(row) for row in self._query(statement, {**reach, "ids": [each for each, _, _ in found]})]

    def _has_in_progress(self, window: Window) -> bool:
        reach = near(window.start_ns, window.end_ns, back_ns=REACH_NS, ahead_ns=REACH_NS)
        return bool(self._query(HAS_IN_PROGRESS, reach))

    def _query(self, statement: str, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        bound = {**self._condition.parameters, **parameters}
        return self._reader.query(statement, bound, timeout_seconds=self._seconds).rows

    def _position(self, summary: TraceSummary) -> Position:
        return Position(summary.start_ns if self._sort == "time" else summary.duration_ns, summary.trace_id)
