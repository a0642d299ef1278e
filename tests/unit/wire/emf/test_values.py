"""What a datapoint is in EMF."""

from typing import Any

import pytest

from taskscope.model.metric import (
    Datapoint,
    ExponentialHistogram,
    Histogram,
    Metric,
    MetricKind,
    Summary,
    Temporality,
    Value,
)
from taskscope.model.resource import Resource
from taskscope.wire.emf.values import EmfMetric, Unfit, metrics_of


def _metrics(value: Value, kind: MetricKind, unit: str = "", **more: Any) -> list[EmfMetric]:
    more.setdefault("temporality", Temporality.DELTA)
    return metrics_of(Datapoint(Metric("m", kind, unit, **more), {}, 0, value, Resource()))


def _exponential(**more: Any) -> ExponentialHistogram:
    fields: dict[str, Any] = {
        "count": 0, "sum": 0.0, "scale": 0, "zero_count": 0,
        "positive_offset": 0, "positive_counts": [], "negative_offset": 0, "negative_counts": [],
    }  # fmt: skip
    return ExponentialHistogram(**(fields | more))


@pytest.mark.parametrize(
    ("unit", "word"),
    [
        ("ms", "Milliseconds"),
        ("s", "Seconds"),
        ("By", "Bytes"),
        ("{element}", "Count"),
        ("%", "Percent"),
        ("1", ""),
        ("KiBy", ""),
    ],
)
def test_units_are_cloudwatchs_words(unit: str, word: str) -> None:
    """None where there is no true one."""
    assert _metrics(1.5, MetricKind.GAUGE, unit) == [EmfMetric("m", word, 1.5)]


def test_delta_sum_is_a_number() -> None:
    """CloudWatch adds them up."""
    assert _metrics(3, MetricKind.SUM, is_monotonic=True) == [EmfMetric("m", "", 3.0)]


def test_cumulative_sum_that_goes_up_and_down_is_a_number() -> None:
    """It says how many there are now, as a gauge does."""
    assert _metrics(3, MetricKind.SUM, temporality=Temporality.CUMULATIVE) == [EmfMetric("m", "", 3.0)]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (3.0, MetricKind.SUM),
        (Histogram(1, 1.0, [1], []), MetricKind.HISTOGRAM),
        (_exponential(count=1, zero_count=1), MetricKind.EXPONENTIAL_HISTOGRAM),
    ],
)
def test_what_is_counted_since_the_start_does_not_fit(value: Value, kind: MetricKind) -> None:
    """It would be added up again each time."""
    with pytest.raises(Unfit, match="cumulative"):
        _metrics(value, kind, temporality=Temporality.CUMULATIVE, is_monotonic=kind == MetricKind.SUM)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1e300])
def test_what_cloudwatch_does_not_take_does_not_fit(value: float) -> None:
    """Wherever it stands."""
    for each, kind in (
        (value, MetricKind.GAUGE),
        (Histogram(1, value, [1], []), MetricKind.HISTOGRAM),
        (Summary(1, value, []), MetricKind.SUMMARY),
        (Summary(1, 1.0, [(0.5, value)]), MetricKind.SUMMARY),
    ):
        with pytest.raises(Unfit, match="not finite"):
            _metrics(each, kind)


def test_histogram_is_the_middles_of_its_buckets() -> None:
    """The open buckets end at minimum and maximum; count, sum and both ends are exact."""
    [metric] = _metrics(Histogram(6, 60.0, [1, 2, 0, 3], [10.0, 20.0, 30.0], 2.0, 50.0), MetricKind.HISTOGRAM, "ms")

    assert metric == EmfMetric(
        "m",
        "Milliseconds",
        {"Values": [6.0, 15.0, 40.0], "Counts": [1, 2, 3], "Min": 2.0, "Max": 50.0, "Count": 6, "Sum": 60.0},
    )


def test_histogram_without_ends_ends_at_its_outer_bounds() -> None:
    """More is not known."""
    [metric] = _metrics(Histogram(2, 30.0, [1, 1], [10.0]), MetricKind.HISTOGRAM)

    assert metric.value == {"Values": [10.0, 10.0], "Counts": [1, 1], "Min": 10.0, "Max": 10.0, "Count": 2, "Sum": 30.0}


def test_histogram_without_bounds_is_its_mean() -> None:
    """OpenTelemetry allows a single bucket."""
    [metric] = _metrics(Histogram(4, 10.0, [4], [], 1.0, 4.0), MetricKind.HISTOGRAM)

    assert metric.value == {"Values": [2.5], "Counts": [4], "Min": 1.0, "Max": 4.0, "Count": 4, "Sum": 10.0}


def test_exponential_histogram_is_ordered_from_negative_to_positive() -> None:
    """Each bucket is its geometric middle, within minimum and maximum."""
    value = _exponential(
        count=6, sum=1.0, zero_count=1, positive_offset=1, positive_counts=[1, 2],
        negative_offset=0, negative_counts=[1, 1], min=-3.9, max=5.0,
    )  # fmt: skip
    [metric] = _metrics(value, MetricKind.EXPONENTIAL_HISTOGRAM)

    assert isinstance(metric.value, dict)
    assert metric.value["Values"] == pytest.approx([-(2**1.5), -(2**0.5), 0.0, 2**1.5, 5.0])
    assert metric.value["Counts"] == [1, 1, 1, 1, 2]
    assert (metric.value["Min"], metric.value["Max"], metric.value["Sum"]) == (-3.9, 5.0, 1.0)


def test_more_than_a_hundred_buckets_are_joined_in_pairs() -> None:
    """No count is lost, and order stays."""
    value = _exponential(
        count=321, sum=5.0, scale=4, zero_count=1, positive_counts=[1] * 160, negative_counts=[1] * 160
    )
    [metric] = _metrics(value, MetricKind.EXPONENTIAL_HISTOGRAM)

    assert isinstance(metric.value, dict)
    values, counts = metric.value["Values"], metric.value["Counts"]
    assert isinstance(values, list)
    assert isinstance(counts, list)
    assert values == sorted(values)
    assert (len(values), sum(counts), metric.value["Count"]) == (81, 321, 321)


def test_buckets_beyond_all_numbers_do_not_fit() -> None:
    """A scale from a broken sender."""
    with pytest.raises(Unfit):
        _metrics(
            _exponential(count=1, scale=-2000, positive_offset=5, positive_counts=[1]), MetricKind.EXPONENTIAL_HISTOGRAM
        )


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (_exponential(), MetricKind.EXPONENTIAL_HISTOGRAM),
        (Histogram(0, 0.0, [], []), MetricKind.HISTOGRAM),
        (Histogram(0, 0.0, [0, 0], [1.0]), MetricKind.HISTOGRAM),
    ],
)
def test_histogram_of_nothing_is_nothing(value: Value, kind: MetricKind) -> None:
    """CloudWatch has no metric without values."""
    assert _metrics(value, kind) == []


def test_summary_is_one_metric_for_each_thing_it_says() -> None:
    """Quantiles cannot be added up, so they are no distribution."""
    assert _metrics(Summary(9, 30.5, [(0.5, 3.0), (0.999, 8.0)]), MetricKind.SUMMARY, "s") == [
        EmfMetric("m.count", "Count", 9.0),
        EmfMetric("m.sum", "Seconds", 30.5),
        EmfMetric("m.p50", "Seconds", 3.0),
        EmfMetric("m.p99.9", "Seconds", 8.0),
    ]
