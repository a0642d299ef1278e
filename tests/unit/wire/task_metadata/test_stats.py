"""Statistics of both cgroup versions, of all platforms, and worse ones."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from taskscope.model.task_metadata import ContainerStats, DiskIo, InterfaceCounters, TaskContainer, TaskInfo
from taskscope.wire.task_metadata.stats import read_stats
from taskscope.wire.task_metadata.task import read_task

_FIXTURES = Path(__file__).parents[3] / "fixtures" / "tmde"
_TASK = TaskInfo("shop", "arn", "api", "1", containers=(TaskContainer("a", "app"), TaskContainer("b", "other")))


def _of(name: str) -> Mapping[str, ContainerStats]:
    """Return the readable statistics of a fixture by the container's name."""
    task = read_task(json.loads((_FIXTURES / name / "task.json").read_bytes()))
    stats, faults = read_stats(json.loads((_FIXTURES / name / "stats.json").read_bytes()), task)
    assert not faults
    return {each.name: found for each in task.containers if (found := stats.get(each.id)) is not None}


def _document(**members: Any) -> dict[str, Any]:
    """Return the least that reads as statistics, and more."""
    return {
        "read": "2026-03-12T21:18:07Z",
        "cpu_stats": {"cpu_usage": {"total_usage": 1}},
        "memory_stats": {"usage": 1000},
        **members,
    }


def _read(**members: Any) -> ContainerStats:
    stats, faults = read_stats({"a": _document(**members), "b": None}, _TASK)
    assert not faults
    assert stats["b"] is None
    assert stats["a"] is not None
    return stats["a"]


def test_cgroup_v1() -> None:
    """``cache`` and ``rss``; a maximum; operations with a capital; the hierarchy's inactive file pages."""
    web = _of("ec2-bridge-cgroup-v1")["web"]

    assert (web.memory.usage_bytes, web.memory.max_usage_bytes) == (152_043_520, 188_743_680)
    assert (web.memory.cache_bytes, web.memory.rss_bytes) == (96_468_992, 37_748_736)
    assert web.memory.working_set_bytes == 152_043_520 - 25_165_824
    assert web.memory.limit_bytes == 256 << 20
    assert web.disk == DiskIo(20_480 + 9_437_184, 229_376, 5 + 131, 56)
    assert web.cpu.online == 2
    assert web.pids == 6
    assert web.networks == {"eth0": InterfaceCounters(7_340_112, 6033, 0, 0, 288_140, 1871, 0, 0)}


def test_cgroup_v2() -> None:
    """``file`` and ``anon``; no maximum; operations in lower case, and null for those that are not counted."""
    api = _of("ec2-awsvpc-cgroup-v2")["api"]

    assert (api.memory.cache_bytes, api.memory.rss_bytes) == (58_720_256, 301_989_888)
    assert api.memory.max_usage_bytes is None
    assert api.memory.working_set_bytes == 388_173_824 - 31_457_280
    assert api.disk == DiskIo(41_943_040 + 4096, 81_920 + 8192, None, None)
    assert (api.cpu.periods, api.cpu.throttled_periods, api.cpu.throttled_ns) == (6400, 320, 16_005_000_000)
    assert api.memory.details["slab_reclaimable"] == 430_080


def test_details_have_the_names_of_cgroup_v2() -> None:
    """Where v1 has another name for the same; what it does not count is absent."""
    details = _of("ec2-bridge-cgroup-v1")["web"].memory.details

    assert (details["file_mapped"], details["file_dirty"], details["anon_thp"]) == (2_359_296, 98_304, 2_097_152)
    assert "slab_reclaimable" not in details


def test_fargate_has_no_limit_but_the_kernels_number() -> None:
    """It stands for none; what the endpoint said is kept apart."""
    stats = _of("fargate-linux-x86-64")

    assert stats["api"].memory.limit_bytes == 128 << 20
    assert stats["log-router"].memory.limit_bytes is None
    assert stats["log-router"].memory.said_limit_bytes == 9_223_372_036_854_771_712
    assert stats["api"].pids is None


def test_first_reading_has_none_before_it() -> None:
    """Its ``preread`` is Go's zero time, and ``precpu_stats`` counts from 0."""
    stats = _of("fargate-v4-first-reading")

    assert stats["app"].previous_read_ns is None
    assert stats["app"].previous_cpu is None
    assert stats["probe"].previous_cpu is not None
    assert stats["probe"].previous_cpu.total_ns == 17_404_922


def test_reading_says_when_it_was_taken() -> None:
    """To the nanosecond; Fargate's window is ten seconds."""
    api = _of("fargate-linux-arm64")["api"]

    assert api.read_ns == 1_773_350_287_618_220_945
    assert api.previous_read_ns is not None
    assert api.read_ns - api.previous_read_ns == 9_999_316_624


