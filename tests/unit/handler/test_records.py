"""Events as they reach the function: plain, from SQS, from SNS, from SNS through SQS."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.errors import UsageError
from taskscope.handler.records import Record, records, state_change, stopped_task

DETAIL = {
    "taskArn": "arn:aws:ecs:us-east-1:1:task/prod/0123",
    "clusterArn": "arn:aws:ecs:us-east-1:1:cluster/prod",
    "taskDefinitionArn": "arn:aws:ecs:us-east-1:1:task-definition/web:7",
    "createdAt": "2026-11-20T07:00:00.123Z",
    "lastStatus": "STOPPED",
}
EVENT = {"detail-type": "ECS Task State Change", "source": "aws.ecs", "detail": DETAIL}
NOTIFICATION = {"Type": "Notification", "MessageId": "n", "Message": json.dumps(EVENT)}

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from([*DETAIL, *EVENT]), inner),
)


def _sqs(*bodies: Any) -> dict[str, Any]:
    return {
        "Records": [
            {"messageId": f"m{number}", "eventSource": "aws:sqs", "body": body} for number, body in enumerate(bodies)
        ]
    }


def test_plain_event_is_one_record_without_id() -> None:
    """EventBridge calls the function itself: there is no queue to answer."""
    assert list(records(EVENT)) == [Record(None, EVENT)]


def test_records_of_a_queue_have_the_ids_that_it_is_answered_with() -> None:
    """In their order."""
    assert list(records(_sqs("a", "b"))) == [Record("m0", "a"), Record("m1", "b")]
    assert list(records({"Records": []})) == []


def test_records_of_a_topic_have_no_id() -> None:
    """SNS knows no partial failure."""
    payload = {"Records": [{"EventSource": "aws:sns", "Sns": {"Message": "a"}}]}

    assert list(records(payload)) == [Record(None, "a")]


@pytest.mark.parametrize(
    "body",
    [EVENT, json.dumps(EVENT), json.dumps(NOTIFICATION), json.dumps(json.dumps(EVENT))],
    ids=["plain", "sqs, or sns with raw delivery", "sns in sqs", "quoted twice"],
)
def test_event_is_found_in_every_wrapping(body: Any) -> None:
    """However often it was made a text."""
    assert state_change(body) == DETAIL
    task = stopped_task(body)
    assert task is not None
    assert task.id == "0123"


def test_other_events_are_passed_over() -> None:
    """A rule may send more than was meant; a task that is not at its end is not told."""
    running = {**EVENT, "detail": {**DETAIL, "lastStatus": "RUNNING"}}

    assert state_change({**EVENT, "detail-type": "ECS Service Action"}) is None
    assert stopped_task({**EVENT, "detail-type": "ECS Service Action"}) is None
    assert stopped_task(running) is None


@pytest.mark.parametrize(
    "body",
    [
        None,
        7,
        "",
        "no JSON",
        "[]",
        "{}",
        {"detail": DETAIL},
        {**EVENT, "detail": "text"},
        {**EVENT, "detail": {"lastStatus": "STOPPED"}},
        {**EVENT, "detail": {**DETAIL, "createdAt": "yesterday"}},
        {**EVENT, "detail": {**DETAIL, "createdAt": "2026-11-20T07:00:00"}},
        {**EVENT, "detail": {**DETAIL, "containers": [{}]}},
        {**EVENT, "detail": {**DETAIL, "containers": 7}},
        {**EVENT, "detail": {**DETAIL, "taskArn": None}},
    ],
)
def test_message_that_is_no_event_of_a_task_is_refused(body: Any) -> None:
    """By an error of ours, so that one bad message fails by itself and not with its batch."""
    with pytest.raises(UsageError):
        stopped_task(body)


@given(_json, st.booleans())
def test_no_message_whatever_brings_another_error(body: Any, quoted: bool) -> None:  # noqa: FBT001 (drawn by hypothesis)
    """Any JSON, as a text or not, as the event or as its detail."""
    for made in (body, {**EVENT, "detail": body}, {**EVENT, "detail": {**DETAIL, "startedAt": body, "group": body}}):
        with suppress(UsageError):
            stopped_task(json.dumps(made) if quoted else made)


def test_synthetic_state_changes_are_understood() -> None:
    """Every recorded shape of the event gives a task or is passed over."""
    recorded = Path(__file__).parents[2] / "fixtures" / "ecs" / "task_state_change_synthetic.json"
    document = json.loads(recorded.read_text())
    events = document if isinstance(document, list) else document.get("events", [document])

    tasks = [stopped_task(each.get("event", each)) for each in events]

    assert any(tasks)
