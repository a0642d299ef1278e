"""The sink for metrics in CloudWatch's embedded format, against the embedded AWS."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import pytest

from taskscope.errors import UnavailableError, UsageError
from taskscope.lab.threaded import ThreadedAws
from taskscope.model.batch import Batch, Signal
from taskscope.model.metric import Datapoint, Metric, MetricKind, Temporality
from taskscope.model.resource import Resource
from taskscope.sinks.cloudwatch.config import EmfSinkConfig
from taskscope.sinks.cloudwatch.emf import EmfSink
from taskscope.sinks.target import parse_target
from tests.conftest import StartAws
from tests.unit.sinks.rows import SHOP, gauge

_DAY_NS = 86_400_000_000_000
_COUNTER = Metric("orders", MetricKind.SUM, temporality=Temporality.CUMULATIVE, is_monotonic=True)

Open: TypeAlias = Callable[..., EmfSink]


@pytest.fixture
def cloud(embedded_aws: StartAws) -> ThreadedAws:
    """Give an embedded AWS of the test's own."""
    return embedded_aws(runner=False)


@pytest.fixture
def open_sink(cloud: ThreadedAws) -> Iterator[Open]:
    """Give ``open_sink(**settings)``, a sink that writes to the embedded AWS."""
    sinks: list[EmfSink] = []

    def make(**settings: Any) -> EmfSink:
        sinks.append(EmfSink(EmfSinkConfig(endpoint_url=cloud.url, region=cloud.region, **settings)))
        return sinks[-1]

    yield make
    for sink in sinks:
        sink.close()


def _batch(*points: Datapoint, number: int = 1) -> Batch:
    return Batch(Signal.METRICS, points, f"token-{number}")


def _total(value: float, time_ns: int) -> Datapoint:
    return Datapoint(_COUNTER, {}, time_ns, value, SHOP, start_ns=1)


def _documents(cloud: ThreadedAws, group: str = "/taskscope/metrics") -> list[dict[str, Any]]:
    answer = cloud.client("logs").get_log_events(logGroupName=group, logStreamName="shop/0a1b2c", startFromHead=True)
    return [json.loads(event["message"]) for event in answer["events"]]


def test_datapoints_arrive_as_documents(cloud: ThreadedAws, open_sink: Open) -> None:
    """Two gauges of one moment share a document in the namespace and the group of the settings."""
    now = time.time_ns()
    points = [gauge("cpu", 0.5, time_ns=now), gauge("memory", 7.0, time_ns=now)]

    assert open_sink(namespace="Shop", group="/m").consume(_batch(*points)) == (2, [])
    [document] = _documents(cloud, "/m")
    assert document["_aws"]["Timestamp"] == now // 1_000_000
    assert document["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Shop"
    assert (document["cpu"], document["memory"], document["service.name"]) == (0.5, 7.0, "shop")


def test_totals_become_deltas(cloud: ThreadedAws, open_sink: Open) -> None:
    """What an SDK counts since its start is given as what was added; the baseline counts as taken."""
    now = time.time_ns()
    outcome = open_sink().consume(_batch(_total(100, now), _total(103, now + 1_000_000)))

    assert outcome == (2, [])
    assert [document["orders"] for document in _documents(cloud)] == [3.0]


def test_a_retry_writes_the_same_deltas(cloud: ThreadedAws, open_sink: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """The totals of a batch that failed are not taken for told."""
    sink = open_sink()
    now = time.time_ns()
    sink.consume(_batch(_total(100, now)))
    batch = _batch(_total(103, now + 1_000_000), number=2)
    with monkeypatch.context() as context:
        context.setattr(sink._writer, "put", _fail)
        with pytest.raises(UnavailableError):
            sink.consume(batch)

    assert sink.consume(batch) == (1, [])
    assert [document["orders"] for document in _documents(cloud)] == [3.0]


def _fail(*_: object) -> None:
    raise UnavailableError("told to fail")


def test_rows_are_rejected_with_their_reasons(cloud: ThreadedAws, open_sink: Open) -> None:
    """A value that is no number, and two metrics of one moment that is too old."""
    now = time.time_ns()
    old = now - 15 * _DAY_NS
    outcome = open_sink().consume(
        _batch(
            gauge("cpu", float("nan"), time_ns=now),
            gauge("cpu", 0.5, time_ns=now),
            gauge("cpu", 0.5, time_ns=old),
            gauge("memory", 7.0, time_ns=old),
        )
    )

    assert outcome.accepted == 1
    assert sorted((each.position, each.reason[:7]) for each in outcome.rejected) == [
        (0, "a value"),
        (2, "too old"),
        (3, "too old"),
    ]
    assert len(_documents(cloud)) == 1


def test_settings_are_read_from_the_command_line() -> None:
    """Dimensions come one by one."""
    config = EmfSinkConfig.parse(parse_target("emf,namespace=Shop,dimension=service.name,dimension=host.name"))

    assert (config.namespace, config.dimension) == ("Shop", ("service.name", "host.name"))


@pytest.mark.parametrize("option", ["namespace=AWS/ECS", "retention-days=2", "group=a b", "stream={", "name="])
def test_wrong_settings_are_refused(option: str) -> None:
    """Before anything is sent."""
    with pytest.raises(UsageError):
        EmfSinkConfig.parse(parse_target(f"emf,{option}"))


def test_metrics_of_containers_go_only_where_they_are_asked_for(cloud: ThreadedAws, open_sink: Open) -> None:
    """Thirty billed metrics of each container are no surprise then; without that they are not taken, nor rejected."""
    points = [gauge("container.cpu.usage", 0.5, time_ns=time.time_ns()), gauge("cpu", 0.5, time_ns=time.time_ns())]

    assert open_sink().consume(_batch(*points)) == (1, [])
    assert open_sink(containers=True, group="/c").consume(_batch(*points)) == (2, [])
    assert ["container.cpu.usage" in each for each in _documents(cloud)] == [False]
    assert any("container.cpu.usage" in each for each in _documents(cloud, "/c"))


def test_what_aws_measured_does_not_go_back_there(cloud: ThreadedAws, open_sink: Open) -> None:
    """Whoever asks for metrics of containers asks for those that are not in CloudWatch already."""
    resource = Resource({"taskscope.measured_by": "cloudwatch"})
    point = gauge("aws.ecs.service.cpu.utilization", 0.5, time_ns=time.time_ns(), resource=resource)

    assert open_sink(containers=True).consume(_batch(point)) == (0, [])
    assert cloud.client("logs").describe_log_groups()["logGroups"] == []
