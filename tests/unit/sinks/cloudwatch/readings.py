"""Datapoints of a task's readings, as few words as a test needs."""

from collections.abc import Iterator

from taskscope.clock import SECOND
from taskscope.model import container_metrics as metrics
from taskscope.model.attributes import Attributes
from taskscope.model.metric import Datapoint, Metric
from taskscope.model.resource import Resource

MIB = 1 << 20
BEGAN = 1_700_000_000 * SECOND
"""When the containers started."""
NOW = BEGAN + 3600 * SECOND
ARN = "arn:aws:ecs:eu-west-1:111122223333:task/shop/9a7d3f6c"
TASK: Attributes = {
    "cloud.region": "eu-west-1",
    "cloud.account.id": "111122223333",
    "cloud.availability_zone": "eu-west-1b",
    "aws.ecs.cluster.arn": "arn:aws:ecs:eu-west-1:111122223333:cluster/shop",
    "aws.ecs.task.arn": ARN,
    "aws.ecs.task.id": "9a7d3f6c",
    "aws.ecs.task.family": "api",
    "aws.ecs.task.revision": "42",
    "aws.ecs.launchtype": "fargate",
    "aws.ecs.service.name": "api-service",
    "service.name": "api-service",
}
CONTAINER: Attributes = {
    **TASK,
    "container.name": "web",
    "container.id": "ab12",
    "container.image.name": "registry/web",
    "container.image.tags": ["7"],
}


def point(metric: Metric, value: float, *, at: int, of: Attributes = TASK, **attributes: str) -> Datapoint:
    """Return one value, so many seconds after ``NOW``; underscores of attributes are dots."""
    named = {name.replace("_", "."): each for name, each in attributes.items()}
    start_ns = BEGAN if metric.is_monotonic else 0
    return Datapoint(metric, named, NOW + at * SECOND, value, Resource(of), start_ns=start_ns)


def container_reading(at: int, *, cpu: float = 0.25, read_bytes: int = 0) -> Iterator[Datapoint]:
    """Yield what is read of a container."""
    yield point(metrics.CPU_USAGE, cpu, at=at, of=CONTAINER)
    yield point(metrics.CPU_RESERVED, 0.5, at=at, of=CONTAINER)
    yield point(metrics.MEMORY_USAGE, 300 * MIB, at=at, of=CONTAINER)
    yield point(metrics.MEMORY_WORKING_SET, 200 * MIB, at=at, of=CONTAINER)
    yield point(metrics.MEMORY_LIMIT, 512 * MIB, at=at, of=CONTAINER)
    yield point(metrics.DISK_IO, read_bytes, at=at, of=CONTAINER, disk_io_direction="read")
    yield point(metrics.DISK_IO, 8192, at=at, of=CONTAINER, disk_io_direction="write")


def task_reading(at: int, *, received: int = 0) -> Iterator[Datapoint]:
    """Yield what is read of the task itself."""
    yield point(metrics.TASK_CPU_USAGE, 0.375, at=at)
    yield point(metrics.TASK_CPU_LIMIT, 1, at=at)
    yield point(metrics.TASK_MEMORY_USAGE, 700 * MIB, at=at)
    yield point(metrics.TASK_MEMORY_WORKING_SET, 600 * MIB, at=at)
    yield point(metrics.TASK_MEMORY_LIMIT, 1024 * MIB, at=at)
    for name, size in (("web", 4096), ("helper", 100)):
        yield point(metrics.TASK_DISK_IO, size, at=at, disk_io_direction="read", container_name=name)
        yield point(metrics.TASK_DISK_IO, 0, at=at, disk_io_direction="write", container_name=name)
    for direction, size in (("receive", received), ("transmit", 5 * received)):
        named = {"network_io_direction": direction, "network_interface_name": "eth1"}
        yield point(metrics.TASK_NETWORK_IO, size, at=at, of=TASK, **named)
    yield point(metrics.TASK_EPHEMERAL_USAGE, 1.5e9, at=at)
    yield point(metrics.TASK_EPHEMERAL_LIMIT, 21e9, at=at)
