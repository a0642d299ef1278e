"""What clusters, services, tasks and containers use. Documents of the REST API: `top`, `resources`, dashboards."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from taskscope.clock import SECOND

FRESH_NS: Final = 60 * SECOND
"""How old a reading may be that counts for now."""
_INTERVALS: Final = 3
"""So many intervals, too: Container Insights tells of each minute, a minute or two later."""


def is_fresh(age_ns: int, interval_ns: int) -> bool:
    """Whether a reading of that age still counts for now, by how far apart readings are."""
    return age_ns <= max(FRESH_NS, _INTERVALS * interval_ns)


class Level(StrEnum):
    """What a figure is of."""

    CLUSTER = "cluster"
    SERVICE = "service"
    TASK = "task"
    CONTAINER = "container"


@dataclass(frozen=True, slots=True)
class ResourceKey:
    """Which one, by names; a level has those above it. Empty members are of no meaning at that level, or not known."""

    level: Level
    cluster: str
    service: str = ""
    """Of a task or container empty where it belongs to none."""
    task: str = ""
    """The task's id."""
    container: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """What is used, at a moment or on average; None where nothing was measured or there is no limit to compare with."""

    cpu: float | None = None
    """CPUs."""
    cpu_limit: float | None = None
    """
    CPUs of the task, or that the container reserves; of services and clusters the sum over tasks. In ``LiveContainer``
    the task's where the container reserves none.
    """
    cpu_share: float | None = None
    """Of the limit, 0 to 1; more than 1 where it is a reservation."""
    memory_bytes: int | None = None
    """The working set."""
    memory_limit_bytes: int | None = None
    memory_share: float | None = None
    network_rx: float | None = None
    """Bytes per second."""
    network_tx: float | None = None
    storage_read: float | None = None
    storage_write: float | None = None


@dataclass(frozen=True, slots=True)
class AlarmEntry:
    """A CloudWatch alarm that concerns a resource."""

    name: str
    state: str
    """``OK``, ``ALARM``, ``INSUFFICIENT_DATA``."""
    reason: str = ""
    changed_ns: int = 0


@dataclass(frozen=True, slots=True)
class ResourceEntry:
    """A line of the list of resources: averages over the window."""

    key: ResourceKey
    usage: Usage
    arn: str = ""
    """Of the cluster, or of the task, also of its containers; clusters of one name may be of two accounts."""
    tasks: int = 0
    """That were measured in the window, or are known to have been there."""
    alarms: tuple[AlarmEntry, ...] = ()
    status: str = ""
    """Last status, where ECS told it: of services, tasks and containers."""
    measured_by: str = "taskscope"
    """``taskscope`` (the endpoint), ``container-insights`` (performance events) or ``cloudwatch`` (its metrics); empty
    where nothing was measured."""


@dataclass(frozen=True, slots=True)
class ResourcePage:
    """A page of resources, by cluster, service, task and container."""

    resources: tuple[ResourceEntry, ...]
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class UsagePoint:
    """What was used in one step of time."""

    start_ns: int
    usage: Usage


@dataclass(frozen=True, slots=True)
class UsageSeries:
    """What a resource used, step by step; steps without a measurement are left out."""

    key: ResourceKey
    step_ns: int
    points: tuple[UsagePoint, ...]


@dataclass(frozen=True, slots=True)
class LiveContainer:
    """A container at its last reading, for `top`."""

    name: str
    usage: Usage
    status: str = ""
    health: str = ""
    restarts: int | None = None
    read_ns: int = 0
    interval_ns: int = 0
    """How far readings are apart; 0 where that is not known yet."""
    cpu_history: tuple[float, ...] = ()
    """CPUs in the last minutes, oldest first, for a sparkline."""
    memory_history: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class LiveTask:
    """A task at its last reading, for `top`."""

    key: ResourceKey
    arn: str
    usage: Usage
    status: str = ""
    health: str = ""
    restarts: int | None = None
    family: str = ""
    revision: str = ""
    launch_type: str = ""
    availability_zone: str = ""
    started_ns: int = 0
    read_ns: int = 0
    interval_ns: int = 0
    """As of ``LiveContainer``, the greatest."""
    cpu_history: tuple[float, ...] = ()
    memory_history: tuple[int, ...] = ()
    containers: tuple[LiveContainer, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class LiveView:
    """All tasks that were measured lately."""

    now_ns: int
    tasks: tuple[LiveTask, ...]
    left_out: int = 0
    """Tasks beyond the limit."""


@dataclass(frozen=True, slots=True)
class ResourceNode:
    """A cluster, service, task or container on the map."""

    index: int
    parent: int
    """Index of the node above it; -1 for clusters. A task of no service hangs on its cluster."""
    key: ResourceKey
    usage: Usage
    arn: str = ""
    """As of ``ResourceEntry``."""
    status: str = ""
    """Last status, where ECS told it."""
    health: str = ""
    """Of tasks and containers: ``HEALTHY``, ``UNHEALTHY``, or empty."""
    tasks: int = 0
    desired: int | None = None
    """Of services: how many tasks there should be."""
    running: int | None = None
    alarms: int = 0
    """How many alarms of its own are in the state ``ALARM``."""


@dataclass(frozen=True, slots=True)
class ResourceMap:
    """Clusters, their services, their tasks, and the containers of these: each after the node above it."""

    nodes: tuple[ResourceNode, ...]
