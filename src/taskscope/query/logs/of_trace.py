"""When texts may name a trace: around what its id finds by an index, since texts have to be read."""

from typing import Final

from taskscope.model.window import Window
from taskscope.query.logs.filters import read_trace_id
from taskscope.query.logs.statements import statement
from taskscope.store.api import Reader
from taskscope.store.statements import LATEST_NS

_QUARTER_NS: Final = 15 * 60_000_000_000
_HOUR_NS: Final = 3_600_000_000_000
"""Around a window: spans that began before it may be what its records are of."""


def time_of_trace(reader: Reader, window: Window, trace: str) -> Window | None:
    """
    Return a quarter of an hour around the spans of a trace and the records that name it, near a window; None where
    there are none, or no trace is named.

    Raises:
        UsageError: It is no trace's id.
        TaskscopeError: The store does not answer.
    """
    if not trace:
        return None
    bounds = {"start": max(0, window.start_ns - _HOUR_NS), "end": min(window.end_ns + _HOUR_NS, LATEST_NS)}
    [[first, last, count]] = reader.query(
        statement("time_of_trace"), {"trace": read_trace_id(trace).hex(), **bounds}
    ).rows
    return Window(max(0, first - _QUARTER_NS), last + _QUARTER_NS) if count else None
