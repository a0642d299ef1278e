"""EventBridge envelopes of ECS: ISO times, second precision outside, attachments of type ``eni``."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from taskscope.lab.ecs.arns import Names, uuid
from taskscope.lab.ecs.documents import without
from taskscope.lab.gateway.service import Document

_HIDDEN: Final = frozenset({"healthStatus", "tags"})
"""Members of a task that its events do not have."""


def task_change(names: Names, task: Document, now: datetime) -> Document:
    """``ECS Task State Change``: the whole task as it is now."""
    detail: Document = _plain(without(task, *_HIDDEN))
    detail["containers"] = [without(each, *_HIDDEN) for each in detail["containers"]]
    for attachment in detail["attachments"]:
        if attachment["type"] == "ElasticNetworkInterface":
            attachment["type"] = "eni"
    detail["updatedAt"] = _iso(now)
    return _envelope(names, "ECS Task State Change", task["taskArn"], detail, now)


def service_action(names: Names, service: Document, level: str, event: str, now: datetime, **more: Any) -> Document:
    """``ECS Service Action``: ``level`` is INFO, WARN or ERROR; ``more`` are members such as ``reason``."""
    detail = {
        "eventType": level,
        "eventName": event,
        "clusterArn": service["clusterArn"],
        "createdAt": _iso(now),
        **more,
    }
    return _envelope(names, "ECS Service Action", service["serviceArn"], detail, now)


def deployment_change(names: Names, service: Document, deployment: Document, event: str, now: datetime) -> Document:
    """``ECS Deployment State Change``: ``event`` is SERVICE_DEPLOYMENT_IN_PROGRESS, _COMPLETED or _FAILED."""
    detail = {
        "eventType": "ERROR" if event.endswith("FAILED") else "INFO",
        "eventName": event,
        "deploymentId": deployment["id"],
        "updatedAt": _seconds(now),
        "reason": deployment["rolloutStateReason"],
    }
    return _envelope(names, "ECS Deployment State Change", service["serviceArn"], detail, now)


def _envelope(names: Names, kind: str, resource: str, detail: Document, now: datetime) -> Document:
    return {
        "version": "0",
        "id": uuid(),
        "detail-type": kind,
        "source": "aws.ecs",
        "account": names.account,
        "time": _seconds(now),
        "region": names.region,
        "resources": [resource],
        "detail": detail,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return _iso(value)
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _seconds(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
