"""
What readings of containers come to: processor shares, limits of memory, interfaces of a task.

None stands for what cannot be told: no earlier reading, a counter that began anew, no time in between, no limit.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from taskscope.model.task_metadata import (
    NORMAL,
    ContainerStats,
    InterfaceCounters,
    TaskContainer,
    TaskInfo,
    TaskReading,
)

_UNITS_PER_CPU: Final = 1024
_NETWORK_OF_ITS_OWN: Final = "awsvpc"
_FARGATE: Final = "FARGATE"
"""Its tasks have mode awsvpc always."""


class Interface(NamedTuple):
    """A network interface that a task's traffic goes through."""

    container: TaskContainer | None
    """Whose it is; None where all containers share it."""
    name: str
    counters: InterfaceCounters


def cpus_used(stats: ContainerStats) -> float | None:
    """Return the CPUs in use between the agent's last two readings: processor time by time."""
    before = stats.previous_cpu
    used = _growth(stats.cpu.total_ns, before.total_ns) if before is not None else None
    elapsed = _growth(stats.read_ns, stats.previous_read_ns)
    return used / elapsed if used is not None and elapsed else None


def _growth(now: int | None, before: int | None) -> int | None:
    """Return by how much a counter grew; None where it began anew, or one of the two is not known."""
    return now - before if now is not None and before is not None and now >= before else None


def host_share(stats: ContainerStats) -> float:
    """
    Return processor time as a share of the whole host's, 0 to 1, as ecs-task-metadata-exporter defines it.

    0 stands there for what cannot be told, too. On Fargate the host has more CPUs than the task.
    """
    before = stats.previous_cpu
    if before is None:
        return 0.0
    used, passed = _growth(stats.cpu.total_ns, before.total_ns), _growth(stats.cpu.system_ns, before.system_ns)
    return used / passed if used and passed else 0.0


def share_of_task(stats: ContainerStats, task: TaskInfo) -> float | None:
    """Return the CPUs in use as a share of the task's limit."""
    cpus = cpus_used(stats)
    return cpus / task.cpu_limit if cpus is not None and task.cpu_limit else None


def share_of_reservation(stats: ContainerStats, container: TaskContainer) -> float | None:
    """Return the CPUs in use as a share of what the container reserves; more than 1 where others leave it more."""
    cpus = cpus_used(stats)
    return cpus * _UNITS_PER_CPU / container.cpu_units if cpus is not None and container.cpu_units else None


def reserved_cpus(container: TaskContainer) -> float | None:
    """Return what a container reserves, in CPUs."""
    return container.cpu_units / _UNITS_PER_CPU if container.cpu_units is not None else None


def throttled_share(stats: ContainerStats) -> float | None:
    """Return in what share of its periods the container was throttled, between the agent's last two readings."""
    before = stats.previous_cpu
    if before is None:
        return None
    periods = _growth(stats.cpu.periods, before.periods)
    throttled = _growth(stats.cpu.throttled_periods, before.throttled_periods)
    return throttled / periods if periods and throttled is not None else None


def memory_limit(container: TaskContainer, task: TaskInfo, stats: ContainerStats | None = None) -> int | None:
    """
    Return what a container may use: its own limit, else its task's, else the kernel's.

    The kernel's comes last since on EC2 it is the host's memory where nobody set one.
    """
    kernel = stats.memory.limit_bytes if stats is not None else None
    return container.memory_limit_bytes or task.memory_limit_bytes or kernel


def interfaces(reading: TaskReading) -> Iterator[Interface]:
    """
    Yield each network interface of the task once.

    In mode awsvpc all containers are in one network namespace and tell the same counters of it: the newest reading
    counts. Else each container has interfaces of its own. Mode host tells nothing.
    """
    shared: dict[str, tuple[int, InterfaceCounters]] = {}
    for container in reading.task.containers:
        stats = reading.stats.get(container.id)
        if stats is None or stats.networks is None:
            continue
        if container.network_mode == _NETWORK_OF_ITS_OWN or reading.task.launch_type == _FARGATE:
            for name, counters in stats.networks.items():
                if name not in shared or shared[name][0] < stats.read_ns:
                    shared[name] = stats.read_ns, counters
        elif container.type == NORMAL:
            yield from (Interface(container, name, counters) for name, counters in stats.networks.items())
    yield from (Interface(None, name, counters) for name, (_read_ns, counters) in sorted(shared.items()))
