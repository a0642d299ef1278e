"""What readings come to, where it can be told, and where not."""

from dataclasses import replace

import pytest

from taskscope.model.task_metadata import (
    ContainerStats,
    CpuCounters,
    InterfaceCounters,
    MemoryUse,
    TaskContainer,
    TaskInfo,
    TaskReading,
)
from taskscope.model.task_usage import (
    cpus_used,
    host_share,
    interfaces,
    memory_limit,
    reserved_cpus,
    share_of_reservation,
    share_of_task,
    throttled_share,
)

_SECOND = 1_000_000_000
_TASK = TaskInfo("shop", "arn", "api", "1")


def _stats(
    now: CpuCounters | None = None, before: CpuCounters | None = None, seconds: float | None = 10.0
) -> ContainerStats:
    return ContainerStats(
        read_ns=100 * _SECOND,
        cpu=now or CpuCounters(0),
        memory=MemoryUse(0),
        previous_read_ns=None if seconds is None else int((100 - seconds) * _SECOND),
        previous_cpu=before,
    )


def _cpu(total: float, system: float | None = None) -> CpuCounters:
    """Return counters of so many seconds."""
    return CpuCounters(int(total * _SECOND), None if system is None else int(system * _SECOND))


@pytest.mark.parametrize(
    ("stats", "cpus", "share"),
    [
        (_stats(_cpu(25, 220), _cpu(20, 200)), 0.5, 0.25),
        (_stats(_cpu(20, 220), _cpu(20, 200)), 0.0, 0.0),
        (_stats(_cpu(35, 215), _cpu(20, 200)), 1.5, 1.0),
        (_stats(_cpu(5, 220), _cpu(20, 200)), None, 0.0),
        (_stats(_cpu(25, 200), _cpu(20, 200)), 0.5, 0.0),
        (_stats(_cpu(25, 150), _cpu(20, 200)), 0.5, 0.0),
        (_stats(_cpu(25, 220), None), None, 0.0),
        (_stats(_cpu(25, 220), None, seconds=None), None, 0.0),
        (_stats(_cpu(25, 220), _cpu(20)), 0.5, 0.0),
        (_stats(_cpu(25), _cpu(20, 200)), 0.5, 0.0),
        (_stats(_cpu(25, 220), _cpu(20, 200), seconds=0.0), None, 0.25),
        (_stats(_cpu(25, 220), _cpu(20, 200), seconds=-1.0), None, 0.25),
    ],
    ids=[
        "half a CPU of two",
        "idle",
        "all of the host",
        "container restarted",
        "host's counter stands",
        "host's counter began anew",
        "no precpu",
        "first reading",
        "precpu without the host",
        "host unknown",
        "the same reading twice",
        "readings in the wrong order",
    ],
)
def test_processor(stats: ContainerStats, cpus: float | None, share: float) -> None:
    """Processor time by time, and by the host's; the compatible gauge has 0 for what cannot be told."""
    assert cpus_used(stats) == cpus
    assert host_share(stats) == share


def test_shares_of_limits() -> None:
    """Of the task's CPUs, and of the container's reservation, which is no cap."""
    stats = _stats(_cpu(25, 220), _cpu(20, 200))

    assert share_of_task(stats, replace(_TASK, cpu_limit=0.25)) == 2.0
    assert share_of_task(stats, _TASK) is None
    assert share_of_task(_stats(), replace(_TASK, cpu_limit=0.25)) is None
    assert share_of_reservation(stats, TaskContainer("a", "app", cpu_units=128)) == 4.0
    assert share_of_reservation(stats, TaskContainer("a", "app")) is None
    assert reserved_cpus(TaskContainer("a", "app", cpu_units=128)) == 0.125
    assert reserved_cpus(TaskContainer("a", "app")) is None


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        ((110, 7), (100, 2), 0.5),
        ((110, 2), (100, 2), 0.0),
        ((100, 2), (100, 2), None),
        ((10, 1), (100, 2), None),
        ((110, 1), (100, 2), None),
        ((110, None), (100, 2), None),
        ((None, None), (None, None), None),
    ],
)
def test_throttling(
    now: tuple[int | None, int | None], before: tuple[int | None, int | None], expected: float | None
) -> None:
    """The share of periods between two readings; none without periods, or after a restart."""
    later, earlier = (CpuCounters(0, periods=each[0], throttled_periods=each[1]) for each in (now, before))

    assert throttled_share(_stats(later, earlier)) == expected
    assert throttled_share(_stats(later)) is None


@pytest.mark.parametrize(
    ("own", "task", "kernel", "expected"),
    [(1, 2, 3, 1), (None, 2, 3, 2), (None, None, 3, 3), (None, None, None, None)],
)
def test_limit_of_memory(own: int | None, task: int | None, kernel: int | None, expected: int | None) -> None:
    """The container's, else the task's, else the kernel's."""
    stats = replace(_stats(), memory=MemoryUse(0, limit_bytes=kernel))
    container = TaskContainer("a", "app", memory_limit_bytes=own)

    assert memory_limit(container, replace(_TASK, memory_limit_bytes=task), stats) == expected
    if kernel is None:
        assert memory_limit(container, replace(_TASK, memory_limit_bytes=task)) == expected


def _with_traffic(read_ns: int, **received: int) -> ContainerStats:
    networks = {name: InterfaceCounters(rx_bytes=size) for name, size in received.items()}
    return replace(_stats(), read_ns=read_ns, networks=networks)


def test_shared_interfaces_count_once() -> None:
    """In mode awsvpc all containers tell of the same ones: the newest reading is taken, from whichever container."""
    containers = tuple(
        TaskContainer(name, name, type=kind, network_mode="awsvpc")
        for name, kind in (("a", "NORMAL"), ("b", "NORMAL"), ("pause", "CNI_PAUSE"), ("stopped", "NORMAL"))
    )
    stats = {
        "a": _with_traffic(1, eth0=100),
        "b": _with_traffic(3, eth0=120, ecs0=7),
        "pause": _with_traffic(2, eth0=110),
        "stopped": None,
    }
    found = list(interfaces(TaskReading(replace(_TASK, containers=containers), stats)))

    assert [(each.container, each.name, each.counters.rx_bytes) for each in found] == [
        (None, "ecs0", 7),
        (None, "eth0", 120),
    ]


def test_fargate_shares_interfaces_without_saying_so() -> None:
    """It has no other mode."""
    task = replace(_TASK, launch_type="FARGATE", containers=(TaskContainer("a", "a"), TaskContainer("b", "b")))
    found = list(interfaces(TaskReading(task, {"a": _with_traffic(1, eth1=5), "b": _with_traffic(1, eth1=5)})))

    assert [(each.container, each.name) for each in found] == [(None, "eth1")]


def test_other_containers_have_interfaces_of_their_own() -> None:
    """In mode bridge equal names are different interfaces; those of the agent's own containers are left out."""
    containers = (
        TaskContainer("a", "a", network_mode="bridge"),
        TaskContainer("b", "b", network_mode="bridge"),
        TaskContainer("c", "c", network_mode="host"),
        TaskContainer("d", "d", type="SERVICE_CONNECT_RELAY", network_mode="bridge"),
    )
    stats = {
        "a": _with_traffic(1, eth0=1),
        "b": _with_traffic(1, eth0=2),
        "c": _stats(),
        "d": _with_traffic(1, eth0=4),
    }
    found = interfaces(TaskReading(replace(_TASK, containers=containers), stats))

    assert [(each.container.name, each.name, each.counters.rx_bytes) for each in found if each.container] == [
        ("a", "eth0", 1),
        ("b", "eth0", 2),
    ]
