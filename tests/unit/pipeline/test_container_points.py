"""What becomes of a reading: which metrics, with which values, of whom."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from taskscope.clock import SECOND
from taskscope.model import container_metrics as metrics
from taskscope.model.metric import Datapoint, Metric
from taskscope.model.task_metadata import (
    ContainerStats,
    CpuCounters,
    DiskIo,
    InterfaceCounters,
    MemoryUse,
    TaskContainer,
    TaskInfo,
    TaskReading,
)
from taskscope.pipeline.container_points import points_of

MIB = 1 << 20
STARTED = 1_700_000_000 * SECOND
READ = STARTED + 60 * SECOND
WEB = TaskContainer(
    "c1", "web", image="registry:5000/shop/web:42@sha256:00ff", image_id="sha256:00ff", arn="arn:container",
    cpu_units=256, started_ns=STARTED, network_mode="awsvpc", health="HEALTHY", restarts=2,
)  # fmt: skip
HELPER = TaskContainer("c2", "helper", image="helper", started_ns=STARTED + 5 * SECOND, network_mode="awsvpc")
PAUSE = TaskContainer("p", "~internal~ecs~pause", type="CNI_PAUSE", started_ns=STARTED - SECOND, network_mode="awsvpc")
TASK = TaskInfo(
    cluster="shop",
    arn="arn:aws:ecs:eu-west-1:111122223333:task/shop/9a7d",
    family="api",
    revision="42",
    cluster_arn="arn:aws:ecs:eu-west-1:111122223333:cluster/shop",
    service="api-service",
    availability_zone="eu-west-1b",
    launch_type="EC2",
    cpu_limit=0.5,
    memory_limit_bytes=1024 * MIB,
    ephemeral_used_bytes=100,
    ephemeral_reserved_bytes=20_000,
    clock_error_seconds=0.0005,
    containers=(WEB, HELPER),
)
ETH = InterfaceCounters(
    rx_bytes=1000, rx_packets=10, rx_errors=1, rx_dropped=2, tx_bytes=500, tx_packets=5, tx_errors=3, tx_dropped=4
)
STATS = ContainerStats(
    read_ns=READ,
    cpu=CpuCounters(30 * SECOND, periods=100, throttled_periods=7, throttled_ns=SECOND // 2),
    memory=MemoryUse(300 * MIB, cache_bytes=120 * MIB, working_set_bytes=200 * MIB),
    disk=DiskIo(4096, 8192, 1, 2),
    networks={"eth0": ETH},
    pids=9,
    previous_read_ns=READ - 10 * SECOND,
    previous_cpu=CpuCounters(28 * SECOND),
)
LATER = replace(STATS, read_ns=READ + 1, networks={"eth0": replace(ETH, rx_bytes=1001)})


def _points(stats: Mapping[str, ContainerStats | None] | None = None, task: TaskInfo = TASK) -> list[Datapoint]:
    return points_of(TaskReading(task, {"c1": STATS, "c2": LATER} if stats is None else stats))


def _of(points: list[Datapoint], container: str | None) -> list[Datapoint]:
    """Return the points of a container, or those of the task."""
    return [each for each in points if each.resource.attributes.get("container.name") == container]


def _values(points: list[Datapoint], metric: Metric) -> dict[tuple[str, ...], Any]:
    """Return the values of a metric by the values of its points' attributes."""
    return {
        tuple(str(value) for _, value in sorted(each.attributes.items())): each.value
        for each in points
        if each.metric is metric
    }


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        (metrics.CPU_TIME, 30),
        (metrics.CPU_USAGE, 0.2),
        (metrics.CPU_RESERVED, 0.25),
        (metrics.CPU_PERIODS, 100),
        (metrics.CPU_THROTTLED_PERIODS, 7),
        (metrics.CPU_THROTTLED_TIME, 0.5),
        (metrics.MEMORY_USAGE, 300 * MIB),
        (metrics.MEMORY_WORKING_SET, 200 * MIB),
        (metrics.MEMORY_CACHE, 120 * MIB),
        (metrics.MEMORY_LIMIT, 1024 * MIB),
        (metrics.PIDS, 9),
        (metrics.UPTIME, 60),
        (metrics.RESTARTS, 2),
        (metrics.HEALTH, 1),
    ],
    ids=lambda each: each.name if isinstance(each, Metric) else "",
)
def test_a_container_has_its_metrics(metric: Metric, value: float) -> None:
    """Each once, at the time of its reading, without attributes."""
    assert _values(_of(_points(), "web"), metric) == {(): value}


