"""Whose the X-Ray subsegments are that were sent alone, as ``owned_rows.sql`` finds it: the plain meaning."""

from collections.abc import Mapping, Sequence
from typing import Final

from taskscope.model.resource import UNKNOWN_SERVICE
from taskscope.model.span import Span
from taskscope.query.rules.node import is_inside

_MOST_STEPS: Final = 100
"""Up from such a subsegment to its segment; more are not followed."""


def with_owners(spans: Sequence[Span]) -> Sequence[Span]:
    """Give subsegments that were sent alone the resource of the nearest span above them that was not."""
    if not any(map(_is_alone, spans)):
        return spans
    by_id = {span.span_id: span for span in spans}
    return [_owned(span, by_id) if _is_alone(span) else span for span in spans]


def _is_alone(span: Span) -> bool:
    return span.resource.service_name == UNKNOWN_SERVICE and is_inside(span)


def _owned(span: Span, by_id: Mapping[bytes, Span]) -> Span:
    above = span
    for _ in range(_MOST_STEPS):
        above = by_id.get(above.parent_span_id, above)
        if not _is_alone(above):
            return span._replace(resource=above.resource)
    return span
