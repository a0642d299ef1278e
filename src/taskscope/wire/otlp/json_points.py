"""What a datapoint of each kind holds, and exemplars, in OTLP/JSON; read."""

from typing import TypeAlias

from taskscope.model.ids import SPAN_ID_BYTES, TRACE_ID_BYTES
from taskscope.model.metric import Exemplar, ExponentialHistogram, Histogram, Summary, Value
from taskscope.wire.otlp.json_values import (
    Int32,
    Int64,
    KeyValue,
    Message,
    Uint32,
    Uint64,
    read_attributes,
    read_id,
    unsigned,
)


class ExemplarMessage(Message):
    """A measurement that was kept."""

    time_unix_nano: Uint64 | None = None
    as_double: float | None = None
    as_int: Int64 | None = None
    span_id: str | None = None
    trace_id: str | None = None
    filtered_attributes: list[KeyValue] | None = None


class _Point(Message):
    """What datapoints of all kinds have."""

    attributes: list[KeyValue] | None = None
    start_time_unix_nano: Uint64 | None = None
    time_unix_nano: Uint64 | None = None
    flags: Uint32 | None = None
    exemplars: list[ExemplarMessage] | None = None


class NumberPoint(_Point):
    """A datapoint of a gauge or sum."""

    as_double: float | None = None
    as_int: Int64 | None = None


class HistogramPoint(_Point):
    """A datapoint of a histogram with explicit bounds."""

    count: Uint64 | None = None
    sum: float | None = None
    bucket_counts: list[Uint64] | None = None
    explicit_bounds: list[float] | None = None
    min: float | None = None
    max: float | None = None


class Buckets(Message):
    """One side of an exponential histogram."""

    offset: Int32 | None = None
    bucket_counts: list[Uint64] | None = None


class ExponentialPoint(_Point):
    """A datapoint of an exponential histogram."""

    count: Uint64 | None = None
    sum: float | None = None
    scale: Int32 | None = None
    zero_count: Uint64 | None = None
    positive: Buckets | None = None
    negative: Buckets | None = None
    min: float | None = None
    max: float | None = None


class Quantile(Message):
    """One quantile of a summary."""

    quantile: float | None = None
    value: float | None = None


class SummaryPoint(_Point):
    """A datapoint of a summary."""

    count: Uint64 | None = None
    sum: float | None = None
    quantile_values: list[Quantile] | None = None


Point: TypeAlias = NumberPoint | HistogramPoint | ExponentialPoint | SummaryPoint
"""A datapoint; gauges and sums share one message."""


def _read_number(number: NumberPoint | ExemplarMessage) -> float:
    return number.as_int if number.as_int is not None else number.as_double or 0.0


def _read_histogram(point: HistogramPoint) -> Histogram:
    return Histogram(
        unsigned(point.count),
        point.sum or 0.0,
        tuple(map(unsigned, point.bucket_counts or ())),
        tuple(point.explicit_bounds or ()),
        point.min,
        point.max,
    )


def _read_exponential(point: ExponentialPoint) -> ExponentialHistogram:
    positive, negative = point.positive or Buckets(), point.negative or Buckets()
    return ExponentialHistogram(
        unsigned(point.count),
        point.sum or 0.0,
        point.scale or 0,
        unsigned(point.zero_count),
        positive.offset or 0,
        tuple(map(unsigned, positive.bucket_counts or ())),
        negative.offset or 0,
        tuple(map(unsigned, negative.bucket_counts or ())),
        point.min,
        point.max,
    )


def _read_summary(point: SummaryPoint) -> Summary:
    quantiles = tuple((each.quantile or 0.0, each.value or 0.0) for each in point.quantile_values or ())
    return Summary(unsigned(point.count), point.sum or 0.0, quantiles)


def read_exemplar(exemplar: ExemplarMessage) -> Exemplar:
    """Read a measurement that was kept; an id that is not valid reads as empty."""
    return Exemplar(
        unsigned(exemplar.time_unix_nano),
        _read_number(exemplar),
        read_id(exemplar.span_id, SPAN_ID_BYTES),
        read_id(exemplar.trace_id, TRACE_ID_BYTES),
        read_attributes(exemplar.filtered_attributes),
    )


def read_value_of_point(point: Point) -> Value:
    """Read a number or structure; what is not set reads as 0, a minimum or maximum as None."""
    match point:
        case NumberPoint():
            return _read_number(point)
        case HistogramPoint():
            return _read_histogram(point)
        case ExponentialPoint():
            return _read_exponential(point)
        case SummaryPoint():
            return _read_summary(point)
