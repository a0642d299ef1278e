"""The names, labels and values that dashboards of ecs-task-metadata-exporter rest on."""

from dataclasses import replace

from prometheus_client import Metric

from taskscope.exporter.metrics.compat import compat
from taskscope.exporter.reading import Outcome
from taskscope.model.task_metadata import ContainerStats, CpuCounters, MemoryUse, TaskContainer, TaskInfo, TaskReading

_TASK = TaskInfo(
    "shop",
    "arn:aws:ecs:eu-west-1:111122223333:task/shop/9a7d",
    "api",
    "42",
    availability_zone="eu-west-1b",
    containers=(
        TaskContainer("a", "app", known_status="RUNNING"),
        TaskContainer("p", "~internal~ecs~pause", type="CNI_PAUSE", known_status="RESOURCES_PROVISIONED"),
    ),
)
_STATS = ContainerStats(
    read_ns=20,
    cpu=CpuCounters(300, 2000),
    memory=MemoryUse(5, max_usage_bytes=9, said_limit_bytes=2**63 - 4096),
    previous_read_ns=10,
    previous_cpu=CpuCounters(100, 1000),
)
_LABELS = {
    "Cluster": "shop",
    "TaskARN": "arn:aws:ecs:eu-west-1:111122223333:task/shop/9a7d",
    "TaskDefinitionFamily": "api",
    "TaskDefinitionRevision": "42",
    "AvailabilityZone": "eu-west-1b",
}


def _families(task: TaskInfo = _TASK, stats: ContainerStats | None = _STATS) -> dict[str, Metric]:
    return {each.name: each for each in compat(Outcome(TaskReading(task, {"a": stats, "p": _STATS})))}


def test_values_and_labels() -> None:
    """All are gauges; the pause container is left out; the limit is the kernel's number."""
    families = _families()

    assert {name: [each.value for each in family.samples] for name, family in families.items()} == {
        "ecs_container_mem_usage_bytes": [5],
        "ecs_container_mem_max_usage_bytes": [9],
        "ecs_container_mem_limit_bytes": [2**63 - 4096],
        "ecs_container_cpu_usage": [0.2],
        "ecs_container_exporter_up": [1.0],
    }
    assert {family.type for family in families.values()} == {"gauge"}
    assert families["ecs_container_cpu_usage"].samples[0].labels == {**_LABELS, "ContainerName": "app"}
    assert families["ecs_container_exporter_up"].samples[0].labels == _LABELS


def test_unknown_zone_has_no_label() -> None:
    """Not an empty one."""
    [sample] = _families(replace(_TASK, availability_zone=""))["ecs_container_exporter_up"].samples

    assert sample.labels == {name: value for name, value in _LABELS.items() if name != "AvailabilityZone"}


def test_missing_values_are_zero() -> None:
    """Cgroup v2 has no maximum; a first reading no share."""
    families = _families(stats=ContainerStats(20, CpuCounters(300, 2000), MemoryUse(5)))

    assert families["ecs_container_mem_max_usage_bytes"].samples[0].value == 0
    assert families["ecs_container_mem_limit_bytes"].samples[0].value == 0
    assert families["ecs_container_cpu_usage"].samples[0].value == 0.0


def test_running_container_without_statistics_is_said() -> None:
    """By ``exporter_up``; it has no series of its own."""
    families = _families(stats=None)

    assert {name: [each.value for each in family.samples] for name, family in families.items()} == {
        "ecs_container_exporter_up": [0.0]
    }


def test_stopped_container_is_no_fault() -> None:
    """It has no series, and ``exporter_up`` stays 1."""
    stopped = replace(_TASK, containers=(replace(_TASK.containers[0], known_status="STOPPED"),))

    assert [(name, family.samples[0].value) for name, family in _families(stopped, None).items()] == [
        ("ecs_container_exporter_up", 1.0)
    ]
