"""Log records: ``ExportLogsServiceRequest`` in JSON, read."""

from typing import Final

import msgspec
from opentelemetry.proto.logs.v1.logs_pb2 import SeverityNumber

from taskscope.model.ids import SPAN_ID_BYTES, TRACE_ID_BYTES
from taskscope.model.log import LogRecord
from taskscope.model.resource import Resource, Scope
from taskscope.wire.otlp.json_values import (
    AnyValue,
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
    read_value,
    reading,
    unsigned,
)
from taskscope.wire.otlp.rules import Decoded


class _LogRecord(Message):
    time_unix_nano: Uint64 | None = None
    observed_time_unix_nano: Uint64 | None = None
    severity_number: Enum | None = None
    severity_text: str | None = None
    body: AnyValue | None = None
    attributes: list[KeyValue] | None = None
    flags: Uint32 | None = None
    trace_id: str | None = None
    span_id: str | None = None
    event_name: str | None = None


class _ScopeLogs(Message):
    scope: ScopeMessage | None = None
    log_records: list[_LogRecord] | None = None
    schema_url: str | None = None


class _ResourceLogs(Message):
    resource: ResourceMessage | None = None
    scope_logs: list[_ScopeLogs] | None = None
    schema_url: str | None = None


class _Request(Message):
    resource_logs: list[_ResourceLogs] | None = None


_DECODER: Final = msgspec.json.Decoder(_Request, strict=False)
_SEVERITIES: Final = {name: int(number) for name, number in SeverityNumber.items()}


def decode_logs_json(body: bytes, *, received_ns: int) -> Decoded[LogRecord]:
    """
    Read the log records of one export request, by the rules of ``logs.decode_logs``.

    Raises:
        MalformedPayloadError: The body is no export request.
    """
    rows: list[LogRecord] = []
    with reading("a logs request"):
        for resource_logs in _DECODER.decode(body).resource_logs or ():
            resource = read_resource(resource_logs.resource, resource_logs.schema_url)
            for scope_logs in resource_logs.scope_logs or ():
                scope = read_scope(scope_logs.scope, scope_logs.schema_url)
                rows += [_read_record(record, resource, scope, received_ns) for record in scope_logs.log_records or ()]
    return Decoded(rows, ())


def _read_record(record: _LogRecord, resource: Resource, scope: Scope, received_ns: int) -> LogRecord:
    observed_ns = unsigned(record.observed_time_unix_nano)
    return LogRecord(
        unsigned(record.time_unix_nano) or observed_ns or received_ns,
        read_value(record.body),
        read_attributes(record.attributes),
        resource,
        scope,
        enum_number(record.severity_number, _SEVERITIES),
        record.severity_text or "",
        read_id(record.trace_id, TRACE_ID_BYTES),
        read_id(record.span_id, SPAN_ID_BYTES),
        record.flags or 0,
        record.event_name or "",
        observed_ns,
    )
