"""
The families of ecs-task-metadata-exporter, under its names and labels, so that its dashboards go on.

Its values too: a maximum is 0 where the endpoint says none (cgroup v2), and a limit is the kernel's number even where
that stands for "no limit" (Fargate). Other than there, a stopped container has no series rather than zeros, and
``exporter_up`` is 0 also where the metadata cannot be read.
"""

from collections.abc import Callable, Iterator
from typing import Final

from prometheus_client import Metric

from taskscope.exporter.metrics.family import family, shown, single
from taskscope.exporter.reading import Outcome
from taskscope.model.task_metadata import ContainerStats, TaskInfo
from taskscope.model.task_usage import host_share

_UP: Final = ("ecs_container_exporter_up", "1 where the scrape has read everything, 0 where something is missing")
_VALUES: Final[tuple[tuple[str, str, Callable[[ContainerStats], float]], ...]] = (
    (
        "ecs_container_mem_usage_bytes",
        "Memory in use, with page cache",
        lambda stats: stats.memory.usage_bytes,
    ),
    (
        "ecs_container_mem_max_usage_bytes",
        "Most memory that was in use, 0 with cgroup v2",
        lambda stats: stats.memory.max_usage_bytes or 0,
    ),
    (
        "ecs_container_mem_limit_bytes",
        "Limit of memory as the kernel has it",
        lambda stats: stats.memory.said_limit_bytes or 0,
    ),
    (
        "ecs_container_cpu_usage",
        "Processor time as a share of the host's, 0 to 1, between the last two readings",
        host_share,
    ),
)


def compat(outcome: Outcome) -> Iterator[Metric]:
    """Yield the families of what was read; without a reading, ``exporter_up`` alone, and without labels."""
    if outcome.reading is None:
        yield from single(*_UP, 0.0)
        return
    labels = _labels(outcome.reading.task)
    containers = [
        (container.name, stats)
        for container in shown(outcome.reading.task)
        if (stats := outcome.reading.stats.get(container.id)) is not None
    ]
    for name, text, value in _VALUES:
        samples = [((*labels.values(), container), value(stats)) for container, stats in containers]
        yield from family(name, text, (*labels, "ContainerName"), samples)
    yield from family(*_UP, tuple(labels), [(tuple(labels.values()), float(outcome.is_complete))])


def _labels(task: TaskInfo) -> dict[str, str]:
    """Return the labels of the task; the one of the zone is missing where it is not known, and never empty."""
    labels = {
        "Cluster": task.cluster,
        "TaskARN": task.arn,
        "TaskDefinitionFamily": task.family,
        "TaskDefinitionRevision": task.revision,
        "AvailabilityZone": task.availability_zone,
    }
    return labels if task.availability_zone else {name: labels[name] for name in labels if name != "AvailabilityZone"}
