"""What there is of each container; one that has stopped keeps its metadata, and has no statistics."""

from collections.abc import Callable, Iterator
from typing import Final

from prometheus_client import Metric

from taskscope.exporter.metrics.family import family, info, seconds, shown
from taskscope.model.task_metadata import ContainerStats, TaskContainer, TaskReading
from taskscope.model.task_usage import memory_limit, reserved_cpus

_NAME: Final = "container_name"
_HEALTH: Final = ("HEALTHY", "UNHEALTHY", "UNKNOWN")

_FROM_STATISTICS: Final[tuple[tuple[str, str, Callable[[ContainerStats], float | None]], ...]] = (
    (
        "ecs_container_stats_timestamp_seconds",
        "When the statistics were taken; Fargate takes them every 10 s",
        lambda stats: seconds(stats.read_ns),
    ),
    (
        "ecs_container_cpu_usage_seconds_total",
        "Processor time",
        lambda stats: seconds(stats.cpu.total_ns),
    ),
    (
        "ecs_container_cpu_user_seconds_total",
        "Processor time in user mode",
        lambda stats: seconds(stats.cpu.user_ns),
    ),
    (
        "ecs_container_cpu_system_seconds_total",
        "Processor time in kernel mode",
        lambda stats: seconds(stats.cpu.kernel_ns),
    ),
    (
        "ecs_container_cpu_periods_total",
        "Periods of the scheduler in which the container could run, where it has a quota",
        lambda stats: stats.cpu.periods,
    ),
    (
        "ecs_container_cpu_throttled_periods_total",
        "Periods in which the container used up its quota",
        lambda stats: stats.cpu.throttled_periods,
    ),
    (
        "ecs_container_cpu_throttled_seconds_total",
        "Time for which the container was throttled",
        lambda stats: seconds(stats.cpu.throttled_ns),
    ),
    (
        "ecs_container_memory_usage_bytes",
        "Memory in use, with page cache",
        lambda stats: stats.memory.usage_bytes,
    ),
    (
        "ecs_container_memory_working_set_bytes",
        "Memory in use without inactive file pages, which the kernel can take back",
        lambda stats: stats.memory.working_set_bytes,
    ),
    (
        "ecs_container_memory_page_cache_size_bytes",
        "Page cache",
        lambda stats: stats.memory.cache_bytes,
    ),
    (
        "ecs_container_memory_rss_bytes",
        "Anonymous memory",
        lambda stats: stats.memory.rss_bytes,
    ),
    (
        "ecs_container_memory_max_usage_bytes",
        "Most memory that was in use; cgroup v1 only",
        lambda stats: stats.memory.max_usage_bytes,
    ),
    (
        "ecs_container_disk_read_bytes_total",
        "Bytes read from block devices",
        lambda stats: stats.disk.read_bytes,
    ),
    (
        "ecs_container_disk_written_bytes_total",
        "Bytes written to block devices",
        lambda stats: stats.disk.write_bytes,
    ),
    (
        "ecs_container_disk_reads_completed_total",
        "Reads of block devices",
        lambda stats: stats.disk.reads,
    ),
    (
        "ecs_container_disk_writes_completed_total",
        "Writes to block devices",
        lambda stats: stats.disk.writes,
    ),
    (
        "ecs_container_pids",
        "Processes and threads",
        lambda stats: stats.pids,
    ),
)
_FROM_METADATA: Final[tuple[tuple[str, str, Callable[[TaskContainer], float | None]], ...]] = (
    (
        "ecs_container_cpu_reservation_vcpus",
        "CPUs that the definition reserves; the container may use more where others leave it",
        reserved_cpus,
    ),
    (
        "ecs_container_restarts_total",
        "Restarts by the restart policy; absent without one",
        lambda container: container.restarts,
    ),
    (
        "ecs_container_exit_code",
        "Exit code of the last run; absent before it ended",
        lambda container: container.exit_code,
    ),
    (
        "ecs_container_created_timestamp_seconds",
        "When the container was made",
        lambda container: seconds(container.created_ns),
    ),
    (
        "ecs_container_started_timestamp_seconds",
        "When the container started",
        lambda container: seconds(container.started_ns),
    ),
    (
        "ecs_container_finished_timestamp_seconds",
        "When the container ended",
        lambda container: seconds(container.finished_ns),
    ),
    (
        "ecs_container_health_since_timestamp_seconds",
        "Since when its health is what it is; absent without a health check",
        lambda container: seconds(container.health_since_ns),
    ),
)


def container_families(reading: TaskReading) -> Iterator[Metric]:
    """Yield the families of the containers that the task's definition names."""
    containers = shown(reading.task)
    measured = [(each, stats) for each in containers if (stats := reading.stats.get(each.id)) is not None]
    yield from info("ecs_container", "A container's metadata, to be joined with other metrics", map(_row, containers))
    for name, text, of_container in _FROM_METADATA:
        yield from family(name, text, (_NAME,), [((each.name,), of_container(each)) for each in containers])
    yield from _health(containers)
    limits = [((each.name,), memory_limit(each, reading.task, reading.stats.get(each.id))) for each in containers]
    text = "Memory that the container may use: its own limit, else its task's, else the kernel's; absent without any"
    yield from family("ecs_container_memory_limit_bytes", text, (_NAME,), limits)
    for name, text, of_stats in _FROM_STATISTICS:
        yield from family(name, text, (_NAME,), [((each.name,), of_stats(stats)) for each, stats in measured])


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
