"""Log records: ``ExportLogsServiceRequest`` in Protobuf, read and written."""

from collections.abc import Iterable

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord as LogMessage

from taskscope.model.ids import SPAN_ID_BYTES, TRACE_ID_BYTES
from taskscope.model.log import LogRecord
from taskscope.model.resource import Resource, Scope
from taskscope.wire.otlp.grouping import by_resource_and_scope
from taskscope.wire.otlp.rules import Decoded, usable_id
from taskscope.wire.otlp.values import (
    parse,
    read_attributes,
    read_resource,
    read_scope,
    read_value,
    write_attributes,
    write_resource,
    write_scope,
    write_value,
)


def decode_logs(body: bytes, *, received_ns: int) -> Decoded[LogRecord]:
    """
    Read the log records of one export request; every one makes a row.

    A record without a time gets the time of its observation, or else of its arrival; an id that is not valid reads as
    empty. The counts of what the sender dropped are not read.

    Raises:
        MalformedPayloadError: The body is no export request.
    """
    rows = []
    for resource_logs in parse(ExportLogsServiceRequest, body).resource_logs:
        resource = read_resource(resource_logs.resource, resource_logs.schema_url)
        for scope_logs in resource_logs.scope_logs:
            scope = read_scope(scope_logs.scope, scope_logs.schema_url)
            rows += [_read_record(record, resource, scope, received_ns) for record in scope_logs.log_records]
    return Decoded(rows, ())


def _read_record(record: LogMessage, resource: Resource, scope: Scope, received_ns: int) -> LogRecord:
    return LogRecord(
        record.time_unix_nano or record.observed_time_unix_nano or received_ns,
        read_value(record.body),
        read_attributes(record.attributes),
        resource,
        scope,
        record.severity_number,
        record.severity_text,
        usable_id(record.trace_id, TRACE_ID_BYTES),
        usable_id(record.span_id, SPAN_ID_BYTES),
        record.flags,
        record.event_name,
        record.observed_time_unix_nano,
    )


def encode_logs(records: Iterable[LogRecord]) -> bytes:
    """
    Write one export request; records keep their order within resource and scope, which are told apart by identity.

    Raises:
        ValueError: A number does not fit its field, or text holds half of a surrogate pair.
    """
    request = ExportLogsServiceRequest()
    for scopes in by_resource_and_scope(records):
        resource_logs = request.resource_logs.add(schema_url=scopes[0][0].resource.schema_url)
        write_resource(resource_logs.resource, scopes[0][0].resource)
        for rows in scopes:
            scope_logs = resource_logs.scope_logs.add(schema_url=rows[0].scope.schema_url)
            write_scope(scope_logs.scope, rows[0].scope)
            for record in rows:
                _write_record(scope_logs.log_records.add(), record)
    return request.SerializeToString()


def _write_record(target: LogMessage, record: LogRecord) -> None:
    target.time_unix_nano = record.time_ns
    target.observed_time_unix_nano = record.observed_ns
    target.severity_number = record.severity_number  # type: ignore[assignment]  # unknown numbers are kept
    target.severity_text = record.severity_text
    target.trace_id = record.trace_id
    target.span_id = record.span_id
    target.flags = record.flags
    target.event_name = record.event_name
    write_value(target.body, record.body)
    write_attributes(target.attributes, record.attributes)
