"""Every body that a real exporter sent reads as what it sent."""

import pytest

from taskscope.model.log import LogRecord
from taskscope.model.metric import Datapoint, ExponentialHistogram, Histogram, Metric, MetricKind, Temporality
from taskscope.model.resource import NO_SCOPE, Resource
from taskscope.model.span import Span, SpanKind, Status
from taskscope.wire.otlp.count import count_rows
from tests.unit.wire.otlp.codecs import CAPTURES, LOGS, METRICS, TRACES, Capture, capture, told

NO_RESOURCE = Resource()

each_capture = pytest.mark.parametrize("capture", CAPTURES, ids=[each.file for each in CAPTURES])


def _name(row: Span | LogRecord | Datapoint) -> str:
    """Name a row as the index does, which cuts at 60 characters."""
    if isinstance(row, LogRecord):
        return str(row.body)[:60]
    return row.name if isinstance(row, Span) else row.metric.name


@each_capture
def test_capture_decodes_to_what_its_sender_named(capture: Capture) -> None:
    """Spans, log records and metrics come out in order with the names noted when they were recorded."""
    decoded = capture.decode(capture.body)

    names = [_name(row) for row in decoded.rows]
    assert (list(dict.fromkeys(names)) if capture.codec is METRICS else names) == capture.names
    assert not decoded.invalid


@each_capture
def test_capture_survives_the_way_to_bytes_and_back(capture: Capture) -> None:
    """Rows of real exporters are written and read without a change."""
    rows = capture.decode(capture.body).rows

    assert told(capture.codec.decode(capture.codec.encode(rows)).rows) == told(rows)


@pytest.mark.parametrize("capture", [each for each in CAPTURES if not each.is_json], ids=lambda each: each.file)
def test_rows_of_a_capture_are_counted_without_decoding(capture: Capture) -> None:
    """The count of a Protobuf body is that of its rows."""
    assert count_rows(capture.codec.signal, capture.body) == len(capture.decode(capture.body).rows)


def test_failed_request_of_the_python_sdk_in_full() -> None:
    """Of a server span that failed everything is as sent."""
    spans = TRACES.decode(capture("python_http_02_v1_traces.pb").body).rows
    [span] = [each for each in spans if each.status == Status.ERROR and each.kind == SpanKind.SERVER]

    assert span._replace(attributes={}, events=(), resource=NO_RESOURCE, scope=NO_SCOPE) == Span(
        trace_id=bytes.fromhex("6affd5c2e5878059045a1532531d4c44"),
        span_id=bytes.fromhex("ef25761e9df3740e"),
        parent_span_id=b"",
        name="GET /order/<i>",
        kind=SpanKind.SERVER,
        start_ns=1795151298335490130,
        end_ns=1795151298341868413,
        attributes={},
        resource=NO_RESOURCE,
        scope=NO_SCOPE,
        status=Status.ERROR,
        status_message="RuntimeError: bad order",
        flags=256,
    )
    assert span.attributes == {
        "http.method": "GET",
        "http.server_name": "127.0.0.1",
        "http.scheme": "http",
        "net.host.name": "127.0.0.1:5062",
        "http.host": "127.0.0.1:5062",
        "net.host.port": 5062,
        "http.target": "/order/2",
        "net.peer.ip": "127.0.0.1",
        "net.peer.port": 44812,
        "http.user_agent": "python-urllib3/2.8.0",
        "http.flavor": "1.1",
        "http.route": "/order/<i>",
        "http.status_code": 500,
    }
    [event] = span.events
    assert (event.time_ns, event.name, event.attributes["exception.type"]) == (
        1795151298341862414,
        "exception",
        "RuntimeError",
    )
    assert span.resource.service_name == "otel-shop"
    assert (span.scope.name, span.scope.version, span.scope.schema_url) == (
        "opentelemetry.instrumentation.flask",
        "0.65b0",
        "https://opentelemetry.io/schemas/1.11.0",
    )


def test_link_of_a_consumer_span() -> None:
    """A consumer's span points to the message's span, with the link's attributes."""
    spans = TRACES.decode(capture("python_grpc_02_TraceService.pb").body).rows

    [(consumer, link)] = [(span, link) for span in spans for link in span.links]
    [producer] = [span for span in spans if span.span_id == link.span_id]
    assert (consumer.name, producer.name) == ("orders process", "orders publish")
    assert (link.trace_id, link.attributes) == (producer.trace_id, {"n": 1})


