"""What was used over a batch: averages, last values and rates."""

import json
import math
from itertools import chain

import pytest

from taskscope.clock import SECOND
from taskscope.model import container_metrics as metrics
from taskscope.model.container_metrics import DIRECTION_OF_DISK, DIRECTION_OF_NETWORK
from taskscope.model.metric import Datapoint
from taskscope.sinks.cloudwatch.insights_event import event
from taskscope.sinks.cloudwatch.insights_usage import Memory, Usage
from tests.unit.sinks.cloudwatch.readings import ARN, BEGAN, CONTAINER, NOW, container_reading, point, task_reading
from tests.unit.sinks.rows import gauge


def _usages(*points: Datapoint, memory: Memory | None = None) -> dict[tuple[str, str], Usage]:
    found = (memory or Memory()).usages(list(enumerate(points)))
    return {(each.subject.task, each.subject.container): each for each in found}


def _received(usage: Usage) -> float | None:
    return usage.rate(metrics.TASK_NETWORK_IO, DIRECTION_OF_NETWORK, "receive")


def test_rows_of_a_task_and_of_its_containers_are_put_together() -> None:
    """Over all readings of a minute; what is no metric of a container is in none of them."""
    foreign = gauge("jobs", 1.0, time_ns=NOW)
    minute = chain.from_iterable([*container_reading(at), *task_reading(at)] for at in range(0, 60, 10))
    usages = _usages(*minute, foreign)

    assert usages.keys() == {(ARN, "ab12"), (ARN, "")}
    assert sum(len(each.rows) for each in usages.values()) == 6 * (7 + 13)
    assert {each.time_ns for each in usages.values()} == {NOW + 50 * SECOND}
    assert {each.since_ns for each in usages.values()} == {BEGAN}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e308])
def test_what_no_event_can_say_is_passed_over(value: float) -> None:
    """An app may send metrics of these names as well: it costs the other tasks of the batch nothing."""
    odd = [point(each, value, at=5, of=CONTAINER) for each in (metrics.MEMORY_USAGE, metrics.CPU_USAGE)]
    odd += [point(metrics.TASK_DISK_IO, value, at=5, disk_io_direction="read")]
    usages = _usages(*container_reading(0), *odd, *odd, *task_reading(0))

    assert sum(len(each.rows) for each in usages.values()) == 7 + 13
    assert usages[ARN, "ab12"].average(metrics.CPU_USAGE) == 0.25
    assert all(json.loads(event(each)[1]) for each in usages.values())


def test_gauges_are_averaged_and_limits_are_the_last() -> None:
    """A quarter and three quarters make a half."""
    usage = _usages(*container_reading(0, cpu=0.25), *container_reading(10, cpu=0.75))[ARN, "ab12"]

    assert usage.average(metrics.CPU_USAGE) == 0.5
    assert usage.last(metrics.CPU_RESERVED) == 0.5
    assert usage.average(metrics.PIDS) is None
    assert usage.last(metrics.PIDS) is None


def test_counters_of_several_containers_are_added_up() -> None:
    """As they are: Container Insights has storage cumulative."""
    usage = _usages(*task_reading(0), *task_reading(10))[ARN, ""]

    assert usage.total(metrics.TASK_DISK_IO, DIRECTION_OF_DISK, "read") == 4196
    assert usage.total(metrics.TASK_DISK_IO, DIRECTION_OF_DISK, "discard") is None


def test_rates_are_over_the_readings_of_a_batch() -> None:
    """500 bytes in 50 s, in whatever order the rows are."""
    points = list(chain.from_iterable(task_reading(at, received=10 * at) for at in range(0, 60, 10)))

    assert _received(_usages(*reversed(points))[ARN, ""]) == 10


def test_rates_begin_with_the_last_reading_of_the_batch_before() -> None:
    """So that no second is left out; a single reading has a rate too."""
    memory = Memory()
    assert _received(_usages(*task_reading(0, received=100), memory=memory)[ARN, ""]) is None

    assert _received(_usages(*task_reading(50, received=600), memory=memory)[ARN, ""]) == 10


def test_what_is_long_ago_is_no_beginning() -> None:
    """A rate over an hour says nothing of this minute."""
    memory = Memory()
    _usages(*task_reading(-3600, received=0), memory=memory)

    assert _received(_usages(*task_reading(0, received=600), memory=memory)[ARN, ""]) is None


def test_a_counter_that_began_anew_has_a_rate_from_there() -> None:
    """Its start says so; without that, what falls is no rate."""
    anew = [
        point(metrics.DISK_IO, value, at=at, of=CONTAINER, disk_io_direction="read")._replace(start_ns=start)
        for at, value, start in ((0, 9000, BEGAN), (10, 10, NOW), (20, 110, NOW))
    ]
    falling = [each._replace(start_ns=0) for each in anew[:2]]

    rates = [
        _usages(*points)[ARN, "ab12"].rate(metrics.DISK_IO, DIRECTION_OF_DISK, "read") for points in (anew, falling)
    ]
    assert rates == [10, None]


def test_what_aws_measured_does_not_go_back_there() -> None:
    """A server that watches a cluster reads Container Insights' events: sent again, they would count twice."""
    said = {**CONTAINER, "taskscope.measured_by": "container-insights"}

    assert _usages(point(metrics.CPU_USAGE, 1, at=0, of=said)) == {}


@pytest.mark.parametrize("said", [{}, {"aws.ecs.task.arn": ""}, {"aws.ecs.task.arn": 7}])
def test_nobody_s_points_are_passed_over(said: dict[str, str | int]) -> None:
    """A container that is not in a task, or does not say in which one."""
    assert _usages(point(metrics.CPU_USAGE, 1, at=0, of=said)) == {}


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The series that was silent longest goes first."""
    monkeypatch.setattr("taskscope.sinks.cloudwatch.insights_usage._MOST_SERIES", 3)
    memory = Memory()
    _usages(*task_reading(0), memory=memory)

    assert len(memory._last) == 3
