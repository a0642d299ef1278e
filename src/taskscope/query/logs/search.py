"""Search in log records, a page at a time."""

import time
from typing import Final, Unpack

from taskscope.errors import UsageError
from taskscope.model.log_line import LogLine, LogPage
from taskscope.model.window import Window
from taskscope.query.logs.filters import LogFilters, plan_filters
from taskscope.query.logs.of_trace import time_of_trace
from taskscope.query.logs.position import Position
from taskscope.query.logs.scan import Scan
from taskscope.store.api import Reader

MAX_LIMIT: Final = 10_000
_MOST_TRIED: Final = 200_000
"""Rows that a page may try a pattern on which SQL cannot say: some 2 s."""
_TRIED_AT_ONCE: Final = 5_000


def search_logs(
    reader: Reader,
    window: Window,
    *,
    limit: int = 100,
    cursor: str = "",
    newest_first: bool = True,
    deadline_seconds: float = 10.0,
    **filters: Unpack[LogFilters],
) -> LogPage:
    """
    Return log records of a window in order of time.

    Pages that follow one another by cursor bring each record that was there at the first one exactly once. A page may
    hold fewer records than asked for, or none, and still have a cursor: the search took long, and goes on from there.

    Raises:
        UsageError: A filter, the cursor or the limit cannot be read.
        TaskscopeError: The store does not answer, or a slice of time holds too much.
    """
    if not 1 <= limit <= MAX_LIMIT:
        raise UsageError(f"a page has 1 to {MAX_LIMIT} log records, not {limit}")
    plan = plan_filters(filters, time_of_trace(reader, window, filters.get("trace_id", "")))
    deadline = time.monotonic() + deadline_seconds
    scan = Scan(reader, window, plan.condition, newest_first=newest_first)
    lines: list[LogLine] = []
    tried = 0
    size = limit + 1 if plan.matches is None else max(limit + 1, _TRIED_AT_ONCE)
    for batch in scan.batches(Position.parse(cursor) if cursor else None, size):
        lines += [row.line for row in batch if plan.matches is None or plan.matches(row.line)]
        if len(lines) > limit:
            return LogPage(tuple(lines[:limit]), lines[limit - 1].cursor)
        tried += len(batch)
        if tried > _MOST_TRIED or time.monotonic() > deadline:
            reached = batch[-1].position if batch else scan.reached
            return LogPage(tuple(lines), str(reached or ""))
    return LogPage(tuple(lines))
