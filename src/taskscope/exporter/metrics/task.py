"""What there is of the task itself: its metadata as one info metric, limits, storage, times, the clock, the network."""

from collections.abc import Callable, Iterator
from dataclasses import astuple, fields
from typing import Final

from prometheus_client import Metric

from taskscope.exporter.metrics.family import family, info, seconds, shown, single
from taskscope.model.task_metadata import InterfaceCounters, TaskInfo, TaskReading
from taskscope.model.task_usage import interfaces

_VALUES: Final[tuple[tuple[str, str, Callable[[TaskInfo], float | None]], ...]] = (
    (
        "ecs_task_cpu_limit_vcpus",
        "CPUs that the task may use; absent without a limit",
        lambda task: task.cpu_limit,
    ),
    (
        "ecs_task_memory_limit_bytes",
        "Memory that the task may use; absent without a limit",
        lambda task: task.memory_limit_bytes,
    ),
    (
        "ecs_task_ephemeral_storage_used_bytes",
        "Ephemeral storage in use; Fargate only",
        lambda task: task.ephemeral_used_bytes,
    ),
    (
        "ecs_task_ephemeral_storage_allocated_bytes",
        "Ephemeral storage of the task; Fargate only",
        lambda task: task.ephemeral_reserved_bytes,
    ),
    (
        "ecs_task_image_pull_start_timestamp_seconds",
        "When the first image began to be pulled",
        lambda task: seconds(task.pull_started_ns),
    ),
    (
        "ecs_task_image_pull_stop_timestamp_seconds",
        "When the last image was pulled",
        lambda task: seconds(task.pull_stopped_ns),
    ),
    (
        "ecs_task_execution_stop_timestamp_seconds",
        "When an essential container stopped",
        lambda task: seconds(task.execution_stopped_ns),
    ),
    (
        "ecs_task_clock_error_bound_seconds",
        "By how much the clock may be wrong, at most; Fargate and Managed Instances only",
        lambda task: task.clock_error_seconds,
    ),
    (
        "ecs_task_clock_synchronized",
        "1 where the clock is synchronized, 0 where it is not; Fargate and Managed Instances only",
        lambda task: None if task.clock_synchronized is None else float(task.clock_synchronized),
    ),
)
_COUNTERS: Final = {
    "rx_bytes": ("receive_bytes", "Bytes received"),
    "rx_packets": ("receive_packets", "Packets received"),
    "rx_errors": ("receive_errors", "Errors in receiving"),
    "rx_dropped": ("receive_packets_dropped", "Packets dropped in receiving"),
    "tx_bytes": ("transmit_bytes", "Bytes sent"),
    "tx_packets": ("transmit_packets", "Packets sent"),
    "tx_errors": ("transmit_errors", "Errors in sending"),
    "tx_dropped": ("transmit_packets_dropped", "Packets dropped in sending"),
}
_MEMBERS: Final = tuple(field.name for field in fields(InterfaceCounters))


def task_families(task: TaskInfo) -> Iterator[Metric]:
    """Yield the families of a task's metadata; what it does not say is absent."""
    row = {
        "cluster": task.cluster,
        "task_arn": task.arn,
        "family": task.family,
        "revision": task.revision,
        "service_name": task.service,
        "desired_status": task.desired_status,
        "known_status": task.known_status,
        "availability_zone": task.availability_zone,
        "launch_type": task.launch_type,
    }
    yield from info("ecs_task_metadata", "The task's metadata, to be joined with other metrics", [row])
    for name, text, value in _VALUES:
        yield from single(name, text, value(task))


def network_families(reading: TaskReading) -> Iterator[Metric]:
    """
    Yield the counters of network interfaces; they belong to a network namespace, and are never summed.

    ``ecs_network_…`` is of interfaces that all containers share (awsvpc), ``ecs_container_network_…`` of those that a
    container has for itself (bridge). No series may appear twice, so of containers of one name the last one counts.
    """
    shared: dict[tuple[str, ...], dict[str, int]] = {}
    own: dict[tuple[str, ...], dict[str, int]] = {}
    last = shown(reading.task)
    for container, name, counters in interfaces(reading):
        values = dict(zip(_MEMBERS, astuple(counters), strict=True))
        if container is None:
            shared[name,] = values
        elif container in last:
            own[container.name, name] = values
    for prefix, labels, rows in (
        ("ecs_network", ("interface",), shared),
        ("ecs_container_network", ("container_name", "interface"), own),
    ):
        for member, (name, text) in _COUNTERS.items():
            samples = [(label_values, values[member]) for label_values, values in rows.items()]
            yield from family(f"{prefix}_{name}_total", text, labels, samples)
