"""Which span stands for a whole trace."""

from collections.abc import Iterable

from taskscope.model.span import Span
from taskscope.query.rules.node import has_parent, is_entry


def root_of(spans: Iterable[Span]) -> Span:
    """
    Return the root of a trace: of the spans that enter a service the first without a parent, else the first; of a
    trace without any such span the first of all. The first is the one that starts first, then the one of lesser id.
    """
    return min(spans, key=_rank)


def _rank(span: Span) -> tuple[bool, bool, int, bytes]:
    enters = is_entry(span)
    return not (enters and not has_parent(span)), not enters, span.start_ns, span.span_id
