"""ECS objects as they are listed: the newest that was heard of each. Documents of the REST API."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ClusterEntry:
    """A cluster, known by its tasks and services."""

    arn: str
    name: str
    account: str
    region: str
    services: int
    running_tasks: int
    pending_tasks: int
    """On their way to run."""
    stopped_tasks: int
    """That are remembered."""
    changed_ns: int
    """When anything in it was last heard of."""


@dataclass(frozen=True, slots=True)
class EcsServiceEntry:
    """An ECS service."""

    arn: str
    name: str
    cluster_arn: str
    status: str
    desired_count: int
    running_count: int
    pending_count: int
    task_definition: str
    launch_type: str
    changed_ns: int


@dataclass(frozen=True, slots=True)
class ContainerEntry:
    """A container of a task."""

    name: str
    last_status: str
    health: str = ""
    reason: str = ""
    exit_code: int | None = None


@dataclass(frozen=True, slots=True)
class TaskEntry:
    """A task."""

    arn: str
    id: str
    cluster_arn: str
    service_arn: str
    """Empty where it is not known to belong to a service."""
    group: str
    last_status: str
    desired_status: str
    task_definition: str
    launch_type: str
    changed_ns: int
    started_ns: int = 0
    """0 if it did not come that far."""
    stopped_ns: int = 0
    stop_code: str = ""
    stopped_reason: str = ""
    containers: tuple[ContainerEntry, ...] = ()
    document: Mapping[str, Any] = field(default_factory=dict)
    """All that ECS said; empty in lists."""


@dataclass(frozen=True, slots=True)
class ClusterPage:
    """A page of clusters, by name."""

    clusters: tuple[ClusterEntry, ...]
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class EcsServicePage:
    """A page of ECS services, by ARN."""

    services: tuple[EcsServiceEntry, ...]
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class TaskPage:
    """A page of tasks, the last changed first."""

    tasks: tuple[TaskEntry, ...]
    cursor: str = ""
    """For the next page; empty on the last one."""
