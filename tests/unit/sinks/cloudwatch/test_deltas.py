"""Totals to what was added."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.clock import fixed_clock
from taskscope.model.metric import (
    Datapoint,
    ExponentialHistogram,
    Histogram,
    Metric,
    MetricKind,
    Temporality,
    Value,
)
from taskscope.model.resource import Resource
from taskscope.sinks.cloudwatch.deltas import Deltas
from tests.unit.sinks.rows import SHOP, gauge

_BEFORE, _START = 10, 100
_COUNTER = Metric("orders", MetricKind.SUM, temporality=Temporality.CUMULATIVE, is_monotonic=True)
_LATENCY = Metric("latency", MetricKind.HISTOGRAM, temporality=Temporality.CUMULATIVE)
_SIZES = Metric("sizes", MetricKind.EXPONENTIAL_HISTOGRAM, temporality=Temporality.CUMULATIVE)


@pytest.fixture
def deltas() -> Deltas:
    """Give one that began at 50."""
    return Deltas(fixed_clock(50))


def _total(
    value: Value, time_ns: int, *, start_ns: int = _BEFORE, metric: Metric = _COUNTER, resource: Resource = SHOP
) -> Datapoint:
    return Datapoint(metric, {}, time_ns, value, resource, start_ns=start_ns)


def _values(found: list[Datapoint | None]) -> list[Value | None]:
    return [None if each is None else each.value for each in found]


def test_the_first_total_of_an_old_series_is_a_baseline(deltas: Deltas) -> None:
    """Who counted before this process began may have been told already."""
    assert _values(deltas.convert([_total(1_000.0, 200), _total(1_003.0, 201)])) == [None, 3.0]


def test_the_first_total_of_a_new_series_counts_whole(deltas: Deltas) -> None:
    """A series that began after this process did was told to nobody else."""
    [point] = deltas.convert([_total(5.0, 200, start_ns=_START)])

    assert point is not None
    assert (point.value, point.metric.temporality) == (5.0, Temporality.DELTA)


@pytest.mark.parametrize("start_ns", [_BEFORE, 150])
def test_a_series_that_begins_anew_counts_whole(deltas: Deltas, start_ns: int) -> None:
    """A new start, or a total that fell: the sender was restarted."""
    deltas.convert([_total(1_000.0, 200)])

    assert _values(deltas.convert([_total(4.0, 300, start_ns=start_ns)])) == [4.0]


def test_a_total_that_comes_late_gives_nothing(deltas: Deltas) -> None:
    """Batches overtake each other; the later total has counted what the earlier one did."""
    found = deltas.convert([_total(value, time) for value, time in ((1.0, 200), (9.0, 400), (4.0, 300), (12.0, 500))])

    assert _values(found) == [None, 8.0, None, 3.0]


def test_series_are_told_apart_by_what_their_resources_say(deltas: Deltas) -> None:
    """The same attributes in another object are the same sender; other attributes are another one."""
    deltas.convert([_total(1.0, 200)])
    same, other = Resource(dict(SHOP.attributes)), Resource({"service.name": "mail"})

    assert _values(deltas.convert([_total(3.0, 300, resource=same), _total(3.0, 300, resource=other)])) == [2.0, None]


def test_what_is_no_total_stays_as_it_is(deltas: Deltas) -> None:
    """Gauges, deltas, and sums that also fall."""
    queue = Metric("queue", MetricKind.SUM, temporality=Temporality.CUMULATIVE, is_monotonic=False)
    points = [gauge("cpu", 1.0, time_ns=1), _total(5.0, 200, metric=queue), _total(4.0, 300, metric=queue)]

    assert deltas.convert(points) == points


def test_histograms_are_subtracted_bucket_by_bucket(deltas: Deltas) -> None:
    """Minimum and maximum are of the whole time and say nothing of the last interval."""
    before = Histogram(3, 30.0, [1, 2, 0], [10.0, 20.0], 1.0, 19.0)
    after = Histogram(6, 75.0, [1, 4, 1], [10.0, 20.0], 1.0, 25.0)
    found = deltas.convert([_total(each, at, metric=_LATENCY) for at, each in enumerate((before, after, after), 200)])

    assert _values(found) == [None, Histogram(3, 45.0, [0, 2, 1], [10.0, 20.0]), None]


def test_histograms_with_other_bounds_begin_anew(deltas: Deltas) -> None:
    """There is nothing to subtract from."""
    deltas.convert([_total(Histogram(3, 30.0, [3, 0], [10.0]), 200, metric=_LATENCY)])
    other = Histogram(4, 40.0, [4, 0], [20.0])

    assert _values(deltas.convert([_total(other, 300, metric=_LATENCY)])) == [other]


def test_exponential_histograms_follow_their_scale(deltas: Deltas) -> None:
    """A scale that fell by one has joined pairs of buckets: 2 and 3 to 1, 4 and 5 to 2."""
    before = ExponentialHistogram(6, 60.0, 1, 1, 2, [1, 2, 2], 0, [])
    after = ExponentialHistogram(10, 100.0, 0, 2, 1, [4, 4], 0, [])
    found = deltas.convert([_total(each, at, metric=_SIZES) for at, each in enumerate((before, after), 200)])

    assert _values(found) == [None, ExponentialHistogram(4, 40.0, 0, 1, 1, [1, 2], 0, [])]


@given(st.lists(st.integers(0, 1_000), min_size=1), st.randoms())
def test_deltas_of_a_series_add_up_to_its_total(added: list[int], order: random.Random) -> None:
    """However batches overtake each other, nothing is counted twice; in the end all of it is."""
    deltas = Deltas(fixed_clock(50))
    totals = [_total(float(sum(added[: at + 1])), 200 + at, start_ns=_START) for at in range(len(added))]
    shuffled = sorted(totals[:-1], key=lambda _: order.random()) + totals[-1:]

    assert sum(value for value in _values(deltas.convert(shuffled)) if isinstance(value, float)) == sum(added)
