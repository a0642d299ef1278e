"""What OTLP/JSON allows, what senders make of it, and what is refused."""

import json
from typing import Any

import pytest

from taskscope.errors import MalformedPayloadError
from taskscope.model.span import Span
from taskscope.wire.otlp.json_traces import decode_traces_json
from taskscope.wire.otlp.rules import INVALID_TRACE_ID, MAX_NESTING

TRACE_ID = "65f0c1d29b1e4c77a0d3f2e5c6b7a899"
SPAN_ID = "3f2a9c0d11e4b7a8"


def _body(**span: Any) -> bytes:
    sent = {"traceId": TRACE_ID, "spanId": SPAN_ID, **span}
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [sent]}]}]}).encode()


def _span(**span: Any) -> Span:
    [row] = decode_traces_json(_body(**span)).rows
    return row


def _attribute(value: Any) -> Any:
    return _span(attributes=[{"key": "k", "value": value}]).attributes["k"]


def test_example_of_the_specification_reads() -> None:
    """The ids are hex, the kind a number, the time a text of digits."""
    span = _span(
        name="I'm a server span", startTimeUnixNano="1544712660000000000", kind=2, parentSpanId="EEE19B7EC3C1B173"
    )

    assert (span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex()) == (
        TRACE_ID,
        SPAN_ID,
        "eee19b7ec3c1b173",
    )
    assert (span.name, span.kind, span.start_ns) == ("I'm a server span", 2, 1_544_712_660_000_000_000)


@pytest.mark.parametrize(
    ("sent", "hexadecimal"),
    [
        (TRACE_ID.upper(), TRACE_ID),
        ("ZfDB0psebHeg0/Llxreomg==", "65f0c1d29b1e6c77a0d3f2e5c6b7a89a"),
    ],
    ids=["upper case", "base64"],
)
def test_id_reads_in_hex_of_any_case_and_in_base64(sent: str, hexadecimal: str) -> None:
    """Stock JSON printers of Protobuf write bytes in base64; 24 characters cannot be 32 hex digits."""
    assert _span(traceId=sent).trace_id.hex() == hexadecimal


@pytest.mark.parametrize(
    "sent", ["", None, "xyz", "0" * 32, "z" * 32, TRACE_ID[:-1], f" {TRACE_ID[:-1]}", "é" * 32, "AAA="]
)
def test_text_that_is_no_id_makes_the_span_invalid(sent: str | None) -> None:
    """The span is counted out; the request is not malformed."""
    rows, invalid = decode_traces_json(_body(traceId=sent))

    assert (rows, list(invalid)) == ([], [INVALID_TRACE_ID])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"stringValue": ""}, ""),
        ({"boolValue": False}, False),
        ({"intValue": "-9223372036854775808"}, -(2**63)),
        ({"intValue": 7}, 7),
        ({"doubleValue": 2}, 2.0),
        ({"doubleValue": "-Infinity"}, float("-inf")),
        ({"bytesValue": "+/8="}, b"\xfb\xff"),
        ({"bytesValue": "-_8"}, b"\xfb\xff"),
        ({"arrayValue": {"values": [{"intValue": "0"}, {}]}}, [0, None]),
        ({"arrayValue": {}}, []),
        (
            {"kvlistValue": {"values": [{"key": "a", "value": {"boolValue": True}}, {"key": "b"}]}},
            {"a": True, "b": None},
        ),
        ({"kvlistValue": {"values": None}}, {}),
        ({"stringValue": None}, None),
        ({"valueOfTomorrow": 1}, None),
        (None, None),
    ],
    ids=repr,
)
def test_value_of_each_kind_reads(value: Any, expected: Any) -> None:
    """Each kind under its key; numbers as such or as text; bytes in either alphabet of base64."""
    assert repr(_attribute(value)) == repr(expected)


@pytest.mark.parametrize(("sent", "number"), [("SPAN_KIND_SERVER", 2), (2, 2), ("SPAN_KIND_OF_TOMORROW", 0), (None, 0)])
def test_enum_reads_by_number_and_by_name(sent: Any, number: int) -> None:
    """OTLP allows numbers only, stock JSON printers write names."""
    assert _span(kind=sent).kind == number


def test_null_stands_for_what_is_not_set() -> None:
    """As Protobuf's mapping says, for every field."""
    nulls = ("name", "parentSpanId", "kind", "startTimeUnixNano", "attributes", "events", "links", "status", "flags")

    span = _span(**dict.fromkeys(nulls))

    assert span[2:8] == (b"", "", 0, 0, 0, {})
    assert (span.events, span.links, span.status, span.flags) == ((), (), 0, 0)


def test_unknown_keys_are_passed_over() -> None:
    """Newer senders say more."""
    assert _span(fieldOfTomorrow={"deep": [1, {"er": None}]}, name="known").name == "known"


@pytest.mark.parametrize(
    "span",
    [
        {"startTimeUnixNano": "18446744073709551616"},
        {"startTimeUnixNano": -1},
        {"startTimeUnixNano": 1.5},
        {"startTimeUnixNano": "soon"},
        {"flags": 2**32},
        {"name": 7},
        {"attributes": {}},
        {"attributes": [{"key": "k", "value": {"intValue": "9223372036854775808"}}]},
        {"attributes": [{"key": "k", "value": {"bytesValue": "a"}}]},
        {"attributes": [{"key": "k", "value": {"bytesValue": "é"}}]},
        {"attributes": [{"key": "k", "value": {"bytesValue": "a!aa"}}]},
    ],
    ids=repr,
)
def test_value_of_another_type_or_size_makes_the_request_malformed(span: dict[str, Any]) -> None:
    """What Protobuf could not carry is refused rather than changed; the error says which request."""
    with pytest.raises(MalformedPayloadError, match="does not read as a trace request in JSON"):
        decode_traces_json(_body(**span))


@pytest.mark.parametrize("maps", [True, False], ids=["maps", "lists"])
def test_values_nested_too_deep_are_refused(*, maps: bool) -> None:
    """One level more than Protobuf's decoder is sure to take."""
    value: dict[str, Any] = {"intValue": 1}
    for _ in range(MAX_NESTING + 1):
        inner = {"key": "k", "value": value} if maps else value
        value = {"kvlistValue" if maps else "arrayValue": {"values": [inner]}}

    with pytest.raises(MalformedPayloadError, match=f"nested deeper than {MAX_NESTING}"):
        _attribute(value)
