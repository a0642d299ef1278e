"""Spans: ``ExportTraceServiceRequest`` in JSON, read."""

from typing import Final

import msgspec

from taskscope.model.ids import SPAN_ID_BYTES, TRACE_ID_BYTES
from taskscope.model.resource import Resource, Scope
from taskscope.model.span import Span, SpanEvent, SpanKind, SpanLink, Status
from taskscope.wire.otlp.json_values import (
    Enum,
    KeyValue,
    Message,
    ResourceMessage,
    ScopeMessage,
    Uint32,
    Uint64,
    enum_number,
    read_attributes,
    read_id,
    read_resource,
    read_scope,
    reading,
    unsigned,
)
from taskscope.wire.otlp.rules import INVALID_SPAN_ID, INVALID_TRACE_ID, Decoded, without_negative_duration


class _Event(Message):
    time_unix_nano: Uint64 | None = None
    name: str | None = None
    attributes: list[KeyValue] | None = None


class _Link(Message):
    trace_id: str | None = None
    span_id: str | None = None
    trace_state: str | None = None
    attributes: list[KeyValue] | None = None


class _Status(Message):
    code: Enum | None = None
    message: str | None = None


class _Span(Message):
    trace_id: str | None = None
    span_id: str | None = None
    parent_span_id: str | None = None
    name: str | None = None
    kind: Enum | None = None
    start_time_unix_nano: Uint64 | None = None
    end_time_unix_nano: Uint64 | None = None
    attributes: list[KeyValue] | None = None
    events: list[_Event] | None = None
    links: list[_Link] | None = None
    status: _Status | None = None
    trace_state: str | None = None
    flags: Uint32 | None = None


class _ScopeSpans(Message):
    scope: ScopeMessage | None = None
    spans: list[_Span] | None = None
    schema_url: str | None = None


class _ResourceSpans(Message):
    resource: ResourceMessage | None = None
    scope_spans: list[_ScopeSpans] | None = None
    schema_url: str | None = None


class _Request(Message):
    resource_spans: list[_ResourceSpans] | None = None


_DECODER: Final = msgspec.json.Decoder(_Request, strict=False)
_KINDS: Final = {f"SPAN_KIND_{kind.name}": int(kind) for kind in SpanKind}
_STATUSES: Final = {f"STATUS_CODE_{status.name}": int(status) for status in Status}
_UNSET: Final = _Status()


def decode_traces_json(body: bytes) -> Decoded[Span]:
    """
    Read the spans of one export request, by the rules of ``traces.decode_traces``.

    Raises:
        MalformedPayloadError: The body is no export request.
    """
    rows: list[Span] = []
    invalid: list[str] = []
    with reading("a trace request"):
        for resource_spans in _DECODER.decode(body).resource_spans or ():
            resource = read_resource(resource_spans.resource, resource_spans.schema_url)
            for scope_spans in resource_spans.scope_spans or ():
                scope = read_scope(scope_spans.scope, scope_spans.schema_url)
                for span in scope_spans.spans or ():
                    trace_id, span_id = read_id(span.trace_id, TRACE_ID_BYTES), read_id(span.span_id, SPAN_ID_BYTES)
                    if trace_id and span_id:
                        rows.append(_read_span(trace_id, span_id, span, resource, scope))
                    else:
                        invalid.append(INVALID_SPAN_ID if trace_id else INVALID_TRACE_ID)
    return Decoded(rows, invalid)


def _read_span(trace_id: bytes, span_id: bytes, span: _Span, resource: Resource, scope: Scope) -> Span:
    status = span.status or _UNSET
    return without_negative_duration(
        Span(
            trace_id,
            span_id,
            read_id(span.parent_span_id, SPAN_ID_BYTES),
            span.name or "",
            enum_number(span.kind, _KINDS),
            unsigned(span.start_time_unix_nano),
            unsigned(span.end_time_unix_nano),
            read_attributes(span.attributes),
            resource,
            scope,
            enum_number(status.code, _STATUSES),
            status.message or "",
            tuple(map(_read_event, span.events or ())),
            tuple(map(_read_link, span.links or ())),
            span.trace_state or "",
            span.flags or 0,
        )
    )


def _read_event(event: _Event) -> SpanEvent:
    return SpanEvent(unsigned(event.time_unix_nano), event.name or "", read_attributes(event.attributes))


def _read_link(link: _Link) -> SpanLink:
    return SpanLink(
        read_id(link.trace_id, TRACE_ID_BYTES),
        read_id(link.span_id, SPAN_ID_BYTES),
        link.trace_state or "",
        read_attributes(link.attributes),
    )
