"""Messages of EventBridge and of Lambda's Telemetry API, in their envelopes."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.errors import MalformedPayloadError
from taskscope.wire.eventbridge.decode import Decoded, decode

FIXTURES = Path(__file__).parents[3] / "fixtures" / "ecs"
TASK_EVENT = {
    "id": "5d0c",
    "detail-type": "ECS Task State Change",
    "source": "aws.ecs",
    "time": "2024-03-12T21:00:05Z",
    "detail": {"taskArn": "arn:aws:ecs:eu-west-1:1:task/shop/9a", "lastStatus": "STOPPED", "version": 6},
}
LINE = {"time": "2025-06-03T10:15:30.402Z", "type": "function", "record": "cart loaded\n"}


def _decode(message: Any) -> Decoded:
    return decode(json.dumps(message).encode(), received_ns=7)


def _notification(message: Any) -> dict[str, Any]:
    return {"Type": "Notification", "MessageId": "m", "Message": json.dumps(message)}


def test_captured_life_of_a_task_is_read_in_its_order() -> None:
    """Eight events in an array, as the lab builds them."""
    changes, logs = decode((FIXTURES / "task_state_change_synthetic.json").read_bytes(), received_ns=7)

    assert [change.name for change in changes] == [
        "PROVISIONING", "PENDING", "ACTIVATING", "RUNNING", "DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED"
    ]  # fmt: skip
    assert [change.version for change in changes] == sorted({change.version for change in changes})
    assert {change.cluster_arn for change in changes} == {"arn:aws:ecs:us-east-1:123456789012:cluster/demo"}
    assert logs == []


@pytest.mark.parametrize(
    "message",
    [
        TASK_EVENT,
        [TASK_EVENT],
        {"Records": [{"messageId": "m", "eventSource": "aws:sqs", "body": json.dumps(TASK_EVENT)}]},
        {"Records": [{"eventSource": "aws:sqs", "body": json.dumps(_notification(TASK_EVENT))}]},
        {"Records": [{"EventSource": "aws:sns", "Sns": {"Message": json.dumps(TASK_EVENT)}}]},
        _notification(TASK_EVENT),
        json.dumps(TASK_EVENT),
    ],
)
def test_event_is_found_in_any_envelope(message: Any) -> None:
    """Plain, from a queue, from a topic, from a topic through a queue."""
    [change] = _decode(message).changes

    assert (change.event_id, change.document) == ("5d0c", TASK_EVENT["detail"])


def test_message_may_hold_both_kinds() -> None:
    """Whoever posts decides."""
    decoded = _decode([TASK_EVENT, LINE])

    assert (len(decoded.changes), len(decoded.logs)) == (1, 1)


def test_nothing_is_nothing() -> None:
    """An empty poll."""
    assert _decode([]) == _decode({"Records": []}) == Decoded([], [])


def _nested(depth: int) -> Any:
    event: Any = TASK_EVENT
    for _ in range(depth):
        event = [event]
    return event


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"7",
        b"null",
        b'"text"',
        b"{}",
        b"[[[[" * 100_000,
        json.dumps(_nested(9)).encode(),
        b'{"Records":[7]}',
        b'{"Records":[{"body":null}]}',
        b'{"Type":"Notification"}',
        b'{"detail-type":"ECS Task State Change"}',
        b'{"detail-type":7,"detail":{}}',
        b'{"detail-type":"EC2 Instance State-change Notification","detail":{}}',
        b'{"type":"function","record":"x"}',
    ],
)
def test_anything_else_is_malformed(message: bytes) -> None:
    """No JSON, too deep, no event, or not about ECS."""
    with pytest.raises(MalformedPayloadError):
        decode(message, received_ns=7)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.sampled_from([TASK_EVENT, LINE]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*TASK_EVENT, *LINE, "Records", "body", "Type", "Message", "resources", "eventName", "x"]),
            inner | st.sampled_from(["Notification", "ECS Service Action", "ECS Task State Change"]),
            max_size=6,
        )
    ),
)


@given(_json)
def test_any_json_is_read_or_malformed(message: Any) -> None:
    """Nothing else is raised."""
    with suppress(MalformedPayloadError):
        _decode(message)
