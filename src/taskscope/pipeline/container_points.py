"""One reading of the task metadata endpoint as datapoints: of its containers, and of the task."""

from collections.abc import Collection, Iterator
from typing import Final, TypeAlias

from taskscope.clock import SECOND
from taskscope.model import container_metrics as metrics
from taskscope.model.attributes import Attributes
from taskscope.model.container_metrics import CONTAINER_NAME, DIRECTION_OF_DISK, DIRECTION_OF_NETWORK, INTERFACE
from taskscope.model.metric import Datapoint, Metric
from taskscope.model.resource import Resource
from taskscope.model.task_metadata import (
    NORMAL,
    ContainerStats,
    InterfaceCounters,
    TaskContainer,
    TaskInfo,
    TaskReading,
)
from taskscope.model.task_usage import Interface, cpus_used, interfaces, memory_limit, reserved_cpus
from taskscope.pipeline.origin import container_attributes, task_attributes

_Value: TypeAlias = tuple[Metric, Attributes, float | None]
"""A metric, the attributes of its point, and the value if there is one."""

_HEALTH: Final = {"HEALTHY": 1, "UNHEALTHY": 0}


def points_of(reading: TaskReading, *, seen: Collection[str] = ()) -> list[Datapoint]:
    """
    Return the datapoints of a reading; there are none of a container without statistics.

    Containers that were ``seen`` with the same statistics before are part of what the task uses, and told of no more.

    Containers that the task definition does not name, such as the one that holds the network, have no points of their
    own, but are part of what the task uses.
    """
    task, points = reading.task, list[Datapoint]()
    measured = [(each, stats) for each in task.containers if (stats := reading.stats.get(each.id)) is not None]
    networks = list(interfaces(reading))
    own = task_resource_attributes(task)
    for container, stats in measured:
        if container.type == NORMAL and container.id not in seen:
            resource = Resource({**own, **_container_attributes(container)})
            values = _container_values(container, stats, task)
            points += _points(values, resource, stats.read_ns, _begin(container))
            for each in networks:
                if each.container is container:
                    values = _network_values(_OWN_NETWORK, each.counters, {INTERFACE: each.name})
                    points += _points(values, resource, stats.read_ns, _begin(container))
    if measured:
        resource = Resource(own)
        points += _task_points(task, measured, resource)
        points += _task_network(reading, networks, resource, max(stats.read_ns for _, stats in measured))
    return points


def task_resource_attributes(task: TaskInfo) -> Attributes:
    """Return what is known of a task, in the names that telemetry of its apps is labelled with too."""
    attributes = task_attributes(
        task.arn,
        cluster=task.cluster_arn or task.cluster,
        family=task.family,
        revision=task.revision,
        launch_type=task.launch_type,
        zone=task.availability_zone,
    )
    named = {"service.name": task.service or task.family, metrics.SERVICE: task.service}
    return {**attributes, **{name: value for name, value in named.items() if value}}


def _container_attributes(container: TaskContainer) -> Attributes:
    """Take the image's name and tag apart: ``registry:5000/app:42@sha256:…``."""
    image, _, _ = container.image.partition("@")
    name, colon, tag = image.rpartition(":")
    if not colon or "/" in tag:  # the port of a registry
        name, tag = image, ""
    found = {
        **container_attributes(container.name, container.id, container.arn),
        "container.image.name": name,
        "container.image.tags": [tag] if tag else None,
        "container.image.id": container.image_id,
    }
    return {key: value for key, value in found.items() if value}


def _points(values: Iterator[_Value], resource: Resource, time_ns: int, start_ns: int) -> Iterator[Datapoint]:
    """Yield the points of what has a value; a counter covers the time since its start."""
    for metric, attributes, value in values:
        if value is not None:
            start = start_ns if metric.is_monotonic else 0
            yield Datapoint(metric, attributes, time_ns, value, resource, start_ns=start)


def _begin(container: TaskContainer) -> int:
    """Return when a container's counters began; 0 where that is not said."""
    return container.started_ns or container.created_ns or 0


def _container_values(container: TaskContainer, stats: ContainerStats, task: TaskInfo) -> Iterator[_Value]:
    cpu, memory, started = stats.cpu, stats.memory, container.started_ns
    yield metrics.CPU_TIME, {}, _seconds(cpu.total_ns)
    yield metrics.CPU_USAGE, {}, cpus_used(stats)
    yield metrics.CPU_RESERVED, {}, reserved_cpus(container)
    yield metrics.CPU_PERIODS, {}, cpu.periods
    yield metrics.CPU_THROTTLED_PERIODS, {}, cpu.throttled_periods
    yield metrics.CPU_THROTTLED_TIME, {}, _seconds(cpu.throttled_ns)
    yield metrics.MEMORY_USAGE, {}, memory.usage_bytes
    yield metrics.MEMORY_WORKING_SET, {}, memory.working_set_bytes
    yield metrics.MEMORY_CACHE, {}, memory.cache_bytes
    yield metrics.MEMORY_LIMIT, {}, memory_limit(container, task, stats)
    yield from _disk_values(metrics.DISK_IO, stats.disk.read_bytes, stats.disk.write_bytes, {})
    yield from _disk_values(metrics.DISK_OPERATIONS, stats.disk.reads, stats.disk.writes, {})
    yield metrics.PIDS, {}, stats.pids
    yield metrics.UPTIME, {}, None if started is None else max(0, stats.read_ns - started) / SECOND
    yield metrics.RESTARTS, {}, container.restarts
    yield metrics.HEALTH, {}, _HEALTH.get(container.health)


