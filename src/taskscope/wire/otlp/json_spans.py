"""Spans to OTLP's JSON: the body of an export request, as OTLP/JSON writes it."""

import base64
import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

from taskscope.model.attributes import Attributes, AttributeValue
from taskscope.model.span import Span
from taskscope.wire.otlp.grouping import by_resource_and_scope

_WORDS: Final = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def traces_document(spans: Iterable[Span]) -> dict[str, Any]:
    """
    Return an export request as JSON has it: ids in hexadecimal, 64-bit numbers as texts, what is not set left out.

    Spans are grouped by resource and scope, which are told apart by identity.
    """
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": _attributes(scopes[0][0].resource.attributes)},
                "scopeSpans": [_scope_spans(rows) for rows in scopes],
                **_set(schemaUrl=scopes[0][0].resource.schema_url),
            }
            for scopes in by_resource_and_scope(spans)
        ]
    }


def _scope_spans(rows: Iterable[Span]) -> dict[str, Any]:
    spans = list(rows)
    scope = spans[0].scope
    named = _set(name=scope.name, version=scope.version, attributes=_attributes(scope.attributes))
    return {"scope": named, "spans": [_span(each) for each in spans], **_set(schemaUrl=scope.schema_url)}


def _span(span: Span) -> dict[str, Any]:
    return {
        "traceId": span.trace_id.hex(),
        "spanId": span.span_id.hex(),
        "name": span.name,
        "kind": int(span.kind),
        "startTimeUnixNano": str(span.start_ns),
        "endTimeUnixNano": str(span.end_ns),
        "status": _set(code=int(span.status), message=span.status_message),
        **_set(
            parentSpanId=span.parent_span_id.hex() if any(span.parent_span_id) else "",
            traceState=span.trace_state,
            flags=span.flags,
            attributes=_attributes(span.attributes),
            events=[
                {"timeUnixNano": str(each.time_ns), "name": each.name, **_set(attributes=_attributes(each.attributes))}
                for each in span.events
            ],
            links=[
                {
                    "traceId": each.trace_id.hex(),
                    "spanId": each.span_id.hex(),
                    **_set(traceState=each.trace_state, attributes=_attributes(each.attributes)),
                }
                for each in span.links
            ],
        ),
    }


def _set(**members: Any) -> dict[str, Any]:
    """Leave out what has its default."""
    return {name: value for name, value in members.items() if value}


def _attributes(attributes: Attributes) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(value)} for key, value in attributes.items()]


def _value(value: AttributeValue) -> dict[str, Any]:
    match value:
        case None:
            return {}
        case str():
            return {"stringValue": value}
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value if math.isfinite(value) else _WORDS[str(value)]}
        case bytes():
            return {"bytesValue": base64.b64encode(value).decode("ascii")}
        case Mapping():
            return {"kvlistValue": {"values": _attributes(value)}}
    return {"arrayValue": {"values": [_value(each) for each in value]}}