@pytest.mark.parametrize("name", ["ec2-bridge-without-networks", "ec2-host", "fargate-v4-recorded"])
def test_networks_may_be_missing(name: str) -> None:
    """That is not a network without traffic."""
    assert all(each.networks is None for each in _of(name).values())


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        ({"inactive_file": 400}, 600),
        ({"inactive_file": 400, "total_inactive_file": 300}, 700),
        ({"inactive_file": 1000}, 1000),
        ({"inactive_file": 5000}, 1000),
        ({}, 1000),
        ({"inactive_file": "many"}, 1000),
        (None, 1000),
    ],
)
def test_working_set(pages: object, expected: int) -> None:
    """Usage without inactive file pages, as Docker's command shows it; usage where that makes no sense."""
    assert _read(memory_stats={"usage": 1000, "stats": pages}).memory.working_set_bytes == expected


@pytest.mark.parametrize(
    ("said", "expected"), [(0, None), (1 << 60, None), ((1 << 60) - 1, (1 << 60) - 1), (None, None)]
)
def test_limit_of_memory(said: object, expected: int | None) -> None:
    """From 2**60 on it is none."""
    assert _read(memory_stats={"usage": 1, "limit": said}).memory.limit_bytes == expected


@pytest.mark.parametrize(
    ("cpu", "expected"),
    [
        ({"online_cpus": 4}, 4),
        ({"cpu_usage": {"total_usage": 1, "percpu_usage": [1, 2, 3]}}, 3),
        ({"online_cpus": 0, "cpu_usage": {"total_usage": 1, "percpu_usage": None}}, None),
        ({"cpu_usage": {"total_usage": 1, "percpu_usage": []}}, None),
    ],
)
def test_cpus_of_the_host(cpu: dict[str, Any], expected: int | None) -> None:
    """As they are said, or as they are listed."""
    assert _read(cpu_stats={"cpu_usage": {"total_usage": 1}, **cpu}).cpu.online == expected


def test_operations_that_no_device_counts_are_unknown() -> None:
    """An empty array, null, and entries of another shape are not 0."""
    assert _read(blkio_stats={"io_service_bytes_recursive": []}).disk == DiskIo()
    assert _read(blkio_stats={"io_service_bytes_recursive": None}).disk == DiskIo()
    assert _read(blkio_stats={"io_service_bytes_recursive": [1, {"op": "Read"}, {"value": 1}]}).disk == DiskIo()


def test_interface_that_cannot_be_read_is_left_out() -> None:
    """The others are there."""
    networks = {"eth0": {"rx_bytes": 1}, "eth1": {"rx_bytes": "much"}, "eth2": None}

    assert _read(networks=networks).networks == {"eth0": InterfaceCounters(rx_bytes=1)}


@pytest.mark.parametrize("document", [None, {}, {"read": "0001-01-01T00:00:00Z", "cpu_stats": {}, "memory_stats": {}}])
def test_container_without_statistics(document: object) -> None:
    """It has just started, or has stopped: no fault."""
    stats, faults = read_stats({"a": document, "b": _document()}, _TASK)

    assert stats["a"] is None
    assert stats["b"] is not None
    assert faults == ()


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("soon", "they are no JSON object but 'soon'"),
        ([], "they are no JSON object but []"),
        (_document(read="soon"), "read 'soon' is no time"),
        (_document(cpu_stats=None), "cpu_stats.cpu_usage.total_usage is no count"),
        (_document(memory_stats={"usage": -1}), "memory_stats.usage is no count"),
    ],
)
def test_bad_statistics_cost_one_container(document: object, reason: str) -> None:
    """A line says which and why; the other one's are there."""
    stats, faults = read_stats({"a": document, "b": _document()}, _TASK)

    assert stats["a"] is None
    assert stats["b"] is not None
    assert faults == (f"the statistics of container app cannot be read: {reason}",)


def test_containers_that_are_not_made_yet_have_no_key() -> None:
    """Nor are statistics kept that belong to no container of the task."""
    task = TaskInfo("shop", "arn", "api", "1", containers=(TaskContainer("", "app"), TaskContainer("b", "other")))
    stats, faults = read_stats({"": _document(), "z": _document()}, task)

    assert stats == {"b": None}
    assert faults == ()


@pytest.mark.parametrize("document", [None, [], "error", 7])
def test_statistics_of_all_may_be_unreadable(document: object) -> None:
    """Then no container has any, and one line says so."""
    stats, faults = read_stats(document, _TASK)

    assert stats == {"a": None, "b": None}
    assert faults == ("the statistics are no JSON object",)
