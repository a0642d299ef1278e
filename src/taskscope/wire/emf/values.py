"""
What a datapoint is in EMF: one or more metrics, each a number or a distribution.

A distribution is ``{"Values", "Counts", "Min", "Max", "Count", "Sum"}``, with which CloudWatch computes percentiles.
The specification of EMF names numbers and arrays of numbers only; this object is what AWS's own distribution of the
OpenTelemetry collector sends for histograms (``cWMetricHistogram`` in its ``awsemfexporter``). An array would have to
repeat a value for each time it was seen, 100 values to a document.
"""

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Final, NamedTuple, TypeAlias

from taskscope.model.metric import Datapoint, ExponentialHistogram, Histogram, MetricKind, Summary, Temporality

MAX_VALUES: Final = 100
MAX_NUMBER: Final = 2.0**360
_UNITS: Final = {
    "s": "Seconds", "ms": "Milliseconds", "us": "Microseconds",
    "By": "Bytes", "kBy": "Kilobytes", "MBy": "Megabytes", "GBy": "Gigabytes", "TBy": "Terabytes",
    "bit": "Bits", "kbit": "Kilobits", "Mbit": "Megabits", "Gbit": "Gigabits", "Tbit": "Terabits",
    "By/s": "Bytes/Second", "bit/s": "Bits/Second", "%": "Percent",
}  # fmt: skip
"""UCUM, which OpenTelemetry writes, to CloudWatch's words; KiBy has none that is true."""

Emf: TypeAlias = float | dict[str, float | list[float]]
_Bucket: TypeAlias = tuple[float, int]
"""A value that stands for its bucket, and how many there are."""


class EmfMetric(NamedTuple):
    """One member of a document, and its declaration."""

    name: str
    unit: str
    """Empty where CloudWatch has no word for it."""
    value: Emf


class Unfit(Exception):  # noqa: N818 (no error of the program: a verdict on a datapoint)
    """A datapoint has no form in EMF; says why."""


def metrics_of(point: Datapoint) -> list[EmfMetric]:
    """
    Return what a datapoint becomes: nothing if it counts no value.

    A summary becomes ``.count``, ``.sum`` and one metric for each quantile, such as ``.p99``: quantiles are no
    distribution that could be added to another.

    Raises:
        Unfit: It is cumulative, which CloudWatch would add up again and again, or not finite or beyond 2**360.
    """
    metric, value = point.metric, point.value
    unit = "Count" if metric.unit.startswith("{") else _UNITS.get(metric.unit, "")
    if metric.temporality == Temporality.CUMULATIVE and (metric.is_monotonic or metric.kind != MetricKind.SUM):
        raise Unfit("a cumulative value: EMF takes what was added since the last one")
    if isinstance(value, Summary):
        return list(_summary(metric.name, unit, value))
    if isinstance(value, Histogram):
        found = _distribution(_explicit_buckets(value), value)
    elif isinstance(value, ExponentialHistogram):
        found = _distribution(_exponential_buckets(value), value)
    else:
        found = float(_bounded(value))
    return [] if found is None else [EmfMetric(metric.name, unit, found)]


def _bounded(number: float) -> float:
    if not isfinite(number) or abs(number) > MAX_NUMBER:
        raise Unfit("a value that is not finite, or beyond 2**360")
    return number


def _summary(name: str, unit: str, summary: Summary) -> Iterator[EmfMetric]:
    yield EmfMetric(f"{name}.count", "Count", float(summary.count))
    yield EmfMetric(f"{name}.sum", unit, _bounded(summary.sum))
    for quantile, value in summary.quantiles:
        yield EmfMetric(f"{name}.p{quantile * 100:g}", unit, _bounded(value))


def _distribution(buckets: list[_Bucket], of: Histogram | ExponentialHistogram) -> Emf | None:
    if not buckets:
        return None
    while len(buckets) > MAX_VALUES:
        buckets = [_merge(buckets[index : index + 2]) for index in range(0, len(buckets), 2)]
    values = [_bounded(value) for value, _ in buckets]
    return {
        "Values": values,
        "Counts": [count for _, count in buckets],
        "Min": _bounded(values[0] if of.min is None else of.min),
        "Max": _bounded(values[-1] if of.max is None else of.max),
        "Count": sum(count for _, count in buckets),
        "Sum": _bounded(of.sum),
    }


def _merge(pair: Sequence[_Bucket]) -> _Bucket:
    """Join neighbours at their mean; each half is scaled by itself, so that great values do not overflow."""
    total = sum(count for _, count in pair)
    return sum(value * (count / total) for value, count in pair), total


def _explicit_buckets(histogram: Histogram) -> list[_Bucket]:
    """Take the middle of each bucket; the two open ones end at minimum and maximum, or at their only bound."""
    bounds, low, high = list(histogram.bounds), histogram.min, histogram.max
    if not bounds:
        return [(histogram.sum / histogram.count, histogram.count)] if histogram.count else []
    edges = [bounds[0] if low is None else min(low, bounds[0]), *bounds]
    edges.append(bounds[-1] if high is None else max(high, bounds[-1]))
    return [
        (_clip(left / 2 + right / 2, histogram), count)
        for left, right, count in zip(edges, edges[1:], histogram.bucket_counts, strict=False)
        if count
    ]


def _exponential_buckets(histogram: ExponentialHistogram) -> list[_Bucket]:
    """Take the geometric middle of each bucket, lowest value first."""
    negative = [
        (-_middle(histogram.negative_offset + index, histogram.scale), count)
        for index, count in enumerate(histogram.negative_counts)
    ]
    positive = [
        (_middle(histogram.positive_offset + index, histogram.scale), count)
        for index, count in enumerate(histogram.positive_counts)
    ]
    buckets = [*reversed(negative), (0.0, histogram.zero_count), *positive]
    return [(_clip(value, histogram), count) for value, count in buckets if count]


def _middle(index: int, scale: int) -> float:
    try:
        return float(2.0 ** ((index + 0.5) * 2.0**-scale))
    except OverflowError:
        return float("inf")


def _clip(value: float, of: Histogram | ExponentialHistogram) -> float:
    if of.min is not None and value < of.min:
        return of.min
    return of.max if of.max is not None and value > of.max else value
