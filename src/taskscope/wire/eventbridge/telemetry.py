"""Events of Lambda's Telemetry API, ``{time, type, record}``: platform events and the lines that a function writes."""

from collections.abc import Mapping
from typing import Any, Final

from taskscope.errors import MalformedPayloadError
from taskscope.model.attributes import AttributeValue
from taskscope.model.log import LogRecord
from taskscope.model.resource import Resource
from taskscope.wire.log_fields import read_span_id, read_time_text, read_trace_header, take_meaning

_LAMBDA: Final = Resource({"cloud.provider": "aws", "cloud.platform": "aws_lambda"})
"""The events do not name their function; who receives them may know."""
_LINES: Final = frozenset({"function", "extension"})
_REQUEST: Final = "faas.invocation_id"
_INFO: Final = 9
_ERROR: Final = 17
_WELL: Final = frozenset({None, "success"})


def is_telemetry(event: Mapping[str, Any]) -> bool:
    """Tell an event of the Telemetry API from one of EventBridge."""
    return "record" in event and "type" in event and "detail-type" not in event


def read_telemetry(event: Mapping[str, Any], *, received_ns: int) -> LogRecord:
    """
    Read one event; its type is the record's ``event_name``.

    A line is the body, and one that is an object gives its message and level as Fluent records do. Of a platform event
    the record is the body, and its members are attributes too. A status other than ``success`` is an error. The request
    is ``faas.invocation_id``.

    Raises:
        MalformedPayloadError: Time or type are none, or a platform event has no members.
    """
    kind, record = event["type"], event["record"]
    if not isinstance(kind, str):
        raise MalformedPayloadError("the type of the event is no text")
    time_ns = _time(event.get("time"))
    if isinstance(record, str) and kind in _LINES:
        return LogRecord(time_ns, record.rstrip("\n"), {}, _LAMBDA, event_name=kind, observed_ns=received_ns)
    if not isinstance(record, dict):
        raise MalformedPayloadError(f"the record of a {kind[:64]!r} is no object")
    fields: dict[str, AttributeValue] = dict(record)
    if "requestId" in fields:
        fields[_REQUEST] = fields.pop("requestId")
    if kind in _LINES:
        return _read_line(kind, record, fields, time_ns, received_ns)
    trace_id, span_id = _read_tracing(fields.pop("tracing", None))
    failed = record.get("status") not in _WELL
    return LogRecord(
        time_ns=time_ns,
        body=record,
        attributes=fields,
        resource=_LAMBDA,
        severity_number=_ERROR if failed else _INFO,
        severity_text="ERROR" if failed else "INFO",
        trace_id=trace_id,
        span_id=span_id,
        event_name=kind,
        observed_ns=received_ns,
    )


def _read_line(
    kind: str, record: Mapping[str, AttributeValue], fields: dict[str, AttributeValue], time_ns: int, received_ns: int
) -> LogRecord:
    meaning = take_meaning(fields)
    return LogRecord(
        time_ns=meaning.time_ns or time_ns,
        body=record if meaning.message is None else meaning.message,
        attributes=fields,
        resource=_LAMBDA,
        severity_number=meaning.severity_number,
        severity_text=meaning.severity_text,
        trace_id=meaning.trace_id,
        span_id=meaning.span_id,
        event_name=kind,
        observed_ns=received_ns,
    )


def _read_tracing(tracing: Any) -> tuple[bytes, bytes]:
    """Read ``{type, value, spanId?}``: the span is the one named, else the parent in the trace header."""
    if not isinstance(tracing, dict) or not isinstance(tracing.get("value"), str):
        return b"", b""
    trace_id, parent = read_trace_header(tracing["value"]) or (b"", b"")
    return trace_id, read_span_id(tracing.get("spanId")) or parent


def _time(value: Any) -> int:
    time_ns = read_time_text(value) if isinstance(value, str) else None
    if time_ns is None:
        raise MalformedPayloadError(f"the event's time {str(value)[:64]!r} is no time")
    return time_ns
