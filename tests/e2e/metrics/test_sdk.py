"""OpenTelemetry's SDK of both temporalities sends into ``taskscope serve``; commands and REST say what was measured."""

import json
from typing import Any

import pytest
from opentelemetry.sdk.metrics.export import AggregationTemporality

from tests.e2e.collect.collector import Collector
from tests.e2e.metrics.conftest import Ask, Get, meters

_TEMPORALITIES = {
    "shop-delta": AggregationTemporality.DELTA,
    "shop-cumulative": AggregationTemporality.CUMULATIVE,
}


@pytest.fixture(scope="module", autouse=True)
def _sent(server: Collector) -> None:
    """Measure the same with both, in two pieces."""
    for service, temporality in _TEMPORALITIES.items():
        provider = meters(server, service, temporality)
        meter = provider.get_meter("shop")
        orders = meter.create_counter("sdk.orders", unit="{order}", description="Orders that were placed.")
        carts = meter.create_up_down_counter("sdk.carts")
        queue = meter.create_gauge("sdk.queue", unit="By")
        latency = meter.create_histogram("sdk.latency", unit="ms")
        size = meter.create_histogram("sdk.size", unit="By")
        for times in (3, 4):
            orders.add(times, {"paid": "yes"})
            orders.add(1, {"paid": "no"})
            carts.add(5)
            carts.add(-2)
            queue.set(100.0 * times)
            for value in (0.5, 2, 2, 7):
                latency.record(value)
            for value in (10, 1000):
                size.record(value)
            assert provider.force_flush()
        provider.shutdown()
    count = "SELECT count() FROM otel_metrics_exponential_histogram WHERE MetricName = 'sdk.size'"
    server.until_sql(f"SELECT ({count}) >= 4", [[True]])


def _total(answer: Any) -> dict[str, float]:
    """Return the sum over all steps, by service."""
    return {
        each["labels"].get("service", ""): sum(point["value"] for point in each["points"]) for each in answer["series"]
    }


def _last(answer: Any) -> dict[str, float]:
    return {each["labels"].get("service", ""): each["points"][-1]["value"] for each in answer["series"]}


def test_counters_of_both_temporalities_count_the_same(get: Get, ask: Ask) -> None:
    """Alone, by their labels, and added."""
    by_service = get("/api/metrics/query", name="sdk.orders", agg="increase", by="service")
    assert _total(by_service) == {"shop-delta": 9, "shop-cumulative": 9}
    assert (by_service["kind"], by_service["unit"], by_service["left_out"]) == ("sum", "{order}", 0)

    paid = ["sdk.orders", "--agg", "increase", "--where", "paid=~y.*", "--step", "1h", "-o", "json"]
    assert _total(json.loads(ask(*paid))) == {"": 14}

    rate = get("/api/metrics/query", name="sdk.orders", step="10m")
    assert (rate["aggregate"], rate["unit"]) == ("rate", "{order}/s")
    assert all(point["value"] > 0 for point in rate["series"][0]["points"])


def test_levels_are_the_last_of_each_series(get: Get, ask: Ask) -> None:
    """An up-down counter, whose sum is asked where nothing is said, and a gauge."""
    assert _last(get("/api/metrics/query", name="sdk.carts", by="service")) == {"shop-delta": 6, "shop-cumulative": 6}
    assert _last(get("/api/metrics/query", name="sdk.carts", step="1h")) == {"": 12}
    assert _last(json.loads(ask("sdk.queue", "--agg", "last", "--step", "1h", "-o", "json"))) == {"": 400}


def test_histograms_of_both_temporalities_are_one(get: Get, ask: Ask) -> None:
    """Two sixteenths below 1, two quarters up to 5: half of all lie below 3."""
    for by in ({}, {"by": "service"}):
        answer = get("/api/metrics/query", name="sdk.latency", percentile=50, step="1h", **by)
        assert {round(value, 9) for value in _last(answer).values()} == {3.0}
        assert answer["aggregate"] == "percentile 50"
    average = json.loads(ask("sdk.latency", "--agg", "avg", "--step", "1h", "-o", "json"))
    assert _last(average) == {"": 2.875}
    assert _total(get("/api/metrics/query", name="sdk.latency", agg="count")) == {"": 16}


def test_exponential_histograms_are_as_fine_as_they_were_sent(get: Get) -> None:
    """Half are 10, the other half 1000: within a bucket of the SDK, which grows by a twentieth."""
    for percentile, value in ((25, 10), (75, 1000)):
        found = _last(get("/api/metrics/query", name="sdk.size", percentile=percentile, step="1h"))
        assert found == {"": pytest.approx(value, rel=0.05)}
    assert _total(get("/api/metrics/query", name="sdk.size", agg="sum", by="service")) == {
        "shop-delta": 2020, "shop-cumulative": 2020,
    }  # fmt: skip


def test_lists_tell_what_there_is(get: Get, ask: Ask) -> None:
    """Names with their kinds, and labels with their values."""
    found = {each["name"]: each for each in get("/api/metrics", q="sdk.*")["metrics"]}
    assert {name: each["kind"] for name, each in found.items()} == {
        "sdk.orders": "sum", "sdk.carts": "sum", "sdk.queue": "gauge", "sdk.latency": "histogram",
        "sdk.size": "exponential_histogram",
    }  # fmt: skip
    assert found["sdk.orders"]["series"] == 4
    assert found["sdk.orders"]["temporality"] == "delta, cumulative"
    assert "sdk.orders\tcounter, delta, cumulative\t{order}\t4\t" in ask()
    assert "paid\t2\tno, yes\n" in ask("sdk.orders", "--labels")
    [paid] = get("/api/metrics/labels", name="sdk.orders", label="paid")["labels"]
    assert paid == {"name": "paid", "values": ["no", "yes"], "total": 2}


def test_a_plot_is_drawn(ask: Ask) -> None:
    """With its legend; a pattern is enough of a name."""
    lines = ask("sdk.ord*", "--by", "paid", "--agg", "increase", "--step", "1h").splitlines()

    assert lines[0].startswith("sdk.orders · increase · each 1h00m · 2 series")
    assert [line.split()[0] for line in lines[-2:]] == ["A", "B"]
    assert "paid=yes" in lines[-2]
