"""The sink for Container Insights, against the embedded AWS."""

import json
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, TypeAlias

import pytest

from taskscope.clock import SECOND
from taskscope.errors import UnavailableError, UsageError
from taskscope.lab.threaded import ThreadedAws
from taskscope.model import container_metrics as metrics
from taskscope.model.batch import Batch, Signal
from taskscope.model.metric import Datapoint
from taskscope.sinks.cloudwatch.config import InsightsSinkConfig
from taskscope.sinks.cloudwatch.insights import InsightsSink
from taskscope.sinks.target import parse_target
from taskscope.sources.cost.amounts import CONTAINER_EVENT, TASK_EVENT
from taskscope.wire.insights.performance import decode_performance
from tests.conftest import StartAws
from tests.unit.sinks.cloudwatch.readings import CONTAINER, NOW, container_reading, point, task_reading
from tests.unit.sinks.rows import gauge

_GROUP = "/aws/ecs/containerinsights/shop/performance"
_STREAM = "taskscope-9a7d3f6c"

Open: TypeAlias = Callable[..., InsightsSink]


@pytest.fixture
def cloud(embedded_aws: StartAws) -> ThreadedAws:
    """Give an embedded AWS of the test's own."""
    return embedded_aws(runner=False)


@pytest.fixture
def open_sink(cloud: ThreadedAws) -> Iterator[Open]:
    """Give ``open_sink(**settings)``, a sink that writes to the embedded AWS."""
    sinks: list[InsightsSink] = []

    def make(**settings: Any) -> InsightsSink:
        sinks.append(InsightsSink(InsightsSinkConfig(endpoint_url=cloud.url, region=cloud.region, **settings)))
        return sinks[-1]

    yield make
    for sink in sinks:
        sink.close()


def _batch(points: Iterable[Datapoint], number: int = 1) -> Batch:
    """Make a batch of readings that end now."""
    shift = time.time_ns() - NOW - 60 * SECOND
    return Batch(Signal.METRICS, [each._replace(time_ns=each.time_ns + shift) for each in points], f"token-{number}")


def _minute() -> Iterator[Datapoint]:
    """Yield six readings, 10 s apart, of a task with a container."""
    for at in range(0, 60, 10):
        yield from container_reading(at, cpu=at / 100, read_bytes=at)
        yield from task_reading(at, received=100 * at)


def _events(cloud: ThreadedAws) -> list[dict[str, Any]]:
    answer = cloud.client("logs").get_log_events(logGroupName=_GROUP, logStreamName=_STREAM, startFromHead=True)
    return [json.loads(each["message"]) for each in answer["events"]]


def test_a_minute_becomes_an_event_of_the_task_and_one_of_each_container(cloud: ThreadedAws, open_sink: Open) -> None:
    """In the group that the console reads, by Container Insights' names and in its units."""
    batch = _batch(_minute())

    assert open_sink().consume(batch) == (len(batch.rows), [])
    container, task = sorted(_events(cloud), key=lambda each: each["Type"])
    when = max(row.time_ns for row in batch.rows if isinstance(row, Datapoint)) // 1_000_000
    whose = {
        "Version": "0",
        "TaskId": "9a7d3f6c",
        "TaskDefinitionFamily": "api",
        "TaskDefinitionRevision": "42",
        "ServiceName": "api-service",
        "ClusterName": "shop",
        "Timestamp": when,
    }
    assert container == whose | {
        "Type": "Container",
        "ContainerName": "web",
        "Image": "registry/web:7",
        "ContainerKnownStatus": "RUNNING",
        "CpuUtilized": 256.0,
        "CpuReserved": 512.0,
        "MemoryUtilized": 200,
        "MemoryReserved": 512,
        "StorageReadBytes": 50,
        "StorageWriteBytes": 8192,
    }
    assert task.pop("_aws")["Timestamp"] == when
    assert task == whose | {
        "Type": "Task",
        "AccountID": "111122223333",
        "Region": "eu-west-1",
        "AvailabilityZone": "eu-west-1b",
        "KnownStatus": "RUNNING",
        "LaunchType": "FARGATE",
        "StartedAt": 1_700_000_000_000,
        "CpuUtilized": 384.0,
        "CpuReserved": 1024.0,
        "MemoryUtilized": 600,
        "MemoryReserved": 1024,
        "StorageReadBytes": 4196,
        "StorageWriteBytes": 0,
        "NetworkRxBytes": 100.0,
        "NetworkTxBytes": 500.0,
        "EphemeralStorageReserved": 21.0,
        "EphemeralStorageUtilized": 1.5,
    }


