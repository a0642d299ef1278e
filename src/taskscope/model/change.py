"""Changes of ECS objects, as EventBridge tells them and as AWS's API answers them."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple


class Subject(StrEnum):
    """What a change is about; each has a table of the store."""

    TASK = "task"
    SERVICE = "service"
    SERVICE_EVENT = "service_event"
    DEPLOYMENT = "deployment"
    CONTAINER_INSTANCE = "container_instance"
    ALARM = "alarm"
    """A CloudWatch alarm; its name is its state, and its service and cluster those that its dimensions name."""
    CLUSTER = "cluster"
    """Polled only; its name is its status."""


class EcsChange(NamedTuple):
    """One version of an ECS object, or one line of a service's history."""

    subject: Subject
    arn: str
    """Of the task, service or container instance; of a deployment its id."""
    version: int
    """Grows with each change; where ECS has no number, the time in milliseconds since the epoch."""
    time_ns: int
    cluster_arn: str
    account: str
    region: str
    event_id: str
    """EventBridge's id of the message, or ECS's of a service event; empty where there is none."""
    name: str
    """The event's name, such as ``SERVICE_STEADY_STATE``; of a task its last status."""
    service_arn: str
    """Of a deployment and of a service event; of a task where it is known; else empty."""
    document: Mapping[str, Any]
    """The object as AWS sent it, all of it."""
