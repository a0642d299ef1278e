"""What fields of a structured log line mean."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.wire.log_fields import Meaning, read_span_id, read_time_text, read_trace_header, take_meaning

TRACE = bytes.fromhex("5759e988bd862e3fe1be46a994272793")
SPAN = bytes.fromhex("53995c3f42cd8ad8")
NOTHING = Meaning(None, 0, "", 0, b"", b"")
AT = 1_748_945_730_402_000_000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("trace_id", TRACE.hex()),
        ("traceId", TRACE.hex().upper()),
        ("xray_trace_id", "1-5759e988-bd862e3fe1be46a994272793"),
        ("otelTraceID", TRACE.hex()),
        ("trace_id", "Root=1-5759e988-bd862e3fe1be46a994272793"),
    ],
)
def test_trace_ids_are_read_in_every_spelling(name: str, value: str) -> None:
    """And taken out of the fields."""
    fields: dict[str, Any] = {name: value, "order": 3}

    assert take_meaning(fields).trace_id == TRACE
    assert fields == {"order": 3}


def test_trace_header_brings_its_parent_where_no_span_is_named() -> None:
    """The field for the span wins."""
    header = f"Root=1-5759e988-bd862e3fe1be46a994272793;Parent={SPAN.hex()};Sampled=1"

    assert read_trace_header(header) == (TRACE, SPAN)
    assert take_meaning({"trace_id": header}).span_id == SPAN
    assert take_meaning({"trace_id": header, "spanId": "00000000000000aa"}).span_id == bytes.fromhex("00000000000000aa")


@pytest.mark.parametrize(
    ("value", "number"),
    [("info", 9), ("WARN", 13), ("Error", 17), ("notice", 10), ("critical", 18), ("FATAL", 21), (30, 9), (50, 17)],
)
def test_levels_become_severities(value: Any, number: int) -> None:
    """Words in any case, and the numbers of pino; the text is as sent."""
    meaning = take_meaning({"level": value})

    assert (meaning.severity_number, meaning.severity_text) == (number, str(value))


@pytest.mark.parametrize(
    "value",
    [
        "2025-06-03T10:15:30.402Z",
        "2025-06-03T12:15:30.402+02:00",
        "2025-06-03 10:15:30.402000123Z",
        1_748_945_730.402,
        1_748_945_730_402,
        1_748_945_730_402_000,
        1_748_945_730_402_000_000,
    ],
)
def test_times_are_read_in_the_usual_forms(value: Any) -> None:
    """ISO 8601 with an offset, or a number of seconds, milli-, micro- or nanoseconds."""
    assert take_meaning({"timestamp": value}).time_ns == AT


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("timestamp", "2025-06-03T10:15:30.402"),
        ("timestamp", "yesterday"),
        ("timestamp", "9999-12-31T23:59:59Z"),
        ("time", 12.5),
        ("time", float("nan")),
        ("ts", [1]),
        ("level", 35),
        ("level", "loud"),
        ("level", None),
        ("level", ["info"]),
        ("trace_id", "0" * 32),
        ("trace_id", "abc"),
        ("trace_id", "Root=abc"),
        ("trace_id", 7),
        ("span_id", "0" * 16),
        ("span_id", "z" * 16),
        ("span_id", 7),
    ],
)
def test_what_cannot_be_read_stays_where_it_is(name: str, value: Any) -> None:
    """A time without an offset could be any; a number of the wrong size is a duration."""
    fields = {name: value}

    assert take_meaning(fields) == NOTHING
    assert list(fields) == [name]


def test_message_stays_where_it_is_not_asked_for() -> None:
    """A line that is text already has its message."""
    fields: dict[str, Any] = {"message": "m", "level": "info"}

    assert take_meaning(fields, with_message=False).message is None
    assert fields == {"message": "m"}


def test_edges_of_times_and_ids() -> None:
    """Both are used by themselves too."""
    assert read_time_text("1970-01-01T00:00:00Z") is None
    assert read_time_text("2" * 50) is None
    assert read_span_id("53995c3f42cd8ad8") == SPAN
    assert read_span_id(None) is None


_scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40)
_names = st.sampled_from(["level", "message", "timestamp", "ts", "trace_id", "traceId", "span_id", "x"])


@given(st.dictionaries(_names, _scalars | st.lists(_scalars, max_size=2)))
def test_any_fields_have_some_meaning(fields: dict[str, Any]) -> None:
    """Nothing is raised; ids and times have their sizes."""
    meaning = take_meaning(fields)

    assert len(meaning.trace_id) in {0, 16}
    assert len(meaning.span_id) in {0, 8}
    assert 0 <= meaning.time_ns < 2**63
