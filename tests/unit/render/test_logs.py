"""Log lines and traces as text and as JSON."""

import re
from datetime import UTC

import pytest

from taskscope.clock import MILLISECOND, SECOND
from taskscope.model.log_reading import LogEntry, TraceEntry, TraceNode
from taskscope.render.logs import log_document, log_text, trace_text

LINE = LogEntry(1_500 * MILLISECOND, "hello\tworld\n", "/g", "s/1", 2 * SECOND, "42", {"function": "f"})
TRACE = TraceEntry(
    3 * SECOND, "1-0-a", 1_234 * MILLISECOND, 2,
    (TraceNode(0, "api", 1_234 * MILLISECOND, 502, "fault"), TraceNode(1, "db", None)),
)  # fmt: skip


def test_line_is_stream_time_message() -> None:
    """As sam prints it, but with milliseconds; controls are escaped unless it is raw."""
    assert log_text(LINE, zone=UTC) == "s/1 1970-01-01T00:00:01.500Z hello\tworld"
    assert log_text(LINE._replace(message="a\nb\x1b"), zone=UTC).endswith(r" a\nb\x1b")
    assert log_text(LINE._replace(message="a\nb\x1b"), zone=UTC, raw=True).endswith(" a\nb\x1b")


def test_colours_tell_streams_times_and_matches() -> None:
    """A stream has the same colour each time."""
    painted = log_text(LINE, zone=UTC, color=True, mark=re.compile("wor|^"))

    assert re.fullmatch(r"\x1b\[\d\dms/1\x1b\[0m \x1b\[33m1970\S+\x1b\[0m hello\t\x1b\[4mwor\x1b\[0mld", painted)
    assert log_text(LINE, color=True).partition("s/1")[0] == painted.partition("s/1")[0]


@pytest.mark.parametrize(
    "message",
    [
        "2026-11-20T09:00:00Z 0b-1 Task timed out after 3.00 seconds\n",
        "RequestId: 0b-1 Process exited before completing request",
        "REPORT RequestId: 0b-1\tDuration: 3000 ms\tStatus: timeout\t",
    ],
)
def test_request_that_did_not_end_is_red(message: str) -> None:
    """What Lambda writes of it."""
    assert "\x1b[31m" in log_text(LINE._replace(message=message), color=True)


def test_trace_is_a_line_and_a_tree() -> None:
    """With status and outcome; what is in progress has no duration yet."""
    assert trace_text(TRACE, zone=UTC).splitlines() == [
        "XRay Event [revision 2] at (1970-01-01T00:00:03.000Z) with id (1-0-a) and duration (1.234s)",
        " - 1.234s - api [HTTP: 502] [fault]",
        "   - in progress - db",
    ]
    assert "\x1b[31m - 1.234s - api" in trace_text(TRACE, color=True)
    assert trace_text(TRACE._replace(revision=None)).startswith("XRay Event at (")


def test_documents_leave_out_what_is_not_known() -> None:
    """Names are those of the timeline's events."""
    assert log_document(LINE, zone=UTC) == {
        "time": "1970-01-01T00:00:01.500Z",
        "log_group": "/g",
        "log_stream": "s/1",
        "message": "hello\tworld\n",
        "ingested": "1970-01-01T00:00:02.000Z",
        "event_id": "42",
        "function": "f",
    }
    assert set(log_document(LogEntry(0, "x", "/g", "s"))) == {"time", "log_group", "log_stream", "message"}
    assert log_document(TRACE, zone=UTC) == {
        "time": "1970-01-01T00:00:03.000Z",
        "trace_id": "1-0-a",
        "duration_ms": 1234.0,
        "segments": [
            {"depth": 0, "name": "api", "duration_ms": 1234.0, "status": 502, "outcome": "fault"},
            {"depth": 1, "name": "db"},
        ],
        "revision": 2,
    }
