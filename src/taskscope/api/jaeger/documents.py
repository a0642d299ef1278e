"""Spans in Jaeger's JSON: times in microseconds, attributes as typed tags, senders as processes."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from taskscope.clock import MICROSECOND
from taskscope.model.attributes import AttributeValue
from taskscope.model.span import Span, SpanEvent, SpanKind, Status
from taskscope.query.rules.node import has_parent

_INTEGER: Final = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_NUMBERS: Final = frozenset({"http.status_code", "http.response.status_code", "server.port", "net.peer.port"})
"""What Jaeger's page shows as numbers; the store keeps texts, and other texts stay such."""


def traces_of(spans: Iterable[Span]) -> list[dict[str, Any]]:
    """Return spans as traces, in the order in which their ids come first."""
    by_trace: dict[bytes, list[Span]] = {}
    for each in spans:
        by_trace.setdefault(each.trace_id, []).append(each)
    return [_trace(trace_id, of_one) for trace_id, of_one in by_trace.items()]


def _trace(trace_id: bytes, spans: Sequence[Span]) -> dict[str, Any]:
    processes: dict[tuple[str, tuple[tuple[str, str], ...]], str] = {}
    written = []
    for each in spans:
        attributes = tuple(sorted((key, str(value)) for key, value in each.resource.attributes.items()))
        process = processes.setdefault((each.resource.service_name, attributes), f"p{len(processes) + 1}")
        written.append(_span(each, process))
    return {
        "traceID": trace_id.hex(),
        "spans": written,
        "processes": {
            name: {"serviceName": service, "tags": _tags(dict(attributes), without="service.name")}
            for (service, attributes), name in processes.items()
        },
        "warnings": None,
    }


def _span(span: Span, process: str) -> dict[str, Any]:
    return {
        "traceID": span.trace_id.hex(),
        "spanID": span.span_id.hex(),
        "flags": 1,
        "operationName": span.name,
        "references": _references(span),
        "startTime": span.start_ns // MICROSECOND,
        "duration": max(0, span.end_ns - span.start_ns) // MICROSECOND,
        "tags": _own_tags(span),
        "logs": [_log(each) for each in span.events],
        "processID": process,
        "warnings": ["this span is in progress"] if span.in_progress else None,
    }


def _references(span: Span) -> list[dict[str, str]]:
    parents = [("CHILD_OF", span.trace_id, span.parent_span_id)] if has_parent(span) else []
    links = [("FOLLOWS_FROM", each.trace_id, each.span_id) for each in span.links]
    return [
        {"refType": kind, "traceID": trace_id.hex(), "spanID": span_id.hex()}
        for kind, trace_id, span_id in parents + links
    ]


def _own_tags(span: Span) -> list[dict[str, Any]]:
    """Return the attributes, and what Jaeger's page looks for: the kind, and whether it failed."""
    tags = _tags(span.attributes)
    if span.kind > SpanKind.UNSPECIFIED and span.kind in list(SpanKind):
        tags.append({"key": "span.kind", "type": "string", "value": SpanKind(span.kind).name.lower()})
    if span.status != Status.UNSET:
        tags.append({"key": "otel.status_code", "type": "string", "value": Status(span.status).name})
    if span.status == Status.ERROR:
        tags.append({"key": "error", "type": "bool", "value": True})
    if span.status_message:
        tags.append({"key": "otel.status_description", "type": "string", "value": span.status_message})
    if span.scope.name:
        tags.append({"key": "otel.scope.name", "type": "string", "value": span.scope.name})
    return tags


def _log(event: SpanEvent) -> dict[str, Any]:
    name = {"key": "event", "type": "string", "value": event.name}
    return {"timestamp": event.time_ns // MICROSECOND, "fields": [name, *_tags(event.attributes)]}


def _tags(attributes: Mapping[str, AttributeValue], *, without: str = "") -> list[dict[str, Any]]:
    return [_tag(key, str(value)) for key, value in attributes.items() if key != without]


def _tag(key: str, text: str) -> dict[str, Any]:
    if key in _NUMBERS and _INTEGER.fullmatch(text):
        return {"key": key, "type": "int64", "value": int(text)}
    if text in ("true", "false"):
        return {"key": key, "type": "bool", "value": text == "true"}
    return {"key": key, "type": "string", "value": text}
