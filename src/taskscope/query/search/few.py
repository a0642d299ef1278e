"""A few traces, checked and summed up in memory: what a statement over them costs is mostly its planning."""

from collections.abc import Sequence

from taskscope.model.resource import UNKNOWN_SERVICE
from taskscope.model.span import Span
from taskscope.model.trace import TraceSummary
from taskscope.model.window import Window
from taskscope.query.search.ast import Expression
from taskscope.query.search.evaluate import matches
from taskscope.query.trace.read import read_few
from taskscope.query.trace.summary import summarize
from taskscope.store.api import Reader


def summaries_of_few(
    reader: Reader, expression: Expression, trace_ids: Sequence[bytes], window: Window
) -> list[TraceSummary] | None:
    """
    Sum up those of some traces that an expression asks for; None where it is the store's to do.

    That is where they are long, still going on, or have spans that do not say whose they are.

    Raises:
        UnreachableError: Nothing answers at the store's address.
        TaskscopeError: It took too long or too much memory.
    """
    spans = read_few(reader, trace_ids, window=window)
    if spans is None or any(each.resource.service_name == UNKNOWN_SERVICE for each in spans):
        return None
    traces: dict[bytes, list[Span]] = {}
    for each in spans:
        traces.setdefault(each.trace_id, []).append(each)
    return [summarize(trace) for trace in traces.values() if matches(expression, trace)]