def test_disk_io_goes_two_ways() -> None:
    """Bytes and operations."""
    points = _of(_points(), "web")

    assert _values(points, metrics.DISK_IO) == {("read",): 4096, ("write",): 8192}
    assert _values(points, metrics.DISK_OPERATIONS) == {("read",): 1, ("write",): 2}


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        (metrics.TASK_CPU_USAGE, 0.4),
        (metrics.TASK_CPU_LIMIT, 0.5),
        (metrics.TASK_MEMORY_USAGE, 600 * MIB),
        (metrics.TASK_MEMORY_WORKING_SET, 400 * MIB),
        (metrics.TASK_MEMORY_LIMIT, 1024 * MIB),
        (metrics.TASK_EPHEMERAL_USAGE, 100),
        (metrics.TASK_EPHEMERAL_LIMIT, 20_000),
        (metrics.TASK_CLOCK_ERROR, 0.0005),
    ],
    ids=lambda each: each.name if isinstance(each, Metric) else "",
)
def test_a_task_has_its_metrics(metric: Metric, value: float) -> None:
    """What its containers use together, at the time of the last of them."""
    points = _of(_points(), None)

    assert _values(points, metric) == {(): pytest.approx(value)}
    assert {each.time_ns for each in points if each.metric is metric} == {READ + 1}


def test_a_shared_interface_counts_once_and_for_the_task() -> None:
    """In awsvpc every container tells the same interface: the newest reading of it counts, of no container."""
    points = _points()

    assert _values(points, metrics.TASK_NETWORK_IO) == {("eth0", "receive"): 1001, ("eth0", "transmit"): 500}
    assert _values(points, metrics.TASK_NETWORK_PACKETS) == {("eth0", "receive"): 10, ("eth0", "transmit"): 5}
    assert _values(points, metrics.TASK_NETWORK_ERRORS) == {("eth0", "receive"): 1, ("eth0", "transmit"): 3}
    assert _values(points, metrics.TASK_NETWORK_DROPPED) == {("eth0", "receive"): 2, ("eth0", "transmit"): 4}
    assert _values(points, metrics.NETWORK_IO) == {}


def test_in_bridge_mode_each_container_has_its_own() -> None:
    """And the task one series for each of them, so that one that ends leaves no sum that falls."""
    bridged = tuple(replace(each, network_mode="bridge") for each in (WEB, HELPER))
    points = _points(task=replace(TASK, containers=bridged))

    assert _values(_of(points, "web"), metrics.NETWORK_IO) == {
        ("eth0", "receive"): 1000,
        ("eth0", "transmit"): 500,
    }
    assert _values(_of(points, None), metrics.TASK_NETWORK_IO) == {
        ("web", "eth0", "receive"): 1000,
        ("web", "eth0", "transmit"): 500,
        ("helper", "eth0", "receive"): 1001,
        ("helper", "eth0", "transmit"): 500,
    }


def test_a_task_s_disk_io_is_a_series_of_each_container() -> None:
    """Their rates add up to the task's."""
    assert _values(_of(_points(), None), metrics.TASK_DISK_IO) == {
        ("web", "read"): 4096,
        ("web", "write"): 8192,
        ("helper", "read"): 4096,
        ("helper", "write"): 8192,
    }


def test_counters_begin_with_the_container_and_gauges_with_nothing() -> None:
    """An interface that is shared is there before the first of them."""
    points = _points()

    assert {each.start_ns for each in _of(points, "web") if each.metric.is_monotonic} == {STARTED}
    assert {each.start_ns for each in _of(points, "helper") if each.metric.is_monotonic} == {STARTED + 5 * SECOND}
    assert {each.start_ns for each in points if each.metric is metrics.TASK_NETWORK_IO} == {STARTED}
    assert {each.start_ns for each in points if not each.metric.is_monotonic} == {0}


def test_the_agent_s_own_containers_are_left_out_but_use_the_task_s_memory() -> None:
    """The pause container has no points of its own."""
    points = _points({"c1": STATS, "p": STATS}, replace(TASK, containers=(WEB, PAUSE)))

    assert {each.resource.attributes.get("container.name") for each in points} == {"web", None}
    assert _values(points, metrics.TASK_MEMORY_USAGE) == {(): 600 * MIB}


