"""The minutes of usage follow the metrics: each point once."""

import math

import pytest

from taskscope.clock import SECOND
from taskscope.model import container_metrics as names
from taskscope.model.batch import Batch, Signal
from taskscope.model.metric import Datapoint
from taskscope.model.resource import Resource
from taskscope.sinks.api import Outcome
from taskscope.sinks.store import StoreSink
from taskscope.store.engine import Store
from tests.unit.query.usage.fleet import START, Measured, keep

_ROWS = "SELECT sum(length(Cpu)), sum(length(Written)) FROM usage_by_minute WHERE ClusterArn LIKE {cluster:String}"


def _points(task: Measured, number: int) -> list[Datapoint]:
    time_ns = START + number * 10 * SECOND
    return [
        *task.points(time_ns, {names.CPU_USAGE: 1.0}, "app"),
        *task.points(time_ns, {names.DISK_IO: 5.0}, "app", disk="write"),
    ]


def test_a_batch_that_comes_again_changes_nothing(store: Store) -> None:
    """Exactly once, as the metrics themselves; equal points of another batch are other points."""
    task = Measured("again", 1)
    for token in ("1", "1", "2", "1", "2"):
        keep(store, _points(task, int(token)), f"again {token}")

    assert store.query(_ROWS, {"cluster": "%/again"}).rows == [[2, 2]]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e308, -1e308])
def test_what_is_no_number_is_no_usage_and_costs_the_others_nothing(store: Store, value: float) -> None:
    """A view that fails would have a batch cut and stored again and again: what it does not refuse is there once."""
    task = Measured(f"odd{value}", 1)
    gauges = (names.CPU_USAGE, names.UPTIME, names.MEMORY_LIMIT, names.HEALTH, names.DISK_IO, names.NETWORK_IO)
    odd = [point for each in gauges for point in task.points(START, {each: value}, "app")]
    rows = [*_points(task, 1), *odd, *_points(task, 2)]
    outcome = StoreSink(store).consume(Batch(Signal.METRICS, rows, f"odd {value}"))
    count = "SELECT count() FROM {} WHERE ResourceAttributes['aws.ecs.cluster.arn'] = {{cluster:String}}"

    assert outcome == Outcome(len(rows), [])
    for table, points in (("otel_metrics_gauge", 6), ("otel_metrics_sum", 4)):
        assert store.query(count.format(table), {"cluster": task.cluster_arn}).rows == [[points]]
    assert store.query(_ROWS, {"cluster": f"%/odd{value}"}).rows == [[2, 2]]


def test_metrics_of_apps_are_no_usage(store: Store) -> None:
    """Nor are those of containers that are no task's."""
    app = Measured("apps", 1)
    other = Resource({names.CLUSTER_ARN: app.cluster_arn, names.CONTAINER_NAME: "app"})
    [point] = app.points(START, {names.PIDS: 1.0}, "app")
    [stray] = app.points(START, {names.CPU_USAGE: 1.0}, "app")
    keep(store, [point, stray._replace(resource=other)], "apps")

    assert store.query(_ROWS, {"cluster": "%/apps"}).rows == [[0, 0]]


def test_every_name_that_is_kept_is_one_of_ours(store: Store) -> None:
    """The views name metrics as ``model.container_metrics`` does."""
    rows = store.query(
        "SELECT as_select FROM system.tables WHERE name LIKE '%_to_usage' AND database = currentDatabase()"
    )
    known = {*names.NAMES, names.NETWORK_RATE.name, names.TASK_NETWORK_RATE.name}
    attributes = {
        names.CLUSTER_ARN, names.TASK_ARN, names.CONTAINER_NAME, names.SERVICE, names.TASK_FAMILY, names.MEASURED_BY,
        names.INTERFACE, names.DIRECTION_OF_DISK, names.DIRECTION_OF_NETWORK, "aws.ecs.task.revision",
        "aws.ecs.launchtype", "cloud.availability_zone",
    }  # fmt: skip
    said = {each for (text,) in rows.rows for each in text.split("'") if "." in each and " " not in each}

    assert len(rows.rows) == 2
    assert said <= known | attributes
