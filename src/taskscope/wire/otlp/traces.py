"""Spans: ``ExportTraceServiceRequest`` in Protobuf, read and written."""

from collections.abc import Iterable

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as SpanMessage

from taskscope.model.ids import SPAN_ID_BYTES, TRACE_ID_BYTES
from taskscope.model.resource import Resource, Scope
from taskscope.model.span import Span, SpanEvent, SpanLink
from taskscope.wire.otlp.grouping import by_resource_and_scope
from taskscope.wire.otlp.rules import (
    INVALID_SPAN_ID,
    INVALID_TRACE_ID,
    Decoded,
    usable_id,
    without_negative_duration,
)
from taskscope.wire.otlp.values import (
    parse,
    read_attributes,
    read_resource,
    read_scope,
    write_attributes,
    write_resource,
    write_scope,
)


def decode_traces(body: bytes) -> Decoded[Span]:
    """
    Read the spans of one export request.

    A span without valid ids makes no row but a reason; a parent's or a linked span's id that is not valid reads as
    empty. The counts of what the sender dropped are not read.

    Raises:
        MalformedPayloadError: The body is no export request.
    """
    rows: list[Span] = []
    invalid: list[str] = []
    for resource_spans in parse(ExportTraceServiceRequest, body).resource_spans:
        resource = read_resource(resource_spans.resource, resource_spans.schema_url)
        for scope_spans in resource_spans.scope_spans:
            scope = read_scope(scope_spans.scope, scope_spans.schema_url)
            for span in scope_spans.spans:
                if not usable_id(span.trace_id, TRACE_ID_BYTES):
                    invalid.append(INVALID_TRACE_ID)
                elif not usable_id(span.span_id, SPAN_ID_BYTES):
                    invalid.append(INVALID_SPAN_ID)
                else:
                    rows.append(_read_span(span, resource, scope))
    return Decoded(rows, invalid)


def _read_span(span: SpanMessage, resource: Resource, scope: Scope) -> Span:
    status = span.status
    return without_negative_duration(
        Span(
            span.trace_id,
            span.span_id,
            usable_id(span.parent_span_id, SPAN_ID_BYTES),
            span.name,
            span.kind,
            span.start_time_unix_nano,
            span.end_time_unix_nano,
            read_attributes(span.attributes),
            resource,
            scope,
            status.code,
            status.message,
            tuple(map(_read_event, span.events)) if span.events else (),
            tuple(map(_read_link, span.links)) if span.links else (),
            span.trace_state,
            span.flags,
        )
    )


def _read_event(event: SpanMessage.Event) -> SpanEvent:
    return SpanEvent(event.time_unix_nano, event.name, read_attributes(event.attributes))


def _read_link(link: SpanMessage.Link) -> SpanLink:
    return SpanLink(
        usable_id(link.trace_id, TRACE_ID_BYTES),
        usable_id(link.span_id, SPAN_ID_BYTES),
        link.trace_state,
        read_attributes(link.attributes),
    )


def encode_traces(spans: Iterable[Span]) -> bytes:
    """
    Write one export request; spans keep their order within resource and scope, which are told apart by identity.

    OTLP has no place for ``in_progress``.

    Raises:
        ValueError: A number does not fit its field, or text holds half of a surrogate pair.
    """
    request = ExportTraceServiceRequest()
    for scopes in by_resource_and_scope(spans):
        resource_spans = request.resource_spans.add(schema_url=scopes[0][0].resource.schema_url)
        write_resource(resource_spans.resource, scopes[0][0].resource)
        for rows in scopes:
            scope_spans = resource_spans.scope_spans.add(schema_url=rows[0].scope.schema_url)
            write_scope(scope_spans.scope, rows[0].scope)
            for span in rows:
                _write_span(scope_spans.spans.add(), span)
    return request.SerializeToString()


def _write_span(target: SpanMessage, span: Span) -> None:
    target.trace_id = span.trace_id
    target.span_id = span.span_id
    target.parent_span_id = span.parent_span_id
    target.name = span.name
    target.kind = span.kind  # type: ignore[assignment]  # numbers that OTLP does not know are kept
    target.start_time_unix_nano = span.start_ns
    target.end_time_unix_nano = span.end_ns
    target.trace_state = span.trace_state
    target.flags = span.flags
    if span.status or span.status_message:
        target.status.code = span.status  # type: ignore[assignment]  # as above
        target.status.message = span.status_message
    write_attributes(target.attributes, span.attributes)
    for event in span.events:
        added = target.events.add(time_unix_nano=event.time_ns, name=event.name)
        write_attributes(added.attributes, event.attributes)
    for link in span.links:
        linked = target.links.add(trace_id=link.trace_id, span_id=link.span_id, trace_state=link.trace_state)
        write_attributes(linked.attributes, link.attributes)
