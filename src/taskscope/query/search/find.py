"""Lists of traces: the newest or the longest ones of a window that a filter asks for."""

from collections.abc import Mapping
from typing import Final

from taskscope.errors import UsageError
from taskscope.model.trace import TraceGroup, TraceOverview, TracePage
from taskscope.model.window import Window
from taskscope.query.search.cursor import Position
from taskscope.query.search.density import slices
from taskscope.query.search.groups import read_filter
from taskscope.query.search.longest import longest
from taskscope.query.search.lookup import Lookup
from taskscope.query.search.newest import newest
from taskscope.query.search.overview import OTHER, grouping
from taskscope.query.search.plan import plan
from taskscope.query.search.source import JOIN_COST, asks_sender
from taskscope.query.search.statements import HAS_IN_PROGRESS, HAS_UNNAMED, LOOK_AHEAD_NS, VALUES, near, overview
from taskscope.store.api import TIMEOUT_SECONDS, Reader

MAX_LIMIT: Final = 1_000
_COUNTED_SPANS: Final = 800_000
"""In a second: 1 us of a core a span. Of a window that holds more the newest part is counted."""


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
    lookup = Lookup(reader, read_filter(expression, groups or {}), sort, window, seconds=deadline_seconds)
    after = Position.parse(cursor, sort)
    return newest(lookup, window, after, limit) if sort == "time" else longest(lookup, window, after, limit)


def group_traces(
    reader: Reader,
    window: Window,
    *,
    by: str,
    expression: str = "",
    groups: Mapping[str, str] | None = None,
    limit: int = 50,
    deadline_seconds: float = 10.0,
) -> TraceOverview:
    """
    Group the traces that begin in a window and that a filter asks for, the largest groups first; ``by`` is ``url``,
    ``service``, ``status`` or ``method`` of the root, ``user``, ``error`` or ``annotation.KEY``.

    A trace without a value is of the group of the empty one; with several it counts under each. What is beyond the
    limit comes last, as ``OTHER``. All traces are counted, none estimated; of a window that holds too many for the
    deadline those of its newest part, and the answer says from when on.

    Raises:
        UsageError: The filter cannot be read, or there is no grouping by that.
        TaskscopeError: The store does not answer, or was too busy to count within 30 s.
    """
    if not 1 <= limit <= MAX_LIMIT:
        raise UsageError(f"the limit of groups is 1 to {MAX_LIMIT}, not {limit}")
    wanted = grouping(by)
    condition = plan(read_filter(expression, groups or {}))
    reach = near(window.start_ns, window.end_ns, back_ns=LOOK_AHEAD_NS)
    alone = asks_sender(condition.having) and bool(reader.query(HAS_UNNAMED, reach).rows)
    most = round(_COUNTED_SPANS * deadline_seconds) // (JOIN_COST if alone else 1)
    newest_part = next(slices(reader, window.start_ns, window.end_ns - 1, spans=most), None)
    if newest_part is None:
        return TraceOverview(())
    slice_ = near(newest_part.lower_ns, newest_part.upper_ns, back_ns=LOOK_AHEAD_NS)
    in_progress = bool(reader.query(HAS_IN_PROGRESS, slice_).rows)
    parameters = {**condition.parameters, **wanted.parameters, **slice_, "limit": limit}
    statement = overview(condition, wanted, in_progress=in_progress, alone=alone)
    answer = reader.query(statement, parameters, timeout_seconds=max(TIMEOUT_SECONDS, deadline_seconds))
    return TraceOverview(
        tuple(
            TraceGroup(OTHER if nth > limit else value, *numbers, *percentiles)
            for nth, value, *numbers, percentiles in answer.rows
        ),
        newest_part.spans,
        newest_part.lower_ns if newest_part.lower_ns > window.start_ns else 0,
    )
