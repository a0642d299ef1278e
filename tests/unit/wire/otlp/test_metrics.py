"""Rules for datapoints, in both encodings."""

from collections.abc import Sequence

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1 import metrics_pb2 as pb

from taskscope.model.metric import (
    Datapoint,
    ExponentialHistogram,
    Histogram,
    Metric,
    MetricKind,
    Summary,
    Temporality,
    Value,
)
from taskscope.model.resource import Resource
from taskscope.wire.otlp.json_metrics import decode_metrics_json
from taskscope.wire.otlp.metrics import decode_metrics, encode_metrics
from tests.unit.wire.otlp.codecs import told
from tests.unit.wire.otlp.messages import otlp_json


def _both(message: pb.Metric) -> Sequence[Datapoint]:
    """Read a metric's points from Protobuf; from JSON they are the same."""
    request = ExportMetricsServiceRequest()
    request.resource_metrics.add().scope_metrics.add().metrics.append(message)
    rows = decode_metrics(request.SerializeToString()).rows
    assert told(decode_metrics_json(otlp_json(request)).rows) == told(rows)
    return rows


_VALUES: list[tuple[MetricKind, Value]] = [
    (MetricKind.GAUGE, 1.5),
    (MetricKind.SUM, 2**60 + 1),
    (MetricKind.HISTOGRAM, Histogram(3, 4.5, (1, 2), (10.0,), 0.5, 3.0)),
    (MetricKind.HISTOGRAM, Histogram(3, 4.5, (), ())),
    (MetricKind.EXPONENTIAL_HISTOGRAM, ExponentialHistogram(3, 4.5, -2, 1, 7, (1,), -3, (0, 1), 0.0, 3.0)),
    (MetricKind.SUMMARY, Summary(3, 4.5, ((0.0, 1.0), (0.99, 2.5)))),
]


@pytest.mark.parametrize(("kind", "value"), _VALUES, ids=lambda each: each if isinstance(each, str) else "")
def test_value_of_each_kind_is_written_and_read(kind: MetricKind, value: Value) -> None:
    """Numbers and structures come back as they were, integers beyond 53 bits to the last digit."""
    point = Datapoint(Metric("m", kind), {"a": "b"}, 2, value, Resource(), start_ns=1, flags=0)

    [again] = decode_metrics(encode_metrics([point])).rows

    assert told([again.value]) == told([value])
    assert (again.metric, again.attributes, again.time_ns, again.start_ns) == (point.metric, {"a": "b"}, 2, 1)


@pytest.mark.parametrize("temporality", [Temporality.DELTA, Temporality.CUMULATIVE])
@pytest.mark.parametrize("kind", [MetricKind.SUM, MetricKind.HISTOGRAM, MetricKind.EXPONENTIAL_HISTOGRAM])
def test_temporality_is_of_sums_and_histograms(kind: MetricKind, temporality: Temporality) -> None:
    """What changed since the last time, or since the start: as sent."""
    message = pb.Metric(name="m")
    data = getattr(message, kind)
    data.aggregation_temporality = temporality
    data.data_points.add()

    [point] = _both(message)

    assert (point.metric.kind, point.metric.temporality) == (kind, temporality)


def test_metric_without_data_has_no_points() -> None:
    """A sender may name a metric and say nothing of it."""
    assert _both(pb.Metric(name="m")) == []


def test_points_of_a_metric_share_one_object() -> None:
    """What is measured is said once."""
    first, second = _both(pb.Metric(name="m", gauge=pb.Gauge(data_points=[pb.NumberDataPoint(), pb.NumberDataPoint()])))

    assert first.metric is second.metric


def test_number_that_was_not_recorded_is_zero_and_flagged() -> None:
    """Flag 1 says that the series has no value now; the row keeps the flag."""
    [point] = _both(pb.Metric(name="m", gauge=pb.Gauge(data_points=[pb.NumberDataPoint(flags=1)])))

    assert (point.value, point.flags) == (0.0, 1)


def test_minimum_and_maximum_may_be_unknown() -> None:
    """Zero is a value, absence is none."""
    known = pb.HistogramDataPoint(min=0.0, max=0.0)

    points = _both(pb.Metric(name="m", histogram=pb.Histogram(data_points=[known, pb.HistogramDataPoint()])))

    bounds = [(point.value.min, point.value.max) for point in points if isinstance(point.value, Histogram)]
    assert bounds == [(0.0, 0.0), (None, None)]


def test_datapoints_are_written_by_metric() -> None:
    """Points of metrics that say the same share the message, even if the objects differ."""
    resource = Resource()
    points = [Datapoint(Metric(name, MetricKind.GAUGE), {}, 0, value, resource) for value, name in enumerate("abab")]

    request = ExportMetricsServiceRequest.FromString(encode_metrics(points))

    [scope] = request.resource_metrics[0].scope_metrics
    written = [(metric.name, [point.as_int for point in metric.gauge.data_points]) for metric in scope.metrics]
    assert written == [("a", [0, 2]), ("b", [1, 3])]


def test_value_of_another_kind_is_a_type_error() -> None:
    """A number cannot be written as a histogram."""
    with pytest.raises(TypeError, match=r"1\.5"):
        encode_metrics([Datapoint(Metric("m", MetricKind.HISTOGRAM), {}, 0, 1.5, Resource())])