def _disk_values(metric: Metric, read: int | None, written: int | None, attributes: Attributes) -> Iterator[_Value]:
    yield metric, {**attributes, DIRECTION_OF_DISK: "read"}, read
    yield metric, {**attributes, DIRECTION_OF_DISK: "write"}, written


_OWN_NETWORK: Final = (
    metrics.NETWORK_IO, metrics.NETWORK_PACKETS, metrics.NETWORK_ERRORS, metrics.NETWORK_DROPPED,
)  # fmt: skip
_TASK_NETWORK: Final = (
    metrics.TASK_NETWORK_IO, metrics.TASK_NETWORK_PACKETS, metrics.TASK_NETWORK_ERRORS, metrics.TASK_NETWORK_DROPPED,
)  # fmt: skip


def _network_values(of: tuple[Metric, ...], counters: InterfaceCounters, attributes: Attributes) -> Iterator[_Value]:
    """Yield traffic, packets, errors and dropped packets of an interface in both directions."""
    received = (counters.rx_bytes, counters.rx_packets, counters.rx_errors, counters.rx_dropped)
    sent = (counters.tx_bytes, counters.tx_packets, counters.tx_errors, counters.tx_dropped)
    for direction, values in (("receive", received), ("transmit", sent)):
        for metric, value in zip(of, values, strict=True):
            yield metric, {**attributes, DIRECTION_OF_NETWORK: direction}, value


def _task_points(
    task: TaskInfo, measured: list[tuple[TaskContainer, ContainerStats]], resource: Resource
) -> Iterator[Datapoint]:
    """Yield what all containers use together, at the time of the last of them, and what the task has."""
    time_ns = max(stats.read_ns for _, stats in measured)
    yield from _points(_task_values(task, [stats for _, stats in measured]), resource, time_ns, 0)
    for container, stats in measured:
        named = {CONTAINER_NAME: container.name}
        disk = _disk_values(metrics.TASK_DISK_IO, stats.disk.read_bytes, stats.disk.write_bytes, named)
        yield from _points(disk, resource, stats.read_ns, _begin(container))


def _task_network(
    reading: TaskReading, networks: list[Interface], resource: Resource, time_ns: int
) -> Iterator[Datapoint]:
    """Yield the traffic of a task: an interface that its containers share is there before any of them."""
    first = min(filter(None, map(_begin, reading.task.containers)), default=0)
    for interface, container, counters in ((each.name, each.container, each.counters) for each in networks):
        if container is None:
            values = _network_values(_TASK_NETWORK, counters, {INTERFACE: interface})
            yield from _points(values, resource, time_ns, first)
        elif (stats := reading.stats.get(container.id)) is not None:
            values = _network_values(_TASK_NETWORK, counters, {INTERFACE: interface, CONTAINER_NAME: container.name})
            yield from _points(values, resource, stats.read_ns, _begin(container))


def _task_values(task: TaskInfo, measured: list[ContainerStats]) -> Iterator[_Value]:
    in_use = [cpus for each in measured if (cpus := cpus_used(each)) is not None]
    working_sets = [_working_set(each) for each in measured]
    yield metrics.TASK_CPU_USAGE, {}, sum(in_use) if in_use else None
    yield metrics.TASK_CPU_LIMIT, {}, task.cpu_limit
    yield metrics.TASK_MEMORY_USAGE, {}, sum(each.memory.usage_bytes for each in measured)
    yield metrics.TASK_MEMORY_WORKING_SET, {}, sum(working_sets)
    yield metrics.TASK_MEMORY_LIMIT, {}, task.memory_limit_bytes
    yield metrics.TASK_EPHEMERAL_USAGE, {}, task.ephemeral_used_bytes
    yield metrics.TASK_EPHEMERAL_LIMIT, {}, task.ephemeral_reserved_bytes
    yield metrics.TASK_CLOCK_ERROR, {}, task.clock_error_seconds


def _working_set(stats: ContainerStats) -> int:
    found = stats.memory.working_set_bytes
    return stats.memory.usage_bytes if found is None else found


def _seconds(nanoseconds: int | None) -> float | None:
    return None if nanoseconds is None else nanoseconds / SECOND
