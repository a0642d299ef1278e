"""What the searches of traces ask the store, and how long they may."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from taskscope.model.trace import TraceSummary
from taskscope.model.window import Window
from taskscope.query.search.ast import Expression
from taskscope.query.search.cursor import Position
from taskscope.query.search.density import MOST_SPANS
from taskscope.query.search.few import summaries_of_few
from taskscope.query.search.plan import plan
from taskscope.query.search.source import JOIN_COST, asks_sender
from taskscope.query.search.statements import (
    HAS_IN_PROGRESS,
    HAS_LATER,
    HAS_UNNAMED,
    LOOK_AHEAD_NS,
    REACH_NS,
    candidates,
    hits,
    near,
    summaries,
)
from taskscope.query.search.summaries import summary_of
from taskscope.store.api import Reader

MOST_CHECKED: Final = 1_024
"""At once: each is found by an id in the statement's parameters."""
MOST_FEW: Final = 64
"""At once, so that their spans are read: of 25 traces in 40 ms, where the store takes 95 to check and sum them up."""
_GROWTH: Final = 4


class Hit(NamedTuple):
    """A trace that may be one that is asked for: a row of it says so."""

    first_ns: int
    """Of the earliest such row that was found; the trace begins then or before."""
    trace_id: str


class Matched(NamedTuple):
    """What a slice holds of what is asked for."""

    found: Sequence[TraceSummary]
    reached: Position | None
    """Where time ended the search; None of a whole one."""


class Lookup:
    """The statements of one question."""

    def __init__(self, reader: Reader, expression: Expression, sort: str, window: Window, *, seconds: float) -> None:
        condition = plan(expression)
        self.reader = reader
        self.evidence = condition.where or ("1" if condition.having == "1" else "")
        """Empty where nothing is known that a row of each trace that is asked for says."""
        self._expression = expression
        self._condition = condition
        self._sort = sort
        self._seconds = seconds
        self._ends_at = time.monotonic() + seconds
        reach = near(window.start_ns, window.end_ns, back_ns=REACH_NS, ahead_ns=REACH_NS)
        self._in_progress = bool(self._query(HAS_IN_PROGRESS, reach))
        self._alone = asks_sender(condition.having) and bool(self._query(HAS_UNNAMED, reach))
        self.most_spans = MOST_SPANS // JOIN_COST if self._alone else MOST_SPANS
        """Of a slice."""

    def is_over(self) -> bool:
        """Whether time is up."""
        return time.monotonic() >= self._ends_at

    def hits(self, lower_ns: int, upper_ns: int, count: int, *, looks_ahead: bool) -> Sequence[Hit]:
        """
        Return the traces with evidence in a slice, as many as may be, the latest evidence first.

        Looking ahead, evidence within ten minutes after the slice counts too, of traces that go on from it.
        """
        within = near(lower_ns, upper_ns, back_ns=0, ahead_ns=LOOK_AHEAD_NS if looks_ahead else 0)
        has_later = looks_ahead and (self._in_progress or bool(self._query(HAS_LATER, within)))
        statement = hits(self.evidence, in_progress=self._in_progress, has_later=has_later)
        return [Hit(first, trace_id) for trace_id, first in self._query(statement, {**within, "count": count})]

    def matches(self, lower_ns: int, upper_ns: int, after: Position, count: int) -> Matched:
        """
        Return the first traces of a slice; what was found from near it alone is checked with all of its spans.

        Where traces turn out to begin long before the slice, ever more are taken at once.
        """
        found: list[TraceSummary] = []
        is_short = upper_ns - lower_ns < LOOK_AHEAD_NS
        statement = candidates(
            self._condition, self._sort, in_progress=self._in_progress, alone=self._alone, is_short=is_short
        )
        bound, most = after, count
        while True:
            bounds = {"before": bound.value, "before_id": bound.trace_id, "count": most}
            rows = self._query(statement, {**near(lower_ns, upper_ns), **bounds})
            found += [
                summary
                for summary in self.summaries([Hit(start, trace_id) for trace_id, start, _ in rows])
                if lower_ns <= summary.start_ns <= upper_ns and self.position(summary) < after
            ]
            if len(rows) < most or len(found) >= count:
                return Matched(found, None)
            bound = Position(rows[-1][2], rows[-1][0])
            if self.is_over():
                return Matched(found, bound)
            most = max(count, min(_GROWTH * most, MOST_CHECKED))

    def summaries(self, found: Sequence[Hit]) -> Sequence[TraceSummary]:
        """Sum up traces by all of their spans; those that are not asked for are left out."""
        if not found:
            return ()
        starts = [each.first_ns for each in found]
        reach = near(min(starts), max(starts), back_ns=REACH_NS, ahead_ns=REACH_NS)
        if len(found) <= MOST_FEW:
            ids = [bytes.fromhex(each.trace_id) for each in found]
            within = Window(reach["near_first"], reach["near_last"] + 1)
            if (few := summaries_of_few(self.reader, self._expression, ids, within)) is not None:
                return few
        statement = summaries(self._condition, in_progress=self._in_progress, alone=self._alone)
        return [summary_of(row) for row in self._query(statement, {**reach, "ids": [each.trace_id for each in found]})]

    def position(self, summary: TraceSummary) -> Position:
        """Return the place of a trace in the list."""
        return Position(summary.start_ns if self._sort == "time" else summary.duration_ns, summary.trace_id)

    def _query(self, statement: str, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        bound = {**self._condition.parameters, **parameters}
        return self.reader.query(statement, bound, timeout_seconds=self._seconds).rows
