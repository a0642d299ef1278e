"""
Cumulative values to what was added since the last one, which is what CloudWatch adds up.

OpenTelemetry's SDKs send totals since their start unless told otherwise.
"""

import threading
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from taskscope.clock import Clock
from taskscope.model.attributes import Attributes, attribute_text
from taskscope.model.metric import (
    Datapoint,
    ExponentialHistogram,
    Histogram,
    Metric,
    MetricKind,
    Temporality,
    Value,
)

_MOST_SERIES: Final = 100_000
"""Series whose totals are remembered; beyond, the one that was silent longest is forgotten and starts anew."""


class _Total(NamedTuple):
    """The newest total of a series."""

    start_ns: int
    time_ns: int
    value: Value


class Deltas:
    """
    Remembers the totals of series, and gives what was added since.

    The first total of a series gives nothing, since an earlier process may have sent it before; unless the series began
    after this object did. One that is older than the last gives nothing: what it counts was given with the later one.
    """

    def __init__(self, clock: Clock) -> None:
        self._since_ns = clock()
        self._totals: OrderedDict[Hashable, _Total] = OrderedDict()
        self._lock = threading.Lock()

    def convert(self, datapoints: Sequence[Datapoint]) -> list[Datapoint | None]:
        """Return datapoints with deltas in the place of totals, and None for those that give nothing."""
        resources: dict[int, Hashable] = {}
        converted: list[Datapoint | None] = []
        with self._lock:
            for point in datapoints:
                if not _is_total(point.metric):
                    converted.append(point)
                    continue
                identity = id(point.resource)
                if identity not in resources:
                    resources[identity] = _texts(point.resource.attributes)
                converted.append(self._delta(point, resources[identity]))
        return converted

    def _delta(self, point: Datapoint, resource: Hashable) -> Datapoint | None:
        metric = point.metric
        key = (metric.name, metric.kind, metric.unit, point.scope.name, _texts(point.attributes), resource)
        last = self._totals.get(key)
        if last is not None and point.time_ns <= last.time_ns:
            return None
        self._totals[key] = _Total(point.start_ns, point.time_ns, point.value)
        self._totals.move_to_end(key)
        if len(self._totals) > _MOST_SERIES:
            self._totals.popitem(last=False)
        began_anew = last is not None and (point.start_ns > last.start_ns or _shrank(last.value, point.value))
        if began_anew or (last is None and point.start_ns >= self._since_ns):
            return _as_delta(point, point.value)
        if last is None:
            return None
        value = _subtract(point.value, last.value)
        return None if value is None else _as_delta(point, value)


def _is_total(metric: Metric) -> bool:
    """Tell totals that only grow; a sum that also falls is a state, as a gauge is."""
    return metric.temporality == Temporality.CUMULATIVE and (metric.is_monotonic or metric.kind is not MetricKind.SUM)


def _texts(attributes: Attributes) -> Hashable:
    return tuple(sorted((key, attribute_text(value)) for key, value in attributes.items()))


def _as_delta(point: Datapoint, value: Value) -> Datapoint:
    return point._replace(metric=replace(point.metric, temporality=Temporality.DELTA), value=value)


def _shrank(before: Value, after: Value) -> bool:
    """Whether a total is less than it was, or counts in other buckets: its series began anew without saying so."""
    if isinstance(before, Histogram) and isinstance(after, Histogram):
        return after.count < before.count or tuple(after.bounds) != tuple(before.bounds)
    if isinstance(before, ExponentialHistogram) and isinstance(after, ExponentialHistogram):
        return after.count < before.count or after.scale > before.scale
    if isinstance(before, float | int) and isinstance(after, float | int):
        return after < before
    return True


def _subtract(after: Value, before: Value) -> Value | None:
    """Return what was added between two totals, None if nothing was; extremes are of the whole time and left out."""
    if isinstance(after, Histogram) and isinstance(before, Histogram):
        counts = [new - old for new, old in zip(after.bucket_counts, before.bucket_counts, strict=False)]
        count = after.count - before.count
        return Histogram(count, after.sum - before.sum, counts, after.bounds) if count else None
    if isinstance(after, ExponentialHistogram) and isinstance(before, ExponentialHistogram):
        return _subtract_exponential(after, before) if after.count > before.count else None
    if isinstance(after, float | int) and isinstance(before, float | int):
        return after - before
    return None


def _subtract_exponential(after: ExponentialHistogram, before: ExponentialHistogram) -> ExponentialHistogram:
    """Subtract bucket by bucket; a scale that fell has joined neighbours, which is done to the earlier total too."""
    joined = before.scale - after.scale
    positive = _Buckets(after.positive_offset, after.positive_counts)
    negative = _Buckets(after.negative_offset, after.negative_counts)
    return ExponentialHistogram(
        after.count - before.count,
        after.sum - before.sum,
        after.scale,
        max(after.zero_count - before.zero_count, 0),
        after.positive_offset,
        positive.less(_Buckets(before.positive_offset, before.positive_counts), joined),
        after.negative_offset,
        negative.less(_Buckets(before.negative_offset, before.negative_counts), joined),
    )


@dataclass(frozen=True, slots=True)
class _Buckets:
    """One side of an exponential histogram."""

    offset: int
    counts: Sequence[int]

    def less(self, before: "_Buckets", joined: int) -> list[int]:
        """Return these counts less the earlier ones, whose indexes lose ``joined`` bits."""
        left = list(self.counts)
        for position, count in enumerate(before.counts):
            index = ((before.offset + position) >> joined) - self.offset
            if 0 <= index < len(left):
                left[index] = max(left[index] - count, 0)
        return left
