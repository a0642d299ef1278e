"""Datapoints: ``ExportMetricsServiceRequest`` in Protobuf, read and written."""

from collections.abc import Iterable, Iterator, Sequence

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1 import metrics_pb2 as pb

from taskscope.model.metric import Datapoint, Metric, MetricKind, Temporality
from taskscope.model.resource import Resource, Scope
from taskscope.wire.otlp.grouping import by_resource_and_scope
from taskscope.wire.otlp.points import read_exemplar, read_value_of_point, write_exemplar, write_value_of_point
from taskscope.wire.otlp.rules import Decoded
from taskscope.wire.otlp.values import (
    parse,
    read_attributes,
    read_resource,
    read_scope,
    write_attributes,
    write_resource,
    write_scope,
)


def decode_metrics(body: bytes) -> Decoded[Datapoint]:
    """
    Read the datapoints of one export request; every one makes a row, a metric without data makes none.

    A number or sum that is not set reads as 0 (flag 1 says that no value was recorded), an exemplar's id that is not
    valid as empty. A metric's metadata and the zero threshold of exponential histograms are not read.

    Raises:
        MalformedPayloadError: The body is no export request.
    """
    rows: list[Datapoint] = []
    for resource_metrics in parse(ExportMetricsServiceRequest, body).resource_metrics:
        resource = read_resource(resource_metrics.resource, resource_metrics.schema_url)
        for scope_metrics in resource_metrics.scope_metrics:
            scope = read_scope(scope_metrics.scope, scope_metrics.schema_url)
            for metric in scope_metrics.metrics:
                rows.extend(_read_points(metric, resource, scope))
    return Decoded(rows, ())


def _read_points(message: pb.Metric, resource: Resource, scope: Scope) -> Iterator[Datapoint]:
    name = message.WhichOneof("data")
    if name is None:
        return
    data = getattr(message, name)
    metric = _read_metric(message, MetricKind(name), data)
    for point in data.data_points:
        yield Datapoint(
            metric,
            read_attributes(point.attributes),
            point.time_unix_nano,
            read_value_of_point(point),
            resource,
            scope,
            point.start_time_unix_nano,
            point.flags,
            () if isinstance(point, pb.SummaryDataPoint) else tuple(map(read_exemplar, point.exemplars)),
        )


def _read_metric(
    message: pb.Metric, kind: MetricKind, data: pb.Gauge | pb.Sum | pb.Histogram | pb.ExponentialHistogram | pb.Summary
) -> Metric:
    return Metric(
        message.name,
        kind,
        message.unit,
        message.description,
        Temporality.UNSPECIFIED.value if isinstance(data, pb.Gauge | pb.Summary) else data.aggregation_temporality,
        isinstance(data, pb.Sum) and data.is_monotonic,
    )


def encode_metrics(datapoints: Iterable[Datapoint]) -> bytes:
    """
    Write one export request; datapoints keep their order within resource, scope and metric.

    Resource and scope are told apart by identity, metrics by what they say.

    Raises:
        ValueError: A number does not fit its field, or text holds half of a surrogate pair.
        TypeError: A value is not of its metric's kind.
    """
    request = ExportMetricsServiceRequest()
    for scopes in by_resource_and_scope(datapoints):
        resource_metrics = request.resource_metrics.add(schema_url=scopes[0][0].resource.schema_url)
        write_resource(resource_metrics.resource, scopes[0][0].resource)
        for rows in scopes:
            scope_metrics = resource_metrics.scope_metrics.add(schema_url=rows[0].scope.schema_url)
            write_scope(scope_metrics.scope, rows[0].scope)
            for metric, points in _by_metric(rows).items():
                _write_metric(scope_metrics.metrics.add(), metric, points)
    return request.SerializeToString()


def _by_metric(rows: Sequence[Datapoint]) -> dict[Metric, list[Datapoint]]:
    groups: dict[Metric, list[Datapoint]] = {}
    for row in rows:
        groups.setdefault(row.metric, []).append(row)
    return groups


def _write_metric(target: pb.Metric, metric: Metric, points: Sequence[Datapoint]) -> None:
    target.name = metric.name
    target.unit = metric.unit
    target.description = metric.description
    data = getattr(target, metric.kind)
    if metric.kind not in {MetricKind.GAUGE, MetricKind.SUMMARY}:
        data.aggregation_temporality = metric.temporality
    if metric.kind is MetricKind.SUM:
        data.is_monotonic = metric.is_monotonic
    for point in points:
        added = data.data_points.add(time_unix_nano=point.time_ns, start_time_unix_nano=point.start_ns)
        added.flags = point.flags
        write_attributes(added.attributes, point.attributes)
        write_value_of_point(added, point.value)
        for exemplar in point.exemplars:
            write_exemplar(added.exemplars.add(), exemplar)
