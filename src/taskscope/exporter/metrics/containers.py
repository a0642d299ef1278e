"""What there is of each container; one that has stopped keeps its metadata, and has no statistics."""

from collections.abc import Iterator
from typing import Final

from prometheus_client import Metric

from taskscope.exporter.metrics.container_tables import FROM_MEMORY_DETAILS, FROM_METADATA, FROM_STATISTICS
from taskscope.exporter.metrics.family import family, info, shown
from taskscope.model.task_metadata import TaskContainer, TaskReading
from taskscope.model.task_usage import memory_limit

_NAME: Final = "container_name"
_HEALTH: Final = ("HEALTHY", "UNHEALTHY", "UNKNOWN")


def container_families(reading: TaskReading) -> Iterator[Metric]:
    """Yield the families of the containers that the task's definition names."""
    containers = shown(reading.task)
    measured = [(each, stats) for each in containers if (stats := reading.stats.get(each.id)) is not None]
    yield from info("ecs_container", "A container's metadata, to be joined with other metrics", map(_row, containers))
    for name, text, of_container in FROM_METADATA:
        yield from family(name, text, (_NAME,), [((each.name,), of_container(each)) for each in containers])
    yield from _health(containers)
    limits = [((each.name,), memory_limit(each, reading.task, reading.stats.get(each.id))) for each in containers]
    text = "Memory that the container may use: its own limit, else its task's, else the kernel's; absent without any"
    yield from family("ecs_container_memory_limit_bytes", text, (_NAME,), limits)
    for name, text, of_stats in FROM_STATISTICS:
        yield from family(name, text, (_NAME,), [((each.name,), of_stats(stats)) for each, stats in measured])
    for kind, name, text in FROM_MEMORY_DETAILS:
        samples = [((each.name,), stats.memory.details.get(kind)) for each, stats in measured]
        yield from family(f"ecs_container_memory_{name}", text, (_NAME,), samples)


def _row(container: TaskContainer) -> dict[str, str]:
    return {
        _NAME: container.name,
        "container_id": container.id,
        "container_arn": container.arn,
        "image": container.image,
        "image_id": container.image_id,
        "desired_status": container.desired_status,
        "known_status": container.known_status,
        "network_mode": container.network_mode,
    }


def _health(containers: tuple[TaskContainer, ...]) -> Iterator[Metric]:
    samples = [
        ((each.name, status), float(each.health == status)) for each in containers if each.health for status in _HEALTH
    ]
    text = "1 for what the container's health check says, 0 for what it does not; absent without a health check"
    return family("ecs_container_health_status", text, (_NAME, "status"), samples)
