"""Events of Lambda's Telemetry API."""

from typing import Any

import pytest

from taskscope.errors import MalformedPayloadError
from taskscope.model.log import LogRecord
from taskscope.wire.eventbridge.telemetry import is_telemetry, read_telemetry

REQUEST = "7f5bd6a1-5b1a-4f3c-9a8e-1d2c3b4a5f60"
AT = 1_748_945_730_402_000_000
TRACING = {
    "spanId": "53995c3f42cd8ad8",
    "type": "X-Amzn-Trace-Id",
    "value": "Root=1-683ecb42-0123456789abcdef01234567;Parent=53995c3f42cd8ad9;Sampled=1",
}


def _read(kind: str, record: Any) -> LogRecord:
    event = {"time": "2025-06-03T10:15:30.402Z", "type": kind, "record": record}
    assert is_telemetry(event)
    return read_telemetry(event, received_ns=7)


def test_start_of_a_request_has_its_id_and_trace() -> None:
    """The span is the one that is named, else the parent in the header."""
    record = _read("platform.start", {"requestId": REQUEST, "version": "$LATEST", "tracing": TRACING})

    assert (record.event_name, record.time_ns, record.observed_ns) == ("platform.start", AT, 7)
    assert record.attributes == {"faas.invocation_id": REQUEST, "version": "$LATEST"}
    assert record.trace_id.hex() == "683ecb420123456789abcdef01234567"
    assert record.span_id.hex() == "53995c3f42cd8ad8"
    assert record.resource.attributes["cloud.platform"] == "aws_lambda"

    unnamed = _read("platform.start", {"requestId": REQUEST, "tracing": {**TRACING, "spanId": None}})
    assert unnamed.span_id.hex() == "53995c3f42cd8ad9"


def test_report_keeps_its_figures() -> None:
    """As attributes, and as the body that people read."""
    metrics = {"durationMs": 140.2, "maxMemoryUsedMB": 71}
    record = _read("platform.report", {"requestId": REQUEST, "status": "success", "metrics": metrics})

    assert record.attributes == {"faas.invocation_id": REQUEST, "status": "success", "metrics": metrics}
    assert record.body == {"requestId": REQUEST, "status": "success", "metrics": metrics}
    assert (record.severity_number, record.trace_id) == (9, b"")


@pytest.mark.parametrize("status", ["failure", "error", "timeout"])
def test_status_that_is_no_success_is_an_error(status: str) -> None:
    """Of a request or of its initialisation."""
    assert _read("platform.runtimeDone", {"requestId": REQUEST, "status": status}).severity_number == 17


def test_line_of_text_is_the_body() -> None:
    """Without its new line."""
    record = _read("function", "cart loaded\n")

    assert (record.body, record.attributes, record.event_name) == ("cart loaded", {}, "function")


def test_line_of_json_gives_message_level_and_attributes() -> None:
    """As Fluent records do; its own time is the better one."""
    record = _read(
        "function",
        {
            "timestamp": "2025-06-03T10:15:30.399Z",
            "level": "WARN",
            "message": "cart slow",
            "requestId": REQUEST,
            "xray_trace_id": "1-683ecb42-0123456789abcdef01234567",
            "items": 3,
        },
    )

    assert (record.body, record.severity_number, record.time_ns) == ("cart slow", 13, AT - 3_000_000)
    assert record.attributes == {"faas.invocation_id": REQUEST, "items": 3}
    assert record.trace_id.hex() == "683ecb420123456789abcdef01234567"
    assert _read("extension", {"items": 3}).body == {"items": 3}


@pytest.mark.parametrize(
    "event",
    [
        {"type": "function", "record": "x"},
        {"time": "noon", "type": "function", "record": "x"},
        {"time": "2025-06-03T10:15:30.402", "type": "function", "record": "x"},
        {"time": "2025-06-03T10:15:30.402Z", "type": 7, "record": "x"},
        {"time": "2025-06-03T10:15:30.402Z", "type": "platform.start", "record": "x"},
        {"time": "2025-06-03T10:15:30.402Z", "type": "function", "record": 7},
    ],
)
def test_anything_else_is_malformed(event: dict[str, Any]) -> None:
    """Times have an offset, platform events have members."""
    with pytest.raises(MalformedPayloadError):
        read_telemetry(event, received_ns=7)


@pytest.mark.parametrize("tracing", [None, 7, {}, {"value": 7}, {"value": "Sampled=1"}])
def test_tracing_that_says_nothing_is_no_trace(tracing: Any) -> None:
    """Functions without tracing have none."""
    assert _read("platform.start", {"tracing": tracing}).trace_id == b""
