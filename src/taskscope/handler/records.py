"""What wraps an EventBridge event on its way to a function: nothing, SQS, SNS, or SNS in SQS."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from taskscope.errors import UsageError
from taskscope.model.ecs import Task

_NAMED_BY: Final = ("taskArn", "clusterArn", "taskDefinitionArn")


@dataclass(frozen=True, slots=True)
class Record:
    """One message of the payload; ``id`` is the SQS message id, by which a queue is told what failed."""

    id: str | None
    body: Any


def records(payload: Mapping[str, Any]) -> Iterator[Record]:
    """Yield the messages of a function's payload, still as they came."""
    if "Records" not in payload:
        yield Record(None, payload)
        return
    for each in payload["Records"]:
        if each.get("eventSource") == "aws:sqs":
            yield Record(each["messageId"], each.get("body"))
        else:
            yield Record(None, (each.get("Sns") or {}).get("Message"))


def state_change(body: Any) -> Mapping[str, Any] | None:
    """
    Return the ``detail`` of an "ECS Task State Change", or None for another event.

    Raises:
        UsageError: The message is no event of EventBridge.
    """
    event = _unwrap(body)
    if not isinstance(event, Mapping) or "detail-type" not in event:
        raise UsageError("the message is no EventBridge event", hint="send the rule's events unchanged")
    if event["detail-type"] != "ECS Task State Change":
        return None
    detail = event.get("detail")
    if not isinstance(detail, Mapping) or not all(isinstance(detail.get(name), str) for name in _NAMED_BY):
        raise UsageError("the event's detail is not that of a task")
    return detail


def stopped_task(body: Any) -> Task | None:
    """
    Return the task of a message that tells its end, or None for any other event.

    Raises:
        UsageError: The message is no event of EventBridge, or its detail is not that of a task.
    """
    detail = state_change(body)
    if detail is None or detail.get("lastStatus") != "STOPPED":
        return None
    try:
        return Task.from_document(detail)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UsageError(f"the event's detail is not that of a task: {error!r}") from None


def _unwrap(body: Any) -> Any:
    """Read texts of JSON, and take SNS notifications out of their envelope."""
    while isinstance(body, str):
        try:
            body = json.loads(body)
        except ValueError as error:
            raise UsageError(f"the message is no JSON: {error}") from None
        if isinstance(body, Mapping) and body.get("Type") == "Notification":
            body = body.get("Message")
    return body
