"""
What the task metadata endpoint says of a task, its containers and their use of the machine.

One shape for its versions 2, 3 and 4, for EC2, Fargate and ECS Anywhere, for cgroup v1 and v2: what a platform does not
say is None, never 0. Bytes are bytes and times nanoseconds, whatever units the endpoint has.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

NORMAL: Final = "NORMAL"
"""The type of containers that the task definition names; others are the agent's own, such as ``CNI_PAUSE``."""


@dataclass(frozen=True, slots=True)
class TaskContainer:
    """A container as the endpoint describes it."""

    id: str
    """Docker's id; on Fargate the task's id, ``-`` and digits. The key of statistics."""
    name: str
    type: str = NORMAL
    docker_name: str = ""
    image: str = ""
    image_id: str = ""
    arn: str = ""
    desired_status: str = ""
    known_status: str = ""
    exit_code: int | None = None
    cpu_units: float | None = None
    """What is reserved, 1,024 for a CPU; shares, not a cap. None where the definition reserves nothing."""
    memory_limit_bytes: int | None = None
    """The hard limit of the definition."""
    created_ns: int | None = None
    started_ns: int | None = None
    finished_ns: int | None = None
    health: str = ""
    """``HEALTHY``, ``UNHEALTHY``, ``UNKNOWN``; empty without a health check."""
    health_since_ns: int | None = None
    restarts: int | None = None
    """Only with a restart policy."""
    network_mode: str = ""
    """``awsvpc``, ``bridge``, ``host``, ``none``; empty where it is not said."""
    addresses: tuple[str, ...] = ()
    log_driver: str = ""
    log_options: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TaskInfo:
    """A task as the endpoint describes it."""

    cluster: str
    """The cluster's name, also where the endpoint gives its ARN."""
    arn: str
    family: str
    revision: str
    cluster_arn: str = ""
    """Empty where neither it nor the task's ARN tells it."""
    service: str = ""
    """Fargate does not say it."""
    desired_status: str = ""
    known_status: str = ""
    availability_zone: str = ""
    launch_type: str = ""
    cpu_limit: float | None = None
    """CPUs."""
    memory_limit_bytes: int | None = None
    pull_started_ns: int | None = None
    pull_stopped_ns: int | None = None
    execution_stopped_ns: int | None = None
    ephemeral_used_bytes: int | None = None
    ephemeral_reserved_bytes: int | None = None
    clock_error_seconds: float | None = None
    clock_synchronized: bool | None = None
    containers: tuple[TaskContainer, ...] = ()


@dataclass(frozen=True, slots=True)
class CpuCounters:
    """Processor time since the container's start, at one reading."""

    total_ns: int
    system_ns: int | None = None
    """Of the whole host, over all of its CPUs."""
    user_ns: int | None = None
    kernel_ns: int | None = None
    online: int | None = None
    """CPUs of the host."""
    periods: int | None = None
    throttled_periods: int | None = None
    throttled_ns: int | None = None


@dataclass(frozen=True, slots=True)
class MemoryUse:
    """Memory at one reading."""

    usage_bytes: int
    """With page cache."""
    cache_bytes: int | None = None
    """Page cache: ``cache`` of cgroup v1, ``file`` of v2."""
    working_set_bytes: int | None = None
    """Usage without inactive file pages: what cannot be given back."""
    rss_bytes: int | None = None
    """``rss`` of cgroup v1, ``anon`` of v2."""
    max_usage_bytes: int | None = None
    """Cgroup v1 only."""
    limit_bytes: int | None = None
    """As the kernel has it; None for "no limit" (at least 2**60)."""
    said_limit_bytes: int | None = None
    """Likewise, but with the kernel's number for "no limit" as the endpoint says it."""
    details: Mapping[str, int] = field(default_factory=dict)
    """Kinds of memory in bytes, and events of paging as counts, by cgroup v2's names of ``memory.stat``."""


@dataclass(frozen=True, slots=True)
class DiskIo:
    """Block I/O since the container's start, over all devices."""

    read_bytes: int | None = None
    write_bytes: int | None = None
    reads: int | None = None
    writes: int | None = None


@dataclass(frozen=True, slots=True)
class InterfaceCounters:
    """Counters of one network interface of the container's network namespace."""

    rx_bytes: int = 0
    rx_packets: int = 0
    rx_errors: int = 0
    rx_dropped: int = 0
    tx_bytes: int = 0
    tx_packets: int = 0
    tx_errors: int = 0
    tx_dropped: int = 0


@dataclass(frozen=True, slots=True)
class ContainerStats:
    """One reading of a container's counters, and the one before it as the agent took it."""

    read_ns: int
    cpu: CpuCounters
    memory: MemoryUse
    disk: DiskIo = DiskIo()
    networks: Mapping[str, InterfaceCounters] | None = None
    """By interface; None where the endpoint says nothing of networks (host mode, a container without one)."""
    pids: int | None = None
    previous_read_ns: int | None = None
    """None with the first reading of a container: then there are no rates yet."""
    previous_cpu: CpuCounters | None = None


@dataclass(frozen=True, slots=True)
class TaskReading:
    """A task with the statistics of its containers, read together."""

    task: TaskInfo
    stats: Mapping[str, ContainerStats | None]
    """By container id; None where the endpoint has none (just started, stopped) or what it has cannot be read."""
    faults: tuple[str, ...] = ()
    """What could not be read of the statistics, a line each; the rest is here all the same."""
