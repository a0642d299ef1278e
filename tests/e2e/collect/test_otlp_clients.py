"""OpenTelemetry's SDKs against ``serve``, over gRPC and HTTP: traces, metrics and logs are stored, field by field."""

import http.client
import json
from pathlib import Path
from typing import Any, Final

import grpc  # type: ignore[import-untyped]  # it has no types
import pytest

from tests.e2e.collect.apps import run_app
from tests.e2e.collect.collector import Collector

CAPTURES: Final = Path(__file__).parents[2] / "fixtures" / "otlp"
METRIC_NAMES: Final = """
SELECT MetricName FROM otel_metrics_gauge UNION DISTINCT
SELECT MetricName FROM otel_metrics_sum UNION DISTINCT
SELECT MetricName FROM otel_metrics_histogram UNION DISTINCT
SELECT MetricName FROM otel_metrics_exponential_histogram
"""


@pytest.fixture(scope="module", params=["grpc", "http/protobuf"])
def app(request: pytest.FixtureRequest, server: Collector) -> Any:
    """Run the app over a protocol, and give what it printed, with the name of its service."""
    protocol: str = request.param
    service = f"sdk-{protocol.partition('/')[0]}"
    variables = {
        "OTEL_SERVICE_NAME": service,
        "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test",
        "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
        "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
    }
    if protocol == "grpc":
        variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://127.0.0.1:{server.ports['grpc']}"
    return run_app("otel_app", server, variables) | {"service": service}


def test_spans_of_the_sdk_are_stored_whole(server: Collector, app: Any) -> None:
    """Kinds, parents, links, events, exceptions and typed attributes of spans, and what their resource says."""
    service = app["service"]
    assert app["flushed"] == [True, True]
    server.until_sql(
        "SELECT SpanName, SpanKind, SpanId, ParentSpanId, ScopeName, ScopeVersion, StatusCode, StatusMessage,"
        " ResourceAttributes['deployment.environment.name']"
        " FROM otel_traces WHERE ServiceName = {service:String} ORDER BY Timestamp",
        [
            ["earlier", "Internal", app["earlier"], "", "shop", "1.2", "Unset", "", "test"],
            ["GET /order", "Server", app["root"], "", "shop", "1.2", "Unset", "", "test"],
            [
                "charge",
                "Client",
                app["charge"],
                app["root"],
                "shop",
                "1.2",
                "Error",
                "ValueError: card refused",
                "test",
            ],
        ],
        service=service,
    )
    [root, charge] = server.sql(
        "SELECT SpanAttributes, `Events.Name`, `Events.Attributes`, `Links.SpanId`, `Links.Attributes`"
        " FROM otel_traces WHERE TraceId = {trace:String} ORDER BY Timestamp",
        trace=app["trace"],
    )
    assert root == [
        {"text": "grüße 👋", "count": "7", "share": "0.5", "list": '["a","b"]', "yes": "true"},
        ["stock looked at"], [{"items": "3"}], [app["earlier"]], [{"why": "retry"}],
    ]  # fmt: skip
    assert charge[2][0]["exception.type"] == "ValueError"
    assert "card refused" in charge[2][0]["exception.stacktrace"]


def test_logs_and_metrics_of_the_sdk_are_stored_whole(server: Collector, app: Any) -> None:
    """A log record in its span, and a point of every kind of metric."""
    service = app["service"]
    server.until_sql(
        "SELECT Body, SeverityText, TraceId, SpanId, ScopeName, LogAttributes['customer'] FROM otel_logs"
        " WHERE ServiceName = {service:String}",
        [["order 1 failed", "ERROR", app["trace"], app["root"], "shop.orders", "bob"]],
        service=service,
    )
    server.until_sql(
        "SELECT MetricName, Value, IsMonotonic, Attributes, MetricUnit FROM otel_metrics_sum"
        " WHERE ServiceName = {service:String} ORDER BY MetricName",
        [["shop.carts", -4, False, {}, ""], ["shop.orders", 5, True, {"kind": "web"}, "1"]],
        service=service,
    )
    server.until_sql(
        "SELECT MetricName, Value FROM otel_metrics_gauge WHERE ServiceName = {service:String}",
        [["shop.queue", 2.5]],
        service=service,
    )
    server.until_sql(
        "SELECT MetricName, Count, Sum, Min, Max, indexOf(BucketCounts, 1) FROM otel_metrics_histogram"
        " WHERE ServiceName = {service:String}",
        [["shop.latency", 1, 12, 12, 12, 4]],
        service=service,
    )
    server.until_sql(
        "SELECT MetricName, Count, Sum, PositiveBucketCounts FROM otel_metrics_exponential_histogram"
        " WHERE ServiceName = {service:String}",
        [["shop.size", 1, 1000, [1]]],
        service=service,
    )


def test_every_captured_request_is_stored(server: Collector) -> None:
    """What SDKs in Python and JavaScript sent, in every encoding: each span, log record and metric is in the store."""
    before = server.counters()
    captured = [each for each in json.loads((CAPTURES / "index.json").read_text()) if "signal" in each]
    connection = http.client.HTTPConnection("127.0.0.1", server.ports["http"], timeout=10)
    with grpc.insecure_channel(f"127.0.0.1:{server.ports['grpc']}") as channel:
        for each in captured:
            _replay(CAPTURES / Path(each["file"]).name, connection, channel)
    connection.close()

    def more(counter: str) -> int:
        return server.counters().get(counter, 0) - before.get(counter, 0)

    wanted = [sum(len(each["names"]) for each in captured if each["signal"] == signal) for signal in ("traces", "logs")]
    server.until(lambda: [more("stored.spans"), more("stored.logs")] == wanted)
    metrics = {name for each in captured if each["signal"] == "metrics" for name in each["names"]}
    server.until(lambda: metrics <= {row[0] for row in server.sql(METRIC_NAMES)})
    assert [name for name in server.counters() if name.startswith(("quarantined", "rejected", "invalid"))] == []


def _replay(path: Path, connection: http.client.HTTPConnection, channel: grpc.Channel) -> None:
    """Send a captured request as its sender did, and check that it is taken."""
    body = path.read_bytes()
    if "_grpc_" in path.name:
        method = json.loads(path.with_suffix(".meta.json").read_text())["method"]
        assert channel.unary_unary(method)(body, timeout=10) == b""
        return
    stem = path.name.partition(".")[0]
    _, _, signal = stem.partition("_v1_")
    headers = {"content-type": "application/json" if path.suffix == ".json" else "application/x-protobuf"}
    if path.suffix == ".gz":
        headers["content-encoding"] = "gzip"
    chunked = path.suffix == ".json"  # as Node's exporter sends
    connection.request("POST", f"/v1/{signal}", iter([body]) if chunked else body, headers, encode_chunked=chunked)
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (200, b"{}" if chunked else b"")
