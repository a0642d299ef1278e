"""The ``statsd`` and ``datadog`` clients send into ``taskscope serve``; commands and REST say what was counted."""

import json
from typing import Any

import statsd  # type: ignore[import-untyped]  # it has no types
from datadog.dogstatsd.base import DogStatsd

from tests.e2e.collect.collector import Collector
from tests.e2e.metrics.conftest import Ask, Get


def _values(answer: Any, label: str = "") -> dict[str, float]:
    """Return the sum over all steps, by a label."""
    return {each["labels"].get(label, ""): sum(point["value"] for point in each["points"]) for each in answer["series"]}


def test_a_statsd_client(server: Collector, get: Get, ask: Ask) -> None:
    """A counter of several windows, a gauge, and timings."""
    client = statsd.StatsClient("127.0.0.1", server.ports["statsd"], prefix="plain")
    for times in (3, 4):
        client.incr("orders", times)
        server.until_sql(
            "SELECT sum(Value) >= {n:UInt8} FROM otel_metrics_sum WHERE MetricName = 'plain.orders'", [[True]], n=times
        )
    client.gauge("depth", 7)
    for milliseconds in (10, 20, 30):
        client.timing("latency", milliseconds)
    client.close()
    server.until_sql("SELECT sum(Value) FROM otel_metrics_sum WHERE MetricName = 'plain.orders'", [[7]])
    server.until_sql(
        "SELECT sum(Count) FROM otel_metrics_exponential_histogram WHERE MetricName = 'plain.latency'", [[3]]
    )

    assert _values(get("/api/metrics/query", name="plain.orders", agg="increase")) == {"": 7}
    assert _values(json.loads(ask("plain.orders", "--agg", "sum", "-o", "json"))) == {"": 7}
    assert _values(get("/api/metrics/query", name="plain.depth", step="1h")) == {"": 7}
    latency = get("/api/metrics/query", name="plain.latency", agg="avg", step="1h")
    assert (latency["unit"], _values(latency)) == ("ms", {"": 20})
    [[median]] = [_values(get("/api/metrics/query", name="plain.latency", percentile=50, step="1h")).values()]
    assert 19 < median < 21


def test_a_datadog_client(server: Collector, get: Get, ask: Ask) -> None:
    """Tags are labels."""
    client = DogStatsd("127.0.0.1", server.ports["statsd"], constant_tags=["env:test"], disable_telemetry=True)
    client.increment("dog.orders", 2, tags=["route:/order"])
    client.increment("dog.orders", 5, tags=["route:/cart"])
    client.distribution("dog.size", 100)
    client.flush()
    client.close_socket()
    server.until_sql("SELECT sum(Value) FROM otel_metrics_sum WHERE MetricName = 'dog.orders'", [[7]])

    by_route = get("/api/metrics/query", name="dog.orders", agg="increase", by="route", where="env=test")
    assert _values(by_route, "route") == {"/cart": 5, "/order": 2}
    assert by_route["series"][0]["labels"] == {"route": "/cart"}  # the largest first
    assert "route\t2\t/cart, /order\n" in ask("dog.orders", "--labels")
