"""Spans in Jaeger's JSON."""

from typing import Any

from taskscope.api.jaeger.documents import traces_of
from taskscope.model.resource import Resource, Scope
from taskscope.model.span import Span, SpanEvent, SpanKind, SpanLink, Status

_SHOP = Resource({"service.name": "shop", "host.name": "a"})
_SPAN = Span(
    trace_id=bytes(15) + b"\x01",
    span_id=bytes(7) + b"\x02",
    parent_span_id=bytes(7) + b"\x03",
    name="GET /orders",
    kind=SpanKind.SERVER,
    start_ns=1_700_000_000_000_001_999,
    end_ns=1_700_000_000_000_004_999,
    attributes={"http.response.status_code": "500", "beta": "true", "user": "7"},
    resource=_SHOP,
    scope=Scope("flask"),
    status=Status.ERROR,
    status_message="no",
    events=(SpanEvent(1_700_000_000_000_002_000, "exception", {"exception.type": "E"}),),
    links=(SpanLink(bytes(15) + b"\x09", bytes(7) + b"\x08", "", {}),),
)


def _tags(found: list[dict[str, Any]]) -> dict[str, Any]:
    return {each["key"]: (each["type"], each["value"]) for each in found}


def test_a_span_is_written_as_jaeger_reads_it() -> None:
    """Times in microseconds, ids in hexadecimal with their zeros, references to parent and links."""
    [trace] = traces_of([_SPAN])
    [span] = trace["spans"]

    assert (trace["traceID"], span["spanID"]) == ("0" * 31 + "1", "0" * 15 + "2")
    assert (span["startTime"], span["duration"], span["operationName"]) == (1_700_000_000_000_001, 3, "GET /orders")
    assert [(each["refType"], each["traceID"][-1], each["spanID"][-1]) for each in span["references"]] == [
        ("CHILD_OF", "1", "3"),
        ("FOLLOWS_FROM", "9", "8"),
    ]
    assert span["logs"] == [
        {
            "timestamp": 1_700_000_000_000_002,
            "fields": [
                {"key": "event", "type": "string", "value": "exception"},
                {"key": "exception.type", "type": "string", "value": "E"},
            ],
        }
    ]


def test_tags_have_the_types_that_jaegers_page_wants() -> None:
    """A status is a number, a text that only looks like one stays a text; what failed is marked."""
    [trace] = traces_of([_SPAN])
    [span] = trace["spans"]

    assert _tags(span["tags"]) == {
        "http.response.status_code": ("int64", 500),
        "beta": ("bool", True),
        "user": ("string", "7"),
        "span.kind": ("string", "server"),
        "otel.status_code": ("string", "ERROR"),
        "error": ("bool", True),
        "otel.status_description": ("string", "no"),
        "otel.scope.name": ("string", "flask"),
    }
    process = trace["processes"][span["processID"]]
    assert process == {"serviceName": "shop", "tags": [{"key": "host.name", "type": "string", "value": "a"}]}


def test_spans_of_one_sender_share_a_process_and_those_of_one_trace_a_trace() -> None:
    """Equal attributes, not equal objects, make a sender one."""
    again = Resource(dict(_SHOP.attributes))
    other = Resource({"service.name": "shop", "host.name": "b"})
    spans = [_SPAN, _SPAN._replace(resource=again), _SPAN._replace(resource=other)]

    one, two = traces_of([*spans, _SPAN._replace(trace_id=bytes(16), resource=again)])

    assert [each["processID"] for each in one["spans"]] == ["p1", "p1", "p2"]
    assert len(two["spans"]) == 1


def test_what_a_span_does_not_have_is_left_out() -> None:
    """A root of no known kind, in progress."""
    [trace] = traces_of([Span(bytes(16), bytes(8), b"", "a", 0, 7_000, 7_000, {}, Resource({}), in_progress=True)])
    [span] = trace["spans"]

    assert (span["references"], span["tags"], span["logs"]) == ([], [], [])
    assert span["warnings"] == ["this span is in progress"]
    assert trace["processes"]["p1"]["serviceName"] == "unknown_service"
