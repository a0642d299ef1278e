"""What a datapoint of each kind holds, and exemplars, in Protobuf; read and written."""

from typing import TypeAlias

from opentelemetry.proto.metrics.v1 import metrics_pb2 as pb

from taskscope.model.ids import SPAN_ID_BYTES, TRACE_ID_BYTES
from taskscope.model.metric import Exemplar, ExponentialHistogram, Histogram, Summary, Value
from taskscope.wire.otlp.rules import usable_id
from taskscope.wire.otlp.values import read_attributes, write_attributes

Point: TypeAlias = pb.NumberDataPoint | pb.HistogramDataPoint | pb.ExponentialHistogramDataPoint | pb.SummaryDataPoint
"""The messages of datapoints; gauges and sums share one."""


def read_value_of_point(point: Point) -> Value:
    """Read a number or structure; what is not set reads as 0, a minimum or maximum as None."""
    match point:
        case pb.NumberDataPoint():
            return _read_number(point)
        case pb.HistogramDataPoint():
            return _read_histogram(point)
        case pb.ExponentialHistogramDataPoint():
            return _read_exponential(point)
        case pb.SummaryDataPoint():
            return Summary(point.count, point.sum, tuple((each.quantile, each.value) for each in point.quantile_values))


def _read_histogram(point: pb.HistogramDataPoint) -> Histogram:
    return Histogram(
        point.count,
        point.sum,
        tuple(point.bucket_counts),
        tuple(point.explicit_bounds),
        point.min if point.HasField("min") else None,
        point.max if point.HasField("max") else None,
    )


def _read_exponential(point: pb.ExponentialHistogramDataPoint) -> ExponentialHistogram:
    return ExponentialHistogram(
        point.count,
        point.sum,
        point.scale,
        point.zero_count,
        point.positive.offset,
        tuple(point.positive.bucket_counts),
        point.negative.offset,
        tuple(point.negative.bucket_counts),
        point.min if point.HasField("min") else None,
        point.max if point.HasField("max") else None,
    )


def _read_number(number: pb.NumberDataPoint | pb.Exemplar) -> float:
    return number.as_int if number.WhichOneof("value") == "as_int" else number.as_double


def read_exemplar(exemplar: pb.Exemplar) -> Exemplar:
    """Read a measurement that was kept; an id that is not valid reads as empty."""
    return Exemplar(
        exemplar.time_unix_nano,
        _read_number(exemplar),
        usable_id(exemplar.span_id, SPAN_ID_BYTES),
        usable_id(exemplar.trace_id, TRACE_ID_BYTES),
        read_attributes(exemplar.filtered_attributes),
    )


def write_value_of_point(target: Point, value: Value) -> None:
    """
    Write a number or structure.

    Raises:
        TypeError: The value is not of the point's kind.
    """
    match target, value:
        case pb.NumberDataPoint(), int() | float():
            _write_number(target, value)
        case pb.HistogramDataPoint(), Histogram():
            target.bucket_counts.extend(value.bucket_counts)
            target.explicit_bounds.extend(value.bounds)
            _write_totals(target, value)
        case pb.ExponentialHistogramDataPoint(), ExponentialHistogram():
            _write_exponential(target, value)
        case pb.SummaryDataPoint(), Summary():
            target.count = value.count
            target.sum = value.sum
            for quantile, at_quantile in value.quantiles:
                target.quantile_values.add(quantile=quantile, value=at_quantile)
        case _:
            raise TypeError(f"{value!r} does not go into a {type(target).__name__}")


def _write_exponential(target: pb.ExponentialHistogramDataPoint, histogram: ExponentialHistogram) -> None:
    target.scale = histogram.scale
    target.zero_count = histogram.zero_count
    target.positive.offset = histogram.positive_offset
    target.positive.bucket_counts.extend(histogram.positive_counts)
    target.negative.offset = histogram.negative_offset
    target.negative.bucket_counts.extend(histogram.negative_counts)
    _write_totals(target, histogram)


def _write_totals(
    target: pb.HistogramDataPoint | pb.ExponentialHistogramDataPoint, histogram: Histogram | ExponentialHistogram
) -> None:
    target.count = histogram.count
    target.sum = histogram.sum
    if histogram.min is not None:
        target.min = histogram.min
    if histogram.max is not None:
        target.max = histogram.max


def _write_number(target: pb.NumberDataPoint | pb.Exemplar, number: float) -> None:
    if isinstance(number, int) and -(2**63) <= number < 2**63:
        target.as_int = number
    else:
        target.as_double = number


def write_exemplar(target: pb.Exemplar, exemplar: Exemplar) -> None:
    """Write a measurement that was kept."""
    target.time_unix_nano = exemplar.time_ns
    target.span_id = exemplar.span_id
    target.trace_id = exemplar.trace_id
    _write_number(target, exemplar.value)
    write_attributes(target.filtered_attributes, exemplar.attributes)
