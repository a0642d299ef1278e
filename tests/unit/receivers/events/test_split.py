"""Messages are found in whatever AWS wraps around them."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.errors import MalformedPayloadError
from taskscope.receivers.events.split import Split, split

_RECORDED = Path(__file__).parents[3] / "fixtures" / "ecs" / "task_state_change_synthetic.json"
_TELEMETRY = [
    {"time": "2026-11-20T10:15:30.310Z", "type": "platform.start", "record": {"requestId": "7f5b"}},
    {"time": "2026-11-20T10:15:30.402Z", "type": "function", "record": "hello"},
]
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
_events = st.fixed_dictionaries({"detail-type": st.text(), "source": st.just("aws.ecs"), "detail": _values})


@given(st.lists(_events, max_size=4), st.sampled_from([None, 2]))
def test_array_is_cut_into_its_elements(events: list[dict[str, Any]], indent: int | None) -> None:
    """Each as it stands there, whatever the white space."""
    messages = split(json.dumps(events, indent=indent).encode()).messages

    assert [json.loads(each) for each in messages] == events


@given(st.lists(_events, min_size=1, max_size=4), st.sampled_from(["\n", "\r\n", "\n\n"]))
def test_lines_are_messages(events: list[dict[str, Any]], end: str) -> None:
    """One on each line, empty lines between them or not."""
    lines = [json.dumps(each) for each in events]

    assert split((end.join(lines) + end).encode()) == Split([line.encode() for line in lines])


@given(_events)
def test_single_message_stays_as_it_came(event: dict[str, Any]) -> None:
    """An EventBridge API destination sends one, here printed over several lines."""
    body = json.dumps(event, indent=1).encode()

    assert split(body) == Split([body])


def test_recorded_changes_are_found() -> None:
    """Eight changes of one task, in an array."""
    messages = split(_RECORDED.read_bytes()).messages

    assert [json.loads(each) for each in messages] == json.loads(_RECORDED.read_text())


def test_telemetry_of_lambda_stays_whole() -> None:
    """Its records mean something only together with their order."""
    body = json.dumps(_TELEMETRY).encode()

    assert split(body) == Split([body])


def test_envelope_of_sns_is_opened() -> None:
    """The message inside is a string of JSON."""
    event = {"detail-type": "ECS Task State Change", "detail": {"reason": 'it said "\u2603"'}}
    envelope = {"Type": "Notification", "MessageId": "1", "TopicArn": "arn", "Message": json.dumps(event)}

    [message] = split(json.dumps(envelope).encode()).messages

    assert json.loads(message) == event


@pytest.mark.parametrize("kind", ["SubscriptionConfirmation", "UnsubscribeConfirmation"])
def test_questions_of_sns_are_no_messages(kind: str) -> None:
    """Somebody has to open the address."""
    asked = {"Type": kind, "TopicArn": "arn", "Message": "You have chosen …", "SubscribeURL": "https://sns.test/?a=b"}

    assert split(json.dumps(asked).encode()) == Split([], confirmation="https://sns.test/?a=b")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \n",
        b"{",
        b"3",
        b"[3]",
        b'{"a":1}\n3',
        b'{"a":1}\n{',
        b"<html>",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"Type":"Notification","TopicArn":"arn"}',
        b'{"Type":"Notification","TopicArn":"arn","Message":"plain text"}',
        b'{"Type":1,"TopicArn":"arn"}',
    ],
    ids=lambda body: repr(body[:24]),
)
def test_anything_else_is_malformed(body: bytes) -> None:
    """Said at once, as the sender can still be told."""
    with pytest.raises(MalformedPayloadError, match=r"body|SNS"):
        split(body)


@given(st.binary(max_size=100))
def test_no_bytes_break_it(body: bytes) -> None:
    """It gives objects of JSON, or says that there are none."""
    try:
        messages = split(body).messages
    except MalformedPayloadError:
        return
    assert all(each.startswith(b"{") for each in messages)
