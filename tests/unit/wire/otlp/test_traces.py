"""Rules for spans, in both encodings."""

from collections.abc import Callable

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as SpanMessage

from taskscope.model.resource import Resource, Scope
from taskscope.model.span import Span, SpanKind
from taskscope.wire.otlp.json_traces import decode_traces_json
from taskscope.wire.otlp.rules import END_BEFORE_START, INVALID_SPAN_ID, INVALID_TRACE_ID, Decoded
from taskscope.wire.otlp.traces import decode_traces, encode_traces
from tests.unit.wire.otlp.messages import otlp_json

TRACE_ID = bytes.fromhex("65f0c1d29b1e4c77a0d3f2e5c6b7a899")
SPAN_ID = bytes.fromhex("3f2a9c0d11e4b7a8")


def _from_protobuf(request: ExportTraceServiceRequest) -> Decoded[Span]:
    return decode_traces(request.SerializeToString())


def _from_json(request: ExportTraceServiceRequest) -> Decoded[Span]:
    return decode_traces_json(otlp_json(request))


either_encoding = pytest.mark.parametrize("decode", [_from_protobuf, _from_json], ids=["protobuf", "json"])
Decode = Callable[[ExportTraceServiceRequest], Decoded[Span]]


def _request(*spans: SpanMessage) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    request.resource_spans.add().scope_spans.add().spans.extend(spans)
    return request


@either_encoding
@pytest.mark.parametrize(
    ("trace_id", "span_id", "reason"),
    [
        (b"", SPAN_ID, INVALID_TRACE_ID),
        (bytes(16), SPAN_ID, INVALID_TRACE_ID),
        (TRACE_ID[:8], SPAN_ID, INVALID_TRACE_ID),
        (TRACE_ID, b"", INVALID_SPAN_ID),
        (TRACE_ID, bytes(8), INVALID_SPAN_ID),
        (TRACE_ID, TRACE_ID, INVALID_SPAN_ID),
    ],
)
def test_span_without_valid_ids_leaves_the_others(decode: Decode, trace_id: bytes, span_id: bytes, reason: str) -> None:
    """It makes a reason instead of a row, and its neighbours rows as ever."""
    good = SpanMessage(trace_id=TRACE_ID, span_id=SPAN_ID)

    rows, invalid = decode(_request(good, SpanMessage(trace_id=trace_id, span_id=span_id), good))

    assert [row.span_id for row in rows] == [SPAN_ID, SPAN_ID]
    assert list(invalid) == [reason]


@either_encoding
@pytest.mark.parametrize("parent", [b"", bytes(8), b"abc"])
def test_parent_that_is_no_id_is_no_parent(decode: Decode, parent: bytes) -> None:
    """Some senders write zeros for a root; nothing else could be meant by an id that cannot be."""
    [span] = decode(_request(SpanMessage(trace_id=TRACE_ID, span_id=SPAN_ID, parent_span_id=parent))).rows

    assert span.parent_span_id == b""


@either_encoding
def test_span_that_ends_before_it_starts_has_no_duration_and_says_so(decode: Decode) -> None:
    """The span is kept at its start, marked."""
    message = SpanMessage(trace_id=TRACE_ID, span_id=SPAN_ID, start_time_unix_nano=70, end_time_unix_nano=69)

    [span] = decode(_request(message)).rows

    assert (span.start_ns, span.end_ns, span.attributes) == (70, 70, {END_BEFORE_START: True})


@either_encoding
def test_numbers_of_newer_protocols_are_kept(decode: Decode) -> None:
    """A kind or status that this version does not know stays the number it is."""
    message = SpanMessage(trace_id=TRACE_ID, span_id=SPAN_ID, kind=77)  # type: ignore[arg-type]  # on purpose
    message.status.code = 78  # type: ignore[assignment]  # on purpose

    [span] = decode(_request(message)).rows

    assert (span.kind, span.status) == (77, 78)


def test_spans_are_written_by_resource_and_scope() -> None:
    """Rows that share a resource or scope share the message, in order of first appearance; equal ones stay apart."""
    shop, other = Resource({"service.name": "shop"}), Resource({"service.name": "shop"})
    http, sql = Scope("http", "1"), Scope("sql", schema_url="https://x/1")
    rows = [
        Span(TRACE_ID, SPAN_ID, b"", name, SpanKind.SERVER, 1, 2, {}, resource, scope)
        for name, resource, scope in [("a", shop, http), ("b", other, http), ("c", shop, sql), ("d", shop, http)]
    ]

    request = ExportTraceServiceRequest.FromString(encode_traces(rows))

    names = [
        [[span.name for span in scope.spans] for scope in resource.scope_spans] for resource in request.resource_spans
    ]
    assert names == [[["a", "d"], ["c"]], [["b"]]]
    assert request.resource_spans[0].scope_spans[1].schema_url == "https://x/1"


def test_number_that_does_not_fit_is_a_value_error() -> None:
    """Rows that break the model's promise do not become other rows."""
    row = Span(TRACE_ID, SPAN_ID, b"", "a", SpanKind.SERVER, -1, 2, {}, Resource())

    with pytest.raises(ValueError, match="-1"):
        encode_traces([row])
