"""Which questions each kind of metric can answer, and what is asked of it when nothing is said."""

from collections.abc import Collection, Mapping
from typing import Final

from taskscope.errors import UsageError
from taskscope.model.metric import MetricKind
from taskscope.model.metric_series import Aggregate, MetricEntry

CUMULATIVE: Final = "cumulative"
DELTA: Final = "delta"
BOTH: Final = "delta, cumulative"
"""Temporality of a metric that some send one way and some the other."""

DEFAULT_PERCENTILE: Final = 95.0

_LEVELS: Final = frozenset(
    {Aggregate.AVERAGE, Aggregate.SUM, Aggregate.MIN, Aggregate.MAX, Aggregate.LAST, Aggregate.COUNT}
)
_COUNTED: Final = frozenset({Aggregate.RATE, Aggregate.INCREASE})
_MEASURED: Final = _COUNTED | {Aggregate.COUNT, Aggregate.SUM, Aggregate.AVERAGE, Aggregate.PERCENTILE}
_EXTREMES: Final = frozenset({Aggregate.MIN, Aggregate.MAX})
_KNOWN: Final[Mapping[str, Collection[Aggregate]]] = {
    MetricKind.GAUGE: _LEVELS | {Aggregate.PERCENTILE},
    MetricKind.SUM: _LEVELS | _COUNTED,
    MetricKind.HISTOGRAM: _MEASURED | _EXTREMES,
    MetricKind.EXPONENTIAL_HISTOGRAM: _MEASURED | _EXTREMES,
    MetricKind.SUMMARY: _MEASURED,
}
_OF_LEVELS: Final = frozenset({Aggregate.AVERAGE, Aggregate.SUM, Aggregate.MIN, Aggregate.MAX, Aggregate.LAST})


def default_aggregate(entry: MetricEntry) -> Aggregate:
    """
    Return what a metric is asked when nothing is said.

    The average of gauges; the rate of counters, and the sum of other sums; the 95th percentile of histograms; the
    average of summaries, since it is not known beforehand which quantiles a sender computes.
    """
    if entry.kind == MetricKind.SUM:
        return Aggregate.RATE if entry.is_monotonic else Aggregate.SUM
    if entry.kind in (MetricKind.HISTOGRAM, MetricKind.EXPONENTIAL_HISTOGRAM):
        return Aggregate.PERCENTILE
    return Aggregate.AVERAGE


def choose_aggregate(entry: MetricEntry, asked: str, percentile: float | None) -> Aggregate:
    """
    Return what is asked of a metric; a percentile alone asks for itself.

    Raises:
        UsageError: There is no such aggregate, or it says nothing of this kind of metric.
    """
    if not asked:
        return default_aggregate(entry) if percentile is None else _checked(entry, Aggregate.PERCENTILE)
    try:
        aggregate = Aggregate(asked)
    except ValueError:
        raise UsageError(f"{asked!r} is no aggregate", hint=f"there are {', '.join(Aggregate)}") from None
    if percentile is not None and aggregate is not Aggregate.PERCENTILE:
        raise UsageError(f"a percentile is asked for, and {aggregate.value} as well", hint="leave one of them out")
    return _checked(entry, aggregate)


def _checked(entry: MetricEntry, aggregate: Aggregate) -> Aggregate:
    known = _KNOWN[entry.kind]
    if aggregate not in known:
        raise UsageError(
            f"{aggregate.value} says nothing of {entry.name!r}, a {entry.kind.replace('_', ' ')}",
            hint=f"it has {', '.join(each.value for each in Aggregate if each in known)}",
        )
    if entry.kind == MetricKind.SUM and entry.temporality == BOTH and aggregate in _OF_LEVELS:
        raise UsageError(
            f"some send {entry.name!r} as differences and some as totals: they have no common {aggregate.value}",
            hint="ask for rate or increase, or choose senders with a label",
        )
    if aggregate in _EXTREMES and entry.kind not in (MetricKind.GAUGE, MetricKind.SUM) and entry.temporality != DELTA:
        raise UsageError(
            f"{entry.name!r} is cumulative: its {aggregate.value} is since the sender began, not of a step",
            hint=f"ask for percentile {0 if aggregate is Aggregate.MIN else 100}",
        )
    return aggregate


def unit_of(entry: MetricEntry, aggregate: Aggregate) -> str:
    """Return the unit of the values: that of the metric, with ``/s`` for rates; counts have ``1``."""
    counts = entry.kind != MetricKind.SUM and aggregate in _COUNTED
    unit = "1" if counts or aggregate is Aggregate.COUNT else entry.unit
    return f"{unit or '1'}/s" if aggregate is Aggregate.RATE else unit
