"""Rules for log records, in both encodings."""

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord as LogMessage

from taskscope.model.log import LogRecord
from taskscope.wire.otlp.json_logs import decode_logs_json
from taskscope.wire.otlp.logs import decode_logs
from tests.unit.wire.otlp.messages import otlp_json


def _both(message: LogMessage, *, received_ns: int = 0) -> LogRecord:
    """Read a record from Protobuf; from JSON it is the same."""
    request = ExportLogsServiceRequest()
    request.resource_logs.add().scope_logs.add().log_records.append(message)
    [record] = decode_logs(request.SerializeToString(), received_ns=received_ns).rows
    [from_json] = decode_logs_json(otlp_json(request), received_ns=received_ns).rows
    assert record[:3] + record[5:] == from_json[:3] + from_json[5:]
    return record


@pytest.mark.parametrize(
    ("sent_ns", "observed_ns", "expected_ns"), [(5, 6, 5), (0, 6, 6), (0, 0, 7)], ids=["sent", "observed", "received"]
)
def test_record_without_a_time_gets_the_next_best(sent_ns: int, observed_ns: int, expected_ns: int) -> None:
    """The time of the event, else of its observation, else of its arrival; the observed one stays as sent."""
    record = _both(LogMessage(time_unix_nano=sent_ns, observed_time_unix_nano=observed_ns), received_ns=7)

    assert (record.time_ns, record.observed_ns) == (expected_ns, observed_ns)


def test_record_keeps_name_severity_and_flags() -> None:
    """An event's name and a severity in number and text are fields of their own."""
    record = _both(LogMessage(event_name="device.started", severity_number=17, severity_text="ERR", flags=1))  # type: ignore[arg-type]  # an enum's number

    assert (record.event_name, record.severity_number, record.severity_text) == ("device.started", 17, "ERR")
    assert record.flags == 1


def test_ids_that_cannot_be_are_left_out() -> None:
    """OTLP tells receivers to take such a record as one outside of any span."""
    record = _both(LogMessage(trace_id=b"abc", span_id=bytes(8)))

    assert (record.trace_id, record.span_id) == (b"", b"")


def test_record_without_a_body_has_none() -> None:
    """Nothing is not an empty text."""
    assert _both(LogMessage()).body is None


def test_severity_by_name_is_read_from_json() -> None:
    """Stock JSON printers write enums by name."""
    body = b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"severityNumber":"SEVERITY_NUMBER_ERROR"}]}]}]}'

    [record] = decode_logs_json(body, received_ns=1).rows

    assert record.severity_number == 17
