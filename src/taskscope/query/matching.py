"""The traces that a filter asks for, as spans that are joined for an answer."""

from collections.abc import Mapping

from taskscope.model.window import Window
from taskscope.query.minutes import Joined, whole_minutes
from taskscope.query.search.find import MAX_LIMIT, find_traces
from taskscope.store.api import Reader
from taskscope.store.minutes import MINUTE_SECONDS, REACH_SECONDS, Stretch


def matching(
    reader: Reader,
    window: Window,
    *,
    expression: str,
    groups: Mapping[str, str] | None = None,
    step_seconds: int = MINUTE_SECONDS,
) -> Joined:
    """
    Choose the newest thousand traces of a window that match.

    Raises:
        UsageError: The expression does not read.
        TaskscopeError: The store does not answer.
    """
    page = find_traces(reader, window, expression=expression, groups=groups, limit=MAX_LIMIT)
    if not page.traces:
        return Joined(Stretch(()), is_partial=bool(page.cursor))
    first = min(each.start_ns for each in page.traces)
    last = max(each.start_ns + each.duration_ns for each in page.traces)
    start, end = whole_minutes(Window(first, last + 1))
    return Joined(
        Stretch([(start, min(end, whole_minutes(window)[1] + REACH_SECONDS))], has_unnamed=True),
        "lower(hex(TraceId)) IN {ids:Array(String)}",
        {"ids": [each.trace_id for each in page.traces]},
        step_seconds,
        is_partial=bool(page.cursor),
    )
