"""Log records as messages."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.model.attributes import AttributeValue
from taskscope.sinks.cloudwatch.config import Format
from taskscope.sinks.cloudwatch.message import cut, message
from tests.unit.sinks.rows import log

_TRACE_ID = bytes.fromhex("5759e988bd862e3fe1be46a994272793")


def test_a_text_alone_stays_as_it_is() -> None:
    """A line of a program reads as the program wrote it; its severity is in the line already."""
    assert message(log("started", time_ns=1, severity_text="INFO"), Format.AUTO, 1_000) == "started"


def test_a_record_with_more_than_text_is_json() -> None:
    """Body, attributes and both spellings of the trace id are there; members that say nothing are not."""
    record = log("paid", time_ns=1, attributes={"order": 7}, trace_id=_TRACE_ID, severity_text="INFO")

    assert json.loads(message(record, Format.AUTO, 10_000)) == {
        "body": "paid",
        "severity_text": "INFO",
        "trace_id": "5759e988bd862e3fe1be46a994272793",
        "xray_trace_id": "1-5759e988-bd862e3fe1be46a994272793",
        "attributes": {"order": 7},
    }


def test_a_structured_body_is_json() -> None:
    """A map keeps its shape."""
    assert json.loads(message(log({"a": [1, None]}, time_ns=1), Format.AUTO, 1_000)) == {"body": {"a": [1, None]}}


def test_the_format_can_be_forced() -> None:
    """``text`` gives the body whatever else is known, ``json`` never the body alone."""
    record = log("paid", time_ns=1, attributes={"order": 7})

    assert message(record, Format.TEXT, 1_000) == "paid"
    assert json.loads(message(log("paid", time_ns=1), Format.JSON, 1_000)) == {"body": "paid"}


@pytest.mark.parametrize("body", ["", None])
def test_a_message_is_never_empty(body: AttributeValue) -> None:
    """PutLogEvents refuses an empty message."""
    assert message(log(body, time_ns=1), Format.TEXT, 1_000) == " "


@pytest.mark.parametrize("value", ["\ud800", 2**70, float("nan"), b"\xff", {"deep": [b"\x00"]}])
def test_values_without_a_place_in_json_are_written_all_the_same(value: AttributeValue) -> None:
    """Half a surrogate pair, a large number, no number, bytes: the message is JSON and can be sent."""
    text = message(log("x", time_ns=1, attributes={"odd": value}), Format.AUTO, 1_000)

    assert text.encode()
    assert json.loads(text)["body"] == "x"


def test_a_long_message_is_cut_and_marked() -> None:
    """The mark says how many bytes are missing."""
    assert cut("a" * 100, 50) == "a" * 35 + "[65 bytes cut]"


@given(st.text(), st.integers(30, 60))
def test_a_cut_message_keeps_to_its_size(text: str, most: int) -> None:
    """No character is halved, nothing short is touched, nothing long stays long."""
    short = cut(text, most)

    assert len(short.encode()) <= most
    if len(text.encode("utf-8", "replace")) <= most:
        assert short == text.encode("utf-8", "replace").decode()
