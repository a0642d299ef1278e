"""Log events that an import sends: who wrote them, and what they say of their level and trace."""

import json

import pytest

from taskscope.errors import MalformedPayloadError
from taskscope.wire.log_events import decode_events, decode_frame, resource_of

_TASK = "0123456789abcdef0123456789abcdef"
_EVENT = {"group": "g", "stream": "s", "time_ns": 5, "message": "m\n", "id": "7", "ingested_ns": 6}


def test_an_event_is_a_record() -> None:
    """Its id names it, and its newline goes."""
    [[record], refused] = decode_events(json.dumps([_EVENT]).encode())

    assert (record.time_ns, record.observed_ns, record.body) == (5, 6, "m")
    assert record.attributes == {"log.record.uid": "7"}
    assert refused == []


def test_a_line_of_json_tells_level_and_trace_and_stays_as_it_is() -> None:
    """As loggers write them."""
    message = json.dumps({"level": "error", "xray_trace_id": "1-6920aaaa-000000000000000000000001", "n": 1})
    [[record], _] = decode_events(json.dumps([{**_EVENT, "message": message}]).encode())

    assert (record.severity_number, record.body) == (17, message)
    assert record.trace_id.hex() == "6920aaaa000000000000000000000001"


@pytest.mark.parametrize(
    ("group", "stream", "service", "more"),
    [
        ("/aws/lambda/orders", "2026/11/20/[$LATEST]00", "orders", {"faas.name": "orders"}),
        ("/shared", "2026/11/20/orders[$LATEST]00", "orders", {"faas.name": "orders"}),
        ("/ecs/shop", f"ecs/web/{_TASK}", "web", {"container.name": "web", "aws.ecs.task.id": _TASK}),
        ("/var/log", "host", "/var/log", {"aws.log.group.names": ["/var/log"], "aws.log.stream.names": ["host"]}),
    ],
)
def test_group_and_stream_tell_who_wrote(group: str, stream: str, service: str, more: dict[str, object]) -> None:
    """A function, a container, or what the group is called."""
    resource = resource_of(group, stream)

    assert resource.service_name == service
    assert resource.attributes.items() >= more.items()


@pytest.mark.parametrize(
    "event",
    [7, {}, {**_EVENT, "id": ""}, {**_EVENT, "time_ns": -1}, {**_EVENT, "time_ns": 2**63}, {**_EVENT, "message": 1}],
)
def test_an_event_that_is_none_costs_only_itself(event: object) -> None:
    """The others are read."""
    records, [refused] = decode_events(json.dumps([event, _EVENT]).encode())

    assert len(records) == 1
    assert (refused.position, bool(refused.reason)) == (0, True)


@pytest.mark.parametrize("body", [b"", b"{}", b"[", b"\xff"])
def test_a_body_that_is_no_list_is_refused(body: bytes) -> None:
    """As a whole."""
    with pytest.raises(MalformedPayloadError):
        decode_events(body)


def test_what_is_known_of_a_stream_goes_before_what_its_name_tells() -> None:
    """Watching knows the task; of other streams the name tells."""
    stream = f"ecs/app/{_TASK}"
    known = {"service.name": "web", "aws.ecs.task.arn": "arn"}
    events = [_EVENT | {"stream": stream}, _EVENT | {"stream": stream, "id": "8"}, _EVENT]
    records, refused = decode_frame(json.dumps({"events": events, "streams": {stream: known}}).encode())

    assert refused == []
    first, second, other = (each.resource for each in records)
    assert first is second
    assert first.attributes["container.name"] == "app"
    assert (first.service_name, first.attributes["aws.ecs.task.arn"]) == ("web", "arn")
    assert other.service_name == "g"


@pytest.mark.parametrize("body", [b"[]", b"{}", b"x", b'{"events": [], "streams": []}'])
def test_a_frame_of_something_else_is_refused(body: bytes) -> None:
    """It goes to quarantine."""
    with pytest.raises(MalformedPayloadError):
        decode_frame(body)
