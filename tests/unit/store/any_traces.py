"""Traces of a few services over some minutes, of every shape that a service map tells apart."""

from typing import Any, Final

from hypothesis import strategies as st

from taskscope.clock import SECOND
from taskscope.model.resource import Resource
from taskscope.model.span import Span, SpanLink

_SECONDS: Final = (0, 1, 30, 59, 60, 119, 200, 480)
"""At which spans begin: around the turn of minutes, and within the reach of an answer."""
_SENDERS: Final = (
    {"service.name": "web"},
    {"service.name": "web", "host.name": "other"},
    {"service.name": "orders", "cloud.platform": "aws_ecs", "cloud.account.id": "1"},
    {"service.name": "fn", "aws.xray.origin": "AWS::Lambda"},
    {"service.name": "fn", "aws.xray.origin": "AWS::Lambda::Function"},
)
_CALLS: Final[tuple[dict[str, str], ...]] = (
    {},
    {"server.address": "pay.test"},
    {"rpc.system": "aws-api", "rpc.service": "DynamoDB", "aws.table_name": "orders"},
    {"aws.xray.namespace": "remote", "aws.xray.traced": "true"},
    {"http.response.status_code": "429"},
    {"http.response.status_code": "503"},
)
_DOCUMENTS: Final = ("", "", "segment", "embedded", "subsegment")
_DURATIONS: Final = (0, 1, 2, 5_000_000, 5_100_000, 90 * SECOND)


@st.composite
def _any_trace(draw: Any, base_ns: int, trace: int) -> list[Span]:
    spans: list[Span] = []
    for number in range(draw(st.integers(1, 6))):
        parent = draw(st.sampled_from([None, *spans[-3:]])) if spans else None
        missing = parent is None and draw(st.integers(0, 5)) == 0
        document = draw(st.sampled_from(_DOCUMENTS if parent else ("", "segment")))
        start = base_ns + draw(st.sampled_from(_SECONDS)) * SECOND
        if parent is not None and start < parent.start_ns:
            start = parent.start_ns
        attributes = dict(draw(st.sampled_from(_CALLS)))
        if document:
            attributes["aws.xray.document"] = document
        resource = Resource(draw(st.sampled_from(_SENDERS)))
        if document == "embedded" and parent is not None:
            resource = parent.resource
        if document == "subsegment":
            resource = Resource()
        spans.append(
            Span(
                trace.to_bytes(16),
                (trace * 100 + number + 1).to_bytes(8),
                b"\xff" * 8 if missing else parent.span_id if parent is not None else b"",
                "GET /",
                draw(st.integers(0, 5)),
                start,
                start + draw(st.sampled_from(_DURATIONS)),
                attributes,
                resource,
                status=draw(st.integers(0, 2)),
            )
        )
    return spans


@st.composite
def any_traces(draw: Any, base_ns: int) -> list[Span]:
    """Draw the spans of some traces that begin in a minute; their ids differ from those of other minutes."""
    first = base_ns // SECOND % 10**9 * 100 + 1
    spans = [span for trace in range(draw(st.integers(1, 6))) for span in draw(_any_trace(base_ns, first + trace))]
    linked = []
    for span in spans:
        named = [each for each in spans if each.resource.attributes]
        earlier = [each for each in named if each.start_ns <= span.start_ns and each is not span]
        if earlier and span in named and draw(st.integers(0, 7)) == 0:
            ends = draw(st.lists(st.sampled_from(earlier), min_size=1, max_size=3))
            links = [SpanLink(each.trace_id, each.span_id, "", {}) for each in ends]
            linked.append(span._replace(links=(*links, SpanLink(b"\xee" * 16, b"\xee" * 8, "", {}))))
        else:
            linked.append(span)
    return linked
