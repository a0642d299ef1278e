"""Metrics that were sent, and their values over time. Documents of the REST API."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Aggregate(StrEnum):
    """How the values of a step, and of the series that are put together, become one."""

    AVERAGE = "avg"
    """Of the averages of each series; of histograms and summaries, of all that was measured."""
    SUM = "sum"
    """Of the last value of each series; of delta sums, histograms and summaries, of all that came in the step."""
    MIN = "min"
    MAX = "max"
    LAST = "last"
    COUNT = "count"
    """Of measurements: points of gauges, observations of histograms and summaries."""
    RATE = "rate"
    """Per second: of counters of both temporalities (resets seen), of a histogram's observations."""
    INCREASE = "increase"
    """Likewise, per step."""
    PERCENTILE = "percentile"
    """Of histograms of both kinds; of gauges over their points; of summaries the quantile that the sender computed."""


@dataclass(frozen=True, slots=True)
class MetricEntry:
    """A metric by its name, as senders describe it."""

    name: str
    kind: str
    """Of ``MetricKind``."""
    unit: str
    description: str
    temporality: str
    """``delta``, ``cumulative``, ``delta, cumulative`` where senders differ; empty for gauges and summaries."""
    is_monotonic: bool
    services: tuple[str, ...]
    """Who sent it in the window, at most 20."""
    series: int
    """Distinct sets of labels in the window."""
    points: int
    first_ns: int
    """Of the first point in the window."""
    last_ns: int


@dataclass(frozen=True, slots=True)
class MetricPage:
    """A page of metrics, by name."""

    metrics: tuple[MetricEntry, ...]
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class LabelValues:
    """A label of a metric, with the values that occur in the window: those that most series have first."""

    name: str
    """An attribute of the points or of their resource."""
    values: tuple[str, ...]
    total: int
    """Distinct values; ``values`` may have fewer."""


@dataclass(frozen=True, slots=True)
class MetricPoint:
    """The value of one step."""

    start_ns: int
    value: float


@dataclass(frozen=True, slots=True)
class MetricSeries:
    """One line of a plot; steps without a value are left out."""

    labels: Mapping[str, str]
    """Of those that were asked to group by."""
    points: tuple[MetricPoint, ...]


@dataclass(frozen=True, slots=True)
class MetricAnswer:
    """The answer to a range query."""

    name: str
    kind: str
    unit: str
    """Of the values: that of the metric, with ``/s`` for rates, ``1`` for counts."""
    aggregate: str
    """Of ``Aggregate``; a percentile with its number, as ``percentile 99.9``."""
    step_ns: int
    series: tuple[MetricSeries, ...]
    left_out: int = 0
    """Series beyond the limit: those with the smallest values; of percentiles, with the fewest observations."""