def test_whose_points_they_are() -> None:
    """The task's attributes as enrichment writes them, the service's name, the container and its image."""
    task = {
        "cloud.provider": "aws",
        "cloud.platform": "aws_ecs",
        "cloud.region": "eu-west-1",
        "cloud.account.id": "111122223333",
        "cloud.availability_zone": "eu-west-1b",
        "aws.ecs.cluster.arn": "arn:aws:ecs:eu-west-1:111122223333:cluster/shop",
        "aws.ecs.task.arn": "arn:aws:ecs:eu-west-1:111122223333:task/shop/9a7d",
        "aws.ecs.task.id": "9a7d",
        "aws.ecs.task.family": "api",
        "aws.ecs.task.revision": "42",
        "aws.ecs.launchtype": "ec2",
        "aws.ecs.service.name": "api-service",
        "service.name": "api-service",
    }
    points = _points()

    assert _of(points, None)[0].resource.attributes == task
    assert _of(points, "web")[0].resource.attributes == task | {
        "container.name": "web",
        "container.id": "c1",
        "aws.ecs.container.arn": "arn:container",
        "container.image.name": "registry:5000/shop/web",
        "container.image.tags": ["42"],
        "container.image.id": "sha256:00ff",
    }
    assert len({id(each.resource) for each in points}) == 3


def test_without_a_service_the_family_is_the_service_s_name() -> None:
    """Fargate does not say the ECS service."""
    said = _points(task=replace(TASK, service=""))[0].resource.attributes

    assert said["service.name"] == "api"
    assert "aws.ecs.service.name" not in said


@pytest.mark.parametrize(
    ("image", "name", "tags"),
    [
        ("nginx", "nginx", None),
        ("nginx:1.2", "nginx", ["1.2"]),
        ("localhost:5000/nginx", "localhost:5000/nginx", None),
        ("localhost:5000/nginx@sha256:ab", "localhost:5000/nginx", None),
        ("", None, None),
    ],
)
def test_an_image_is_taken_apart(image: str, name: str | None, tags: list[str] | None) -> None:
    """A registry's port is no tag."""
    said = _of(_points(task=replace(TASK, containers=(replace(WEB, image=image),))), "web")[0].resource.attributes

    assert (said.get("container.image.name"), said.get("container.image.tags")) == (name, tags)


def test_what_is_not_said_has_no_point() -> None:
    """A first reading has no rate; cgroup v2 no cache; a task on EC2 no limit: none of it is nought."""
    bare = ContainerStats(READ, CpuCounters(SECOND), MemoryUse(5))
    container = TaskContainer("c1", "web", network_mode="bridge")
    points = _points({"c1": bare}, TaskInfo("shop", TASK.arn, "api", "1", containers=(container,)))

    assert {each.metric for each in points} == {
        metrics.CPU_TIME,
        metrics.MEMORY_USAGE,
        metrics.TASK_MEMORY_USAGE,
        metrics.TASK_MEMORY_WORKING_SET,
    }
    assert {each.start_ns for each in points} == {0}


def test_a_container_that_began_anew_has_no_rate_for_once() -> None:
    """Its processor time is less than at the reading before."""
    anew = replace(STATS, cpu=CpuCounters(1))

    assert metrics.CPU_USAGE not in {each.metric for each in _points({"c1": anew})}
    assert metrics.TASK_CPU_USAGE not in {each.metric for each in _points({"c1": anew})}


@pytest.mark.parametrize("stats", [{}, {"c1": None, "c2": None}])
def test_without_statistics_there_are_no_points(stats: Mapping[str, None]) -> None:
    """A task whose containers have not started, or have all stopped."""
    assert _points(stats) == []


@pytest.mark.parametrize(("health", "values"), [("UNHEALTHY", {(): 0}), ("UNKNOWN", {}), ("", {})])
def test_health_is_there_when_it_is_known(health: str, values: Mapping[Any, int]) -> None:
    """Unknown is neither well nor ill."""
    points = _points(task=replace(TASK, containers=(replace(WEB, health=health),)))

    assert _values(points, metrics.HEALTH) == values


def test_every_metric_that_is_defined_can_be_there() -> None:
    """Of both levels, over the two kinds of networks."""
    bridged = replace(TASK, containers=(replace(WEB, network_mode="bridge"),))
    found = {each.metric for each in [*_points(), *_points(task=bridged)]}

    assert {each.name for each in found} == metrics.NAMES