def test_span_of_the_node_sdk_in_full() -> None:
    """JSON of a real sender: hex ids, times as text, integers as numbers, lists, an event, the status."""
    span, parent = TRACES.decode_json(capture("node_http_01_v1_traces.json").body).rows

    assert span.trace_id == parent.trace_id == bytes.fromhex("4eb7e9435fce4a3ec6759dae7972d1c1")
    assert span.parent_span_id == parent.span_id == bytes.fromhex("e13997640e58136b")
    assert (span.start_ns, span.end_ns) == (1795151217028000000, 1795151217028391678)
    assert (span.kind, span.status, span.status_message, span.flags) == (1, 2, "declined", 257)
    assert told([span.attributes]) == ["{'n': 1, 'f': 1.5, 'l': ['a', 'b']}"]
    assert [(event.name, event.time_ns) for event in span.events] == [("exception", 1795151217028331027)]
    assert span.resource is parent.resource
    assert span.resource.attributes == {"service.name": "node-shop"}


def test_log_record_inside_a_span_in_full() -> None:
    """A log record carries its trace and span, severity, both times and its attributes."""
    record = LOGS.decode(capture("python_http_04_v1_logs.pb").body).rows[0]

    assert (record.body, record.time_ns, record.observed_ns) == ("order 1", 1795151298332060928, 1795151298332149016)
    assert (record.severity_number, record.severity_text, record.flags) == (13, "WARN", 1)
    assert record.span_id == bytes.fromhex("0ac8faf9bf8ea4af")
    assert record.attributes == {
        "order.id": "1",
        "items": 3,
        "code.file.path": "/srv/shop/otelshop.py",
        "code.function.name": "order",
        "code.line.number": 51,
    }
    assert (record.resource.service_name, record.scope.name) == ("otel-shop", "shop")


def test_map_as_the_body_of_a_log_record() -> None:
    """A structured body stays a map."""
    [record] = LOGS.decode_json(capture("node_http_05_v1_logs.json").body).rows

    assert record.body == {"event": "order", "id": 7}


def test_kinds_of_metrics_of_the_python_sdk() -> None:
    """Each metric has its kind, unit, temporality and monotony, and its points their values."""
    points = {point.metric.name: point for point in METRICS.decode(capture("python_http_03_v1_metrics.pb").body).rows}

    assert points["shop.orders"].metric == Metric(
        "shop.orders", MetricKind.SUM, temporality=Temporality.CUMULATIVE, is_monotonic=True
    )
    assert points["shop.orders"].value == 2
    assert points["shop.inflight"].metric == Metric("shop.inflight", MetricKind.SUM, temporality=Temporality.CUMULATIVE)
    assert points["shop.queue.depth"].metric == Metric("shop.queue.depth", MetricKind.GAUGE, "{message}")
    latency = points["shop.latency"].value
    assert isinstance(latency, Histogram)
    assert (latency.count, latency.sum, latency.min, latency.max) == (2, 25.0, 12.5, 12.5)
    assert latency.bucket_counts == (0, 0, 0, 2) + 12 * (0,)
    assert latency.bounds[:4] == (0.0, 5.0, 10.0, 25.0)
    [exemplar] = points["shop.latency"].exemplars
    assert (exemplar.value, exemplar.time_ns) == (12.5, 1795151298340544336)
    assert exemplar.span_id == bytes.fromhex("b6150cd1e66fc7c3")


def test_exponential_histogram_of_the_python_sdk() -> None:
    """Scale, offsets and counts are as sent; four measurements between 90 and 1500 bytes."""
    points = METRICS.decode(capture("python_http_03_v1_metrics.pb").body).rows
    [size] = [point.value for point in points if isinstance(point.value, ExponentialHistogram)]

    assert (size.count, size.sum, size.scale, size.zero_count) == (4, 3180.0, 5, 0)
    assert (size.positive_offset, sum(size.positive_counts), size.negative_offset) == (207, 4, 0)
    assert (size.min, size.max) == (90.0, 1500.0)