def test_cloudwatch_makes_metrics_of_the_task_s_event(cloud: ThreadedAws, open_sink: Open) -> None:
    """For the cluster, the family and the service, in the namespace of Container Insights; never of a container's."""
    open_sink().consume(_batch(_minute()))
    by_type = {each["Type"]: each for each in _events(cloud)}

    assert "_aws" not in by_type["Container"]
    [directive] = by_type["Task"]["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "ECS/ContainerInsights"
    assert directive["Dimensions"] == [
        ["ClusterName"],
        ["ClusterName", "TaskDefinitionFamily"],
        ["ClusterName", "ServiceName"],
    ]
    assert {each["Name"]: each["Unit"] for each in directive["Metrics"]} == {
        "CpuUtilized": "None",
        "CpuReserved": "None",
        "MemoryUtilized": "Megabytes",
        "MemoryReserved": "Megabytes",
        "NetworkRxBytes": "Bytes/Second",
        "NetworkTxBytes": "Bytes/Second",
        "StorageReadBytes": "Bytes",
        "StorageWriteBytes": "Bytes",
        "EphemeralStorageReserved": "Gigabytes",
        "EphemeralStorageUtilized": "Gigabytes",
    }
    root = by_type["Task"]
    assert all(isinstance(root[each["Name"]], float | int) for each in directive["Metrics"])
    assert all(isinstance(root[name], str) for names in directive["Dimensions"] for name in names)


def test_what_nobody_measured_is_not_in_the_event(cloud: ThreadedAws, open_sink: Open) -> None:
    """No nought that would pull an average down, no dimension without a value."""
    of = {"aws.ecs.task.arn": "arn:aws:ecs:eu-west-1:111122223333:task/shop/9a7d3f6c"}
    open_sink().consume(_batch([point(metrics.TASK_CPU_USAGE, 0.5, at=59, of=of)]))

    [task] = _events(cloud)
    assert task["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["ClusterName"]]
    assert task["_aws"]["CloudWatchMetrics"][0]["Metrics"] == [{"Name": "CpuUtilized", "Unit": "None"}]
    assert task.keys() == {
        "Version",
        "Type",
        "TaskId",
        "ClusterName",
        "KnownStatus",
        "CpuUtilized",
        "Timestamp",
        "_aws",
    }


def test_a_retry_tells_the_same_rates(cloud: ThreadedAws, open_sink: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """The readings of a batch that failed are not the beginning of its own rates."""
    sink = open_sink()
    sink.consume(_batch(task_reading(0, received=0)))
    batch = _batch(task_reading(10, received=1000), number=2)
    with monkeypatch.context() as context:
        context.setattr(sink._writer, "put", _fail)
        with pytest.raises(UnavailableError):
            sink.consume(batch)
    sink.consume(batch)

    rates = [each.get("NetworkRxBytes") for each in _events(cloud)]
    assert rates[0] is None
    assert rates[1] == pytest.approx(100, rel=0.1)  # the batches' clocks differ a little


def _fail(*_: object) -> None:
    raise UnavailableError("told to fail")


def test_other_metrics_are_passed_over_and_that_is_said_once(
    cloud: ThreadedAws, open_sink: Open, caplog: pytest.LogCaptureFixture
) -> None:
    """They are neither taken nor rejected: another sink is for them."""
    sink = open_sink()
    with caplog.at_level(logging.WARNING):
        outcomes = [sink.consume(_batch([gauge("jobs", 1.0, time_ns=NOW)], number)) for number in (1, 2)]

    assert outcomes == [(0, []), (0, [])]
    assert len(caplog.records) == 1
    assert cloud.client("logs").describe_log_groups()["logGroups"] == []


def test_an_event_is_small(cloud: ThreadedAws, open_sink: Open) -> None:
    """The figures that `taskscope cost` predicts with hold, and are not far off."""
    open_sink().consume(_batch(_minute()))
    sizes = {each["Type"]: len(json.dumps(each, separators=(",", ":"))) for each in _events(cloud)}

    assert 0.8 * TASK_EVENT < sizes["Task"] <= TASK_EVENT
    assert 0.8 * CONTAINER_EVENT < sizes["Container"] <= CONTAINER_EVENT


def test_long_and_foreign_texts_still_make_dimensions(cloud: ThreadedAws, open_sink: Open) -> None:
    """CloudWatch takes printable ASCII of at most 1,024 characters."""
    service = {**CONTAINER, "aws.ecs.service.name": "ü" * 2000}
    del service["container.id"], service["container.name"]
    open_sink().consume(_batch([point(metrics.TASK_CPU_USAGE, 0.5, at=59, of=service)]))

    assert _events(cloud)[0]["ServiceName"] == "?" * 1024


def test_old_readings_are_rejected_with_their_reason(open_sink: Open) -> None:
    """Those that CloudWatch Logs refuses for their time; the others arrive."""
    old = [each._replace(time_ns=each.time_ns - 15 * 86_400 * SECOND) for each in container_reading(0)]
    outcome = open_sink().consume(_batch(chain(old, task_reading(0))))

    assert outcome.accepted == 13
    assert [each.position for each in outcome.rejected] == list(range(7))
    assert all("too old" in each.reason for each in outcome.rejected)


@pytest.mark.parametrize("option", ["retention-days=2", "group=a b", "stream={", "name=", "dimension=a"])
def test_wrong_settings_are_refused(option: str) -> None:
    """Before anything is sent."""
    with pytest.raises(UsageError):
        InsightsSinkConfig.parse(parse_target(f"container-insights,{option}"))


def test_a_server_that_reads_performance_events_reads_ours(cloud: ThreadedAws, open_sink: Open) -> None:
    """With the same figures: what one Taskscope sends, another finds where it looks for AWS's."""
    open_sink().consume(_batch(_minute()))
    messages = [json.dumps(each) for each in _events(cloud)]
    body = json.dumps({"cluster_arn": "arn:aws:ecs:eu-west-1:111122223333:cluster/shop", "messages": messages})
    decoded = decode_performance(body.encode())

    found = {(each.metric.name, *each.attributes.values()): each.value for each in decoded.points}
    assert decoded.refused == []
    assert found["container.cpu.usage",] == 0.25
    assert found["ecs.task.memory.working_set",] == 600 << 20
    assert found["ecs.task.network.rate", "receive"] == 100
    assert {each.resource.attributes["aws.ecs.task.id"] for each in decoded.points} == {"9a7d3f6c"}
