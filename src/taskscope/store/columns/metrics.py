"""Datapoints as columns of the five ``otel_metrics_*`` tables."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import pyarrow as pa  # type: ignore[import-untyped]  # it has no types

from taskscope.model.metric import Datapoint, MetricKind
from taskscope.store.columns.arrays import Shared, hex_ids, lists, maps, times

_Columns = dict[str, pa.Array]


def metric_columns(rows: Sequence[Datapoint], kind: MetricKind) -> pa.Table:
    """Turn datapoints of one kind into columns."""
    metrics, attributes, moments, values, resources, scopes, starts, flags, exemplars = zip(*rows, strict=True)
    resource, scope, metric = Shared(resources), Shared(scopes), Shared(metrics)
    columns = {
        "ResourceAttributes": resource.column(lambda every: maps([each.attributes for each in every])),
        "ResourceSchemaUrl": resource.texts(lambda each: each.schema_url),
        "ScopeName": scope.texts(lambda each: each.name),
        "ScopeVersion": scope.texts(lambda each: each.version),
        "ScopeAttributes": scope.column(lambda every: maps([each.attributes for each in every])),
        "ScopeSchemaUrl": scope.texts(lambda each: each.schema_url),
        "ServiceName": resource.texts(lambda each: each.service_name),
        "MetricName": metric.texts(lambda each: each.name),
        "MetricDescription": metric.texts(lambda each: each.description),
        "MetricUnit": metric.texts(lambda each: each.unit),
        "Attributes": maps(attributes),
        "StartTimeUnix": times(starts),
        "TimeUnix": times(moments),
        "Flags": pa.array(flags, pa.uint32()),
        **_VALUES[kind](values),
    }
    if kind is not MetricKind.SUMMARY:
        columns |= _exemplars(exemplars)
    if kind in _TEMPORAL:
        columns["AggregationTemporality"] = pa.array([each.temporality for each in metrics], pa.int32())
    if kind is MetricKind.SUM:
        columns["IsMonotonic"] = pa.array([each.is_monotonic for each in metrics], pa.bool_())
    return pa.table(columns)


_TEMPORAL: Final = frozenset({MetricKind.SUM, MetricKind.HISTOGRAM, MetricKind.EXPONENTIAL_HISTOGRAM})


def _number(values: Sequence[Any]) -> _Columns:
    return {"Value": _floats(values)}


def _histogram(values: Sequence[Any]) -> _Columns:
    return {
        **_counted(values),
        **_extremes(values),
        "BucketCounts": _counts([each.bucket_counts for each in values]),
        "ExplicitBounds": lists([each.bounds for each in values], _floats),
    }


def _exponential(values: Sequence[Any]) -> _Columns:
    return {
        **_counted(values),
        **_extremes(values),
        "Scale": pa.array([each.scale for each in values], pa.int32()),
        "ZeroCount": pa.array([each.zero_count for each in values], pa.uint64()),
        "PositiveOffset": pa.array([each.positive_offset for each in values], pa.int32()),
        "PositiveBucketCounts": _counts([each.positive_counts for each in values]),
        "NegativeOffset": pa.array([each.negative_offset for each in values], pa.int32()),
        "NegativeBucketCounts": _counts([each.negative_counts for each in values]),
    }


def _summary(values: Sequence[Any]) -> _Columns:
    quantiles = [each.quantiles for each in values]
    return {
        **_counted(values),
        "ValueAtQuantiles.Quantile": lists(quantiles, lambda every: _floats([quantile for quantile, _ in every])),
        "ValueAtQuantiles.Value": lists(quantiles, lambda every: _floats([value for _, value in every])),
    }


_VALUES: Final[Mapping[MetricKind, Callable[[Sequence[Any]], _Columns]]] = {
    MetricKind.GAUGE: _number,
    MetricKind.SUM: _number,
    MetricKind.HISTOGRAM: _histogram,
    MetricKind.EXPONENTIAL_HISTOGRAM: _exponential,
    MetricKind.SUMMARY: _summary,
}


def _floats(values: Sequence[float]) -> pa.Array:
    return pa.array([float(value) for value in values], pa.float64())


def _counts(values: Sequence[Sequence[int]]) -> pa.Array:
    return lists(values, lambda every: pa.array(every, pa.uint64()))


def _counted(values: Sequence[Any]) -> _Columns:
    return {
        "Count": pa.array([each.count for each in values], pa.uint64()),
        "Sum": _floats([each.sum for each in values]),
    }


def _extremes(values: Sequence[Any]) -> _Columns:
    return {
        "Min": _floats([each.min or 0.0 for each in values]),
        "Max": _floats([each.max or 0.0 for each in values]),
        "HasMin": pa.array([each.min is not None for each in values], pa.bool_()),
        "HasMax": pa.array([each.max is not None for each in values], pa.bool_()),
    }


def _exemplars(values: Sequence[Sequence[Any]]) -> _Columns:
    return {
        "Exemplars.FilteredAttributes": lists(values, lambda every: maps([each.attributes for each in every])),
        "Exemplars.TimeUnix": lists(values, lambda every: times([each.time_ns for each in every])),
        "Exemplars.Value": lists(values, lambda every: _floats([each.value for each in every])),
        "Exemplars.SpanId": lists(values, lambda every: hex_ids([each.span_id for each in every])),
        "Exemplars.TraceId": lists(values, lambda every: hex_ids([each.trace_id for each in every])),
    }
