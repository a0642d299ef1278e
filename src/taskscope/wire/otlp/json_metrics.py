"""Datapoints: ``ExportMetricsServiceRequest`` in JSON, read."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from taskscope.model.metric import Datapoint, Metric, MetricKind, Temporality
from taskscope.model.resource import Resource, Scope
from taskscope.wire.otlp.json_points import (
    ExponentialPoint,
    HistogramPoint,
    NumberPoint,
    Point,
    SummaryPoint,
    read_exemplar,
    read_value_of_point,
)
from taskscope.wire.otlp.json_values import (
    Enum,
    Message,
    ResourceMessage,
    ScopeMessage,
    enum_number,
    read_attributes,
    read_resource,
    read_scope,
    reading,
    unsigned,
)
from taskscope.wire.otlp.rules import Decoded


class _Gauge(Message):
    data_points: list[NumberPoint] | None = None


class _Sum(Message):
    data_points: list[NumberPoint] | None = None
    aggregation_temporality: Enum | None = None
    is_monotonic: bool | None = None


class _Histogram(Message):
    data_points: list[HistogramPoint] | None = None
    aggregation_temporality: Enum | None = None


class _ExponentialHistogram(Message):
    data_points: list[ExponentialPoint] | None = None
    aggregation_temporality: Enum | None = None


class _Summary(Message):
    data_points: list[SummaryPoint] | None = None


class _Metric(Message):
    name: str | None = None
    description: str | None = None
    unit: str | None = None
    gauge: _Gauge | None = None
    sum: _Sum | None = None
    histogram: _Histogram | None = None
    exponential_histogram: _ExponentialHistogram | None = None
    summary: _Summary | None = None


class _ScopeMetrics(Message):
    scope: ScopeMessage | None = None
    metrics: list[_Metric] | None = None
    schema_url: str | None = None


class _ResourceMetrics(Message):
    resource: ResourceMessage | None = None
    scope_metrics: list[_ScopeMetrics] | None = None
    schema_url: str | None = None


class _Request(Message):
    resource_metrics: list[_ResourceMetrics] | None = None


_DECODER: Final = msgspec.json.Decoder(_Request, strict=False)
_TEMPORALITIES: Final = {f"AGGREGATION_TEMPORALITY_{each.name}": int(each) for each in Temporality}


def decode_metrics_json(body: bytes) -> Decoded[Datapoint]:
    """
    Read the datapoints of one export request, by the rules of ``metrics.decode_metrics``.

    Raises:
        MalformedPayloadError: The body is no export request.
    """
    rows: list[Datapoint] = []
    with reading("a metrics request"):
        for resource_metrics in _DECODER.decode(body).resource_metrics or ():
            resource = read_resource(resource_metrics.resource, resource_metrics.schema_url)
            for scope_metrics in resource_metrics.scope_metrics or ():
                scope = read_scope(scope_metrics.scope, scope_metrics.schema_url)
                for metric in scope_metrics.metrics or ():
                    rows.extend(_read_points(metric, resource, scope))
    return Decoded(rows, ())


def _read_points(message: _Metric, resource: Resource, scope: Scope) -> Iterator[Datapoint]:
    metric, points = _read_metric(message)
    for point in points:
        yield Datapoint(
            metric,
            read_attributes(point.attributes),
            unsigned(point.time_unix_nano),
            read_value_of_point(point),
            resource,
            scope,
            unsigned(point.start_time_unix_nano),
            point.flags or 0,
            tuple(map(read_exemplar, point.exemplars or ())),
        )


def _read_metric(message: _Metric) -> tuple[Metric, Sequence[Point]]:
    """Return what is measured and its points; of a metric without data no points, of one with two kinds the first's."""
    for kind in MetricKind:
        data: _Gauge | _Sum | _Histogram | _ExponentialHistogram | _Summary | None = getattr(message, kind)
        if data is not None:
            temporality = None if isinstance(data, _Gauge | _Summary) else data.aggregation_temporality
            metric = Metric(
                message.name or "",
                kind,
                message.unit or "",
                message.description or "",
                enum_number(temporality, _TEMPORALITIES),
                isinstance(data, _Sum) and bool(data.is_monotonic),
            )
            return metric, data.data_points or ()
    return Metric(message.name or "", MetricKind.GAUGE), ()
