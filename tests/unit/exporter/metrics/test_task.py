"""Families of the task, and of network interfaces."""

from collections.abc import Iterable
from dataclasses import replace

from prometheus_client import Metric

from taskscope.exporter.metrics.task import network_families, task_families
from taskscope.model.task_metadata import (
    ContainerStats,
    CpuCounters,
    InterfaceCounters,
    MemoryUse,
    TaskContainer,
    TaskInfo,
    TaskReading,
)

_ETH0 = {"eth0": InterfaceCounters(1, 2, 3, 4, 5, 6, 7, 8)}
_STATS = ContainerStats(1, CpuCounters(1), MemoryUse(1), networks=_ETH0)


def _samples(families: Iterable[Metric]) -> dict[str, list[tuple[dict[str, str], float]]]:
    return {
        name: [(each.labels, each.value) for each in family.samples if each.name == name]
        for family in families
        for name in {each.name for each in family.samples}
    }


def test_what_a_task_does_not_say_is_absent() -> None:
    """Only the info metric is always there, with empty labels."""
    samples = _samples(task_families(TaskInfo("shop", "arn", "api", "1")))

    assert list(samples) == ["ecs_task_metadata_info"]
    [(labels, value)] = samples["ecs_task_metadata_info"]
    assert value == 1
    assert labels["cluster"] == "shop"
    assert labels["availability_zone"] == ""


def test_base_units() -> None:
    """Seconds, bytes and CPUs."""
    task = TaskInfo(
        "shop",
        "arn",
        "api",
        "1",
        cpu_limit=0.25,
        memory_limit_bytes=5,
        pull_started_ns=1_500_000_000,
        execution_stopped_ns=2_000_000_000,
        ephemeral_used_bytes=0,
        clock_error_seconds=0.001,
        clock_synchronized=False,
    )
    samples = {name: rows[0][1] for name, rows in _samples(task_families(task)).items()}

    assert samples == {
        "ecs_task_metadata_info": 1,
        "ecs_task_cpu_limit_vcpus": 0.25,
        "ecs_task_memory_limit_bytes": 5,
        "ecs_task_ephemeral_storage_used_bytes": 0,
        "ecs_task_image_pull_start_timestamp_seconds": 1.5,
        "ecs_task_execution_stop_timestamp_seconds": 2.0,
        "ecs_task_clock_error_bound_seconds": 0.001,
        "ecs_task_clock_synchronized": 0.0,
    }


def test_each_counter_has_its_family() -> None:
    """Of a shared interface, with the interface as its only label."""
    task = TaskInfo("shop", "arn", "api", "1", containers=(TaskContainer("a", "a", network_mode="awsvpc"),))

    assert _samples(network_families(TaskReading(task, {"a": _STATS}))) == {
        name: [({"interface": "eth0"}, value)]
        for name, value in (
            ("ecs_network_receive_bytes_total", 1),
            ("ecs_network_receive_packets_total", 2),
            ("ecs_network_receive_errors_total", 3),
            ("ecs_network_receive_packets_dropped_total", 4),
            ("ecs_network_transmit_bytes_total", 5),
            ("ecs_network_transmit_packets_total", 6),
            ("ecs_network_transmit_errors_total", 7),
            ("ecs_network_transmit_packets_dropped_total", 8),
        )
    }


def test_containers_of_a_bridge_are_not_summed() -> None:
    """Each has a series, under a name that does not pretend to be the task's."""
    containers = tuple(TaskContainer(name, name, network_mode="bridge") for name in "ab")
    reading = TaskReading(TaskInfo("shop", "arn", "api", "1", containers=containers), {"a": _STATS, "b": _STATS})
    samples = _samples(network_families(reading))

    assert len(samples) == 8
    assert samples["ecs_container_network_receive_bytes_total"] == [
        ({"container_name": "a", "interface": "eth0"}, 1),
        ({"container_name": "b", "interface": "eth0"}, 1),
    ]


def test_of_containers_of_one_name_the_last_one_counts() -> None:
    """Prometheus takes no series twice; the other families take the last one, too."""
    containers = tuple(TaskContainer(each, "web", network_mode="bridge") for each in ("1", "2"))
    newer = replace(_STATS, networks={"eth1": InterfaceCounters(rx_bytes=9)})
    task = TaskInfo("shop", "arn", "api", "1", containers=containers)
    samples = _samples(network_families(TaskReading(task, {"1": _STATS, "2": newer})))

    assert samples["ecs_container_network_receive_bytes_total"] == [({"container_name": "web", "interface": "eth1"}, 9)]
