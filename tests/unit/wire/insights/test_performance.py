"""Container Insights' performance events as datapoints."""

import json
from typing import Any

import pytest

from taskscope.errors import MalformedPayloadError
from taskscope.model import container_metrics as metrics
from taskscope.model.metric import Datapoint
from taskscope.wire.insights.performance import decode_performance, task_id_of

_CLUSTER = "arn:aws:ecs:eu-west-1:123456789012:cluster/prod"
_MS = 1_772_366_400_000
_TASK: dict[str, Any] = {
    "Version": "0", "Type": "Task", "TaskId": "abc", "TaskDefinitionFamily": "web", "TaskDefinitionRevision": "7",
    "ServiceName": "shop", "ClusterName": "prod", "AccountID": "123456789012", "Region": "eu-west-1",
    "AvailabilityZone": "eu-west-1a", "KnownStatus": "RUNNING", "LaunchType": "FARGATE", "Timestamp": _MS,
    "CpuUtilized": 128.5, "CpuReserved": 512.0, "MemoryUtilized": 100, "MemoryReserved": 1024,
    "StorageReadBytes": 4096, "StorageWriteBytes": 8192, "NetworkRxBytes": 12.5, "NetworkTxBytes": 7,
    "EphemeralStorageUtilized": 1.5, "EphemeralStorageReserved": 21.47,
    "CloudWatchMetrics": [{"Namespace": "ECS/ContainerInsights", "Metrics": [], "Dimensions": []}],
}  # fmt: skip
_CONTAINER = {
    "Version": "0", "Type": "Container", "ContainerName": "app", "TaskId": "abc", "TaskDefinitionFamily": "web",
    "TaskDefinitionRevision": "7", "ClusterName": "prod", "Image": "shop/web:1", "Timestamp": _MS,
    "CpuUtilized": 64, "CpuReserved": 0, "MemoryUtilized": 50, "MemoryReserved": 512,
    "NetworkRxDropped": 0, "StorageReadBytes": 1,
}  # fmt: skip


def _points(*events: dict[str, Any] | str) -> list[Datapoint]:
    messages = [each if isinstance(each, str) else json.dumps(each) for each in events]
    return decode_performance(json.dumps({"cluster_arn": _CLUSTER, "messages": messages}).encode()).points


def test_figures_of_a_task_are_in_our_units() -> None:
    """CPUs, bytes, bytes a second; storage since the start."""
    found = {(each.metric.name, *each.attributes.values()): each.value for each in _points(_TASK)}

    assert found == {
        ("ecs.task.cpu.usage",): 128.5 / 1024,
        ("ecs.task.cpu.limit",): 0.5,
        ("ecs.task.memory.working_set",): 100 * 2**20,
        ("ecs.task.memory.limit",): 2**30,
        ("ecs.task.ephemeral_storage.usage",): 1.5e9,
        ("ecs.task.ephemeral_storage.limit",): pytest.approx(21.47e9),
        ("ecs.task.disk.io", "read"): 4096,
        ("ecs.task.disk.io", "write"): 8192,
        ("ecs.task.network.rate", "receive"): 12.5,
        ("ecs.task.network.rate", "transmit"): 7,
    }
    assert {each.time_ns for each in _points(_TASK)} == {_MS * 1_000_000}


def test_a_task_is_named_as_by_its_own_telemetry() -> None:
    """And it stands there who has measured."""
    assert _points(_TASK)[0].resource.attributes == {
        "service.name": "shop",
        "cloud.provider": "aws",
        "cloud.platform": "aws_ecs",
        "cloud.region": "eu-west-1",
        "cloud.account.id": "123456789012",
        "cloud.availability_zone": "eu-west-1a",
        "aws.ecs.cluster.arn": _CLUSTER,
        "aws.ecs.task.arn": "arn:aws:ecs:eu-west-1:123456789012:task/prod/abc",
        "aws.ecs.task.id": "abc",
        "aws.ecs.task.family": "web",
        "aws.ecs.task.revision": "7",
        "aws.ecs.launchtype": "fargate",
        "aws.ecs.service.name": "shop",
        "taskscope.measured_by": "container-insights",
    }


def test_figures_of_a_container_have_its_name() -> None:
    """A reservation of nothing is none."""
    points = _points(_CONTAINER)

    assert [each.metric for each in points] == [
        metrics.CPU_USAGE,
        metrics.MEMORY_WORKING_SET,
        metrics.MEMORY_LIMIT,
        metrics.DISK_IO,
    ]
    assert points[0].resource.attributes["container.name"] == "app"
    assert points[0].resource.attributes["service.name"] == "web"


@pytest.mark.parametrize("odd", ["1" + 400 * "0", "1e300", "-1e300", "true", "null", '"7"', "[7]"])
def test_what_is_no_figure_costs_no_other(odd: str) -> None:
    """Of the same event, and of the others with it."""
    event = json.dumps(_TASK).replace('"StorageReadBytes": 4096', f'"StorageReadBytes": {odd}')
    assert odd in event

    assert len(_points(event, _CONTAINER)) == len(_points(_TASK, _CONTAINER)) - 1


def test_events_of_other_types_are_passed_over() -> None:
    """Of services, clusters and instances there are better sources."""
    assert _points({"Type": "Cluster", "TaskCount": 3, "Timestamp": _MS}) == []


@pytest.mark.parametrize(
    "bad",
    ["no JSON", "[]", "{}", json.dumps(_TASK | {"Timestamp": "now"}), json.dumps(_TASK | {"TaskId": ""})],
)
def test_an_event_that_cannot_be_read_costs_no_other(bad: str) -> None:
    """It is counted with its reason."""
    body = json.dumps({"cluster_arn": _CLUSTER, "messages": [bad, json.dumps(_TASK)]})
    decoded = decode_performance(body.encode())

    assert len(decoded.points) == 10
    assert len(decoded.refused) == 1


def test_a_body_of_something_else_is_refused() -> None:
    """It goes to quarantine."""
    with pytest.raises(MalformedPayloadError, match="no performance events"):
        decode_performance(b"[]")


@pytest.mark.parametrize(
    ("message", "task"), [(json.dumps(_TASK), "abc"), ("x", ""), ("[1]", ""), ('{"TaskId": 1}', "")]
)
def test_it_is_told_whose_an_event_is(message: str, task: str) -> None:
    """Without decoding it all; empty where it does not say."""
    assert task_id_of(message) == task
