"""Families of containers."""

from prometheus_client import Metric

from taskscope.exporter.metrics.containers import container_families
from taskscope.model.task_metadata import (
    ContainerStats,
    CpuCounters,
    DiskIo,
    MemoryUse,
    TaskContainer,
    TaskInfo,
    TaskReading,
)


def _families(container: TaskContainer, stats: ContainerStats | None) -> dict[str, Metric]:
    task = TaskInfo("shop", "arn", "api", "1", containers=(container,))
    found = container_families(TaskReading(task, {container.id: stats}))
    return {each.name: each for each in found}


def test_what_is_not_said_is_absent() -> None:
    """Never 0: of statistics only what must be there is."""
    families = _families(
        TaskContainer("a", "app"), ContainerStats(2_000_000_000, CpuCounters(1_500_000_000), MemoryUse(7))
    )

    assert {name: family.samples[0].value for name, family in families.items()} == {
        "ecs_container": 1,
        "ecs_container_stats_timestamp_seconds": 2.0,
        "ecs_container_cpu_usage_seconds": 1.5,
        "ecs_container_memory_usage_bytes": 7,
    }


def test_zero_is_said() -> None:
    """A counter at 0 and a file's end are values."""
    stats = ContainerStats(1, CpuCounters(0, throttled_ns=0), MemoryUse(0, cache_bytes=0), DiskIo(0, 0, 0, 0), pids=0)
    families = _families(TaskContainer("a", "app", exit_code=0, restarts=0), stats)

    for name in (
        "ecs_container_cpu_throttled_seconds",
        "ecs_container_memory_page_cache_size_bytes",
        "ecs_container_disk_read_bytes",
        "ecs_container_pids",
        "ecs_container_exit_code",
        "ecs_container_restarts",
    ):
        assert [each.value for each in families[name].samples] == [0], name


def test_container_that_ended_keeps_its_metadata() -> None:
    """How it ended, and no statistics."""
    container = TaskContainer(
        "a", "app", known_status="STOPPED", exit_code=137, finished_ns=3_000_000_000, memory_limit_bytes=8
    )
    families = _families(container, None)

    assert set(families) == {
        "ecs_container",
        "ecs_container_exit_code",
        "ecs_container_finished_timestamp_seconds",
        "ecs_container_memory_limit_bytes",
    }
    assert families["ecs_container"].samples[0].labels["known_status"] == "STOPPED"


def test_health_is_one_of_three() -> None:
    """A series for each status, so that a change shows; none without a health check."""
    [*samples] = _families(TaskContainer("a", "app", health="UNHEALTHY"), None)["ecs_container_health_status"].samples

    assert [(each.labels["status"], each.value) for each in samples] == [
        ("HEALTHY", 0.0),
        ("UNHEALTHY", 1.0),
        ("UNKNOWN", 0.0),
    ]
    assert "ecs_container_health_status" not in _families(TaskContainer("a", "app"), None)


def test_containers_of_the_agent_are_left_out() -> None:
    """The pause container is nobody's."""
    assert (
        _families(TaskContainer("p", "pause", type="CNI_PAUSE"), ContainerStats(1, CpuCounters(1), MemoryUse(1))) == {}
    )
