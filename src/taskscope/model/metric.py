"""Metrics: what is measured, and single values of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import NamedTuple, TypeAlias

from taskscope.model.attributes import Attributes
from taskscope.model.resource import NO_SCOPE, Resource, Scope


class MetricKind(StrEnum):
    """The five kinds of OTLP, which are five tables of the store."""

    GAUGE = "gauge"
    SUM = "sum"
    HISTOGRAM = "histogram"
    EXPONENTIAL_HISTOGRAM = "exponential_histogram"
    SUMMARY = "summary"


class Temporality(IntEnum):
    """The numbers of OTLP's ``AggregationTemporality``."""

    UNSPECIFIED = 0
    DELTA = 1
    CUMULATIVE = 2


@dataclass(frozen=True, slots=True)
class Metric:
    """What is measured; many datapoints share one object."""

    name: str
    kind: MetricKind
    unit: str = ""
    description: str = ""
    temporality: int = Temporality.UNSPECIFIED
    """Of ``Temporality``; of sums and histograms only."""
    is_monotonic: bool = False
    """Of sums only."""


class Exemplar(NamedTuple):
    """A single measurement that was kept, perhaps with its span."""

    time_ns: int
    value: float
    span_id: bytes
    trace_id: bytes
    attributes: Attributes


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts between explicit bounds: one count more than bounds."""

    count: int
    sum: float
    bucket_counts: Sequence[int]
    bounds: Sequence[float]
    min: float | None = None
    max: float | None = None


@dataclass(frozen=True, slots=True)
class ExponentialHistogram:
    """Counts in buckets that grow by a factor of ``2 ** (2 ** -scale)``."""

    count: int
    sum: float
    scale: int
    zero_count: int
    positive_offset: int
    positive_counts: Sequence[int]
    negative_offset: int
    negative_counts: Sequence[int]
    min: float | None = None
    max: float | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """Quantiles that the sender computed: pairs of quantile (0 to 1) and value."""

    count: int
    sum: float
    quantiles: Sequence[tuple[float, float]]


Value: TypeAlias = float | Histogram | ExponentialHistogram | Summary
"""A number for gauges and sums, else the structure of the metric's kind."""


class Datapoint(NamedTuple):
    """One value at one time of one series."""

    metric: Metric
    attributes: Attributes
    time_ns: int
    value: Value
    resource: Resource
    scope: Scope = NO_SCOPE
    start_ns: int = 0
    """Beginning of the time that a sum or histogram covers; 0 where the sender does not say."""
    flags: int = 0
    exemplars: Sequence[Exemplar] = ()
