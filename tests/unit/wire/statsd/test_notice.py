"""Events and service checks of DogStatsD."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.errors import MalformedPayloadError
from taskscope.model.log import LogRecord
from taskscope.model.resource import Resource
from taskscope.wire.statsd.notice import is_notice, read_notice

SENDER = Resource({"source.address": "10.0.0.1"})


def _read(line: bytes) -> LogRecord:
    return read_notice(line, received_ns=7, resource=SENDER)


def test_event_has_title_text_level_and_attributes() -> None:
    """All that the line says."""
    assert _read(
        b"_e{6,8}:Deploy|one\\ntwo|d:1763600000|h:web-1|p:low|t:warning|k:roll|s:ci|#env:prod,canary"
    ) == LogRecord(
        time_ns=1_763_600_000_000_000_000,
        body="one\ntwo",
        attributes={
            "env": "prod",
            "canary": "",
            "host.name": "web-1",
            "dogstatsd.priority": "low",
            "dogstatsd.aggregation_key": "roll",
            "dogstatsd.source_type": "ci",
            "dogstatsd.title": "Deploy",
        },
        resource=SENDER,
        severity_number=13,
        severity_text="warning",
        event_name="dogstatsd.event",
        observed_ns=7,
    )


def test_lengths_of_an_event_are_bytes() -> None:
    """So a text may hold what separates sections."""
    record = _read("_e{4,5}:né!|a|b|c".encode())

    assert (record.attributes["dogstatsd.title"], record.body, record.time_ns) == ("né!", "a|b|c", 7)


def test_event_without_text_has_its_title_as_body() -> None:
    """A log line should say something."""
    assert _read(b"_e{6,0}:Deploy|").body == "Deploy"


@given(title=st.text(max_size=20), text=st.text(max_size=20))
def test_event_that_was_written_is_read_back(title: str, text: str) -> None:
    """Whatever title and text are, new lines written as two characters."""
    title, text = (each.replace("\\n", "").replace("\n", "") for each in (title, text))
    line = f"_e{{{len(title.encode())},{len(text.encode())}}}:{title}|{text}|t:error".encode()

    record = _read(line)

    assert (record.attributes["dogstatsd.title"], record.body) == (title, text or title)


@pytest.mark.parametrize(
    ("status", "word", "severity"), [("0", "ok", 9), ("1", "warning", 13), ("2", "critical", 17), ("3", "unknown", 13)]
)
def test_check_has_status_and_message(status: str, word: str, severity: int) -> None:
    """The message is last, and may hold what separates sections."""
    record = _read(f"_sc|db|{status}|d:1763600000|h:web-1|#db:orders|m:no|answer".encode())

    assert record.body == "no|answer"
    assert (record.severity_text, record.severity_number) == (word, severity)
    assert record.attributes == {
        "db": "orders",
        "host.name": "web-1",
        "dogstatsd.check": "db",
        "dogstatsd.status": word,
    }
    assert record.event_name == "dogstatsd.service_check"


def test_check_without_message_has_its_name_as_body() -> None:
    """A log line should say something."""
    assert _read(b"_sc|db|0").body == "db"


@pytest.mark.parametrize(
    "line",
    [
        b"_e{6}:Deploy|",
        b"_e{x,y}:Deploy|text",
        b"_e{6,99}:Deploy|text",
        b"_e{5,4}:Deploy|text",
        b"_e{6,2}:Deploy|text",
        b"_e{6,4}:Deploy|text|d:yesterday",
        b"_sc|db",
        b"_sc||0",
        b"_sc|db|4",
        b"_sc|db|0|#" + b"x" * 9000,
    ],
)
def test_bad_notice_is_malformed(line: bytes) -> None:
    """It begins as one, so it is not taken for a metric."""
    assert is_notice(line)
    with pytest.raises(MalformedPayloadError):
        _read(line)
