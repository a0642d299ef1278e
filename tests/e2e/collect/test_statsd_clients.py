"""The ``statsd`` and ``datadog`` clients against ``serve`` with windows of one second."""

import socket
from pathlib import Path
from typing import Any, Final

import statsd  # type: ignore[import-untyped]  # it has no types
from datadog.dogstatsd.base import DogStatsd

from tests.e2e.collect.collector import Collector

CAPTURES: Final = Path(__file__).parents[2] / "fixtures" / "statsd"


def total(server: Collector, metric: str) -> list[Any]:
    """Return the sum of a counter over all windows."""
    return server.sql("SELECT sum(Value) FROM otel_metrics_sum WHERE MetricName = {metric:String}", metric=metric)[0]


def test_a_statsd_client_is_added_up(server: Collector) -> None:
    """Counters up and down, gauges with deltas, timings, sets and pipelines, as the ``statsd`` package sends them."""
    client = statsd.StatsClient("127.0.0.1", server.ports["statsd"], prefix="plain")
    client.incr("orders", 3)
    client.decr("orders")
    client.gauge("depth", 7)
    client.gauge("depth", -2, delta=True)
    for milliseconds in (12.5, 20):
        client.timing("latency", milliseconds)
    for user in ("a", "b", "a"):
        client.set("users", user)
    with client.pipeline() as pipeline:
        for _ in range(5):
            pipeline.incr("piped")
    client.close()

    server.until(lambda: (total(server, "plain.orders"), total(server, "plain.piped")) == ([2], [5]))
    last = "SELECT argMax(Value, TimeUnix) FROM otel_metrics_gauge WHERE MetricName = 'plain.depth'"
    server.until_sql(last, [[5]])
    server.until_sql("SELECT max(Value) FROM otel_metrics_gauge WHERE MetricName = 'plain.users'", [[2]])
    server.until_sql(
        "SELECT sum(Count), sum(Sum), min(Min), max(Max) FROM otel_metrics_exponential_histogram"
        " WHERE MetricName = 'plain.latency'",
        [[2, 32.5, 12.5, 20]],
    )


def test_a_datadog_client_keeps_its_tags(server: Collector) -> None:
    """Tags become attributes, distributions histograms; events and service checks are kept as logs."""
    client = DogStatsd("127.0.0.1", server.ports["statsd"], constant_tags=["env:test"], disable_telemetry=True)
    client.increment("dog.orders", 2, tags=["route:/order", "canary"])
    client.gauge("dog.depth", 1.5)
    for size in (10, 30):
        client.distribution("dog.size", size)
    client.event("Deployed", "version 2", alert_type="warning", tags=["team:web"])
    client.service_check("dog.db", DogStatsd.WARNING, message="slow")
    client.flush()
    client.close_socket()

    server.until_sql(
        "SELECT Value, Attributes FROM otel_metrics_sum WHERE MetricName = 'dog.orders'",
        [[2, {"canary": "", "env": "test", "route": "/order"}]],
    )
    server.until_sql(
        "SELECT Value, Attributes FROM otel_metrics_gauge WHERE MetricName = 'dog.depth'", [[1.5, {"env": "test"}]]
    )
    server.until_sql(
        "SELECT sum(Count), sum(Sum) FROM otel_metrics_exponential_histogram WHERE MetricName = 'dog.size'", [[2, 40]]
    )
    server.until_sql(
        "SELECT EventName, Body, SeverityText FROM otel_logs WHERE EventName LIKE 'dogstatsd.%'"
        " AND LogAttributes['env'] = 'test' ORDER BY EventName",
        [["dogstatsd.event", "version 2", "warning"], ["dogstatsd.service_check", "slow", "warning"]],
    )


def test_captured_datagrams_have_the_sums_that_were_meant(server: Collector) -> None:
    """Every recorded datagram, sampled ones with their weight: none is dropped or quarantined."""
    before = server.counters()
    datagrams = [path.read_bytes() for path in sorted(CAPTURES.glob("*.bin"))]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for datagram in datagrams:
            sender.sendto(datagram, ("127.0.0.1", server.ports["statsd"]))

    server.until(lambda: total(server, "shop.sampled") != [0])
    server.drained()

    after = server.counters()
    assert after["received.statsd"] - before.get("received.statsd", 0) == len(datagrams)
    assert total(server, "shop.sampled")[0] == sum(_weight(each) for each in datagrams)
    assert {name: value for name, value in after.items() if name.startswith(("quarantined", "dropped")) and value} == {}


def _weight(datagram: bytes) -> float:
    """Return what the lines of one counter in a datagram stand for."""
    lines = [line for line in datagram.decode().splitlines() if line.startswith("shop.sampled:")]
    return sum(float(line.split(":")[1].split("|")[0]) / float(line.split("@")[1].split("|")[0]) for line in lines)
