"""The REST API of a running server, as the console asks it."""

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from tests.e2e.api.conftest import Get
from tests.e2e.api.shop import START, TRACE_ID, order
from tests.e2e.collect.collector import Collector

_HEX = TRACE_ID.removeprefix("1-").replace("-", "")


def test_a_trace_is_listed_with_its_summary(get: Get) -> None:
    """By filter, in a window."""
    page = get(f"/api/traces?q=fault&start={round(START - 60)}000000000&end=now&sort=duration")

    [found] = page["traces"]
    assert (found["trace_id"], found["root_outcome"], found["span_count"]) == (_HEX, "fault", 4)
    assert page["cursor"] == ""


def test_traces_are_counted_by_what_they_share(get: Get) -> None:
    """The overview."""
    [group] = get("/api/traces/groups?by=status&start=-10m")["groups"]

    assert (group["value"], group["count"], group["faults"]) == ("502", 1, 1)


@pytest.mark.parametrize("spelling", [_HEX, _HEX.upper(), TRACE_ID])
def test_a_trace_is_found_in_each_spelling_of_its_id(get: Get, spelling: str) -> None:
    """X-Ray's and OpenTelemetry's."""
    view = get(f"/api/traces/{spelling}")

    assert view["spans"][0]["name"] == "shop-api"
    assert view["total_spans"] == 4


def test_one_span_has_its_attributes(get: Get) -> None:
    """The waterfall has none: a trace may be long."""
    span = get(f"/api/spans/51b0c7d8e9f0a1b2?trace={TRACE_ID}")

    assert span["called"] == {"name": "orders", "type": "AWS::DynamoDB::Table"}
    assert span["attributes"]
    assert not any(each["attributes"] for each in get(f"/api/traces/{TRACE_ID}")["spans"])


def test_a_trace_has_other_forms(get: Get) -> None:
    """Columns, its map, segment documents, OTLP."""
    assert get(f"/api/traces/{TRACE_ID}/skeleton")["total"] == 4
    assert len(get(f"/api/traces/{TRACE_ID}/map")["nodes"]) == 4
    assert get(f"/api/traces/{TRACE_ID}/documents") == order()
    assert len(get(f"/api/traces/{TRACE_ID}/otlp")["resourceSpans"]) == 2


def test_the_map_of_a_window_is_that_of_its_trace(get: Get) -> None:
    """Whether minutes are added up already or not."""
    whole, of_trace = get("/api/map?start=-10m"), get(f"/api/traces/{TRACE_ID}/map")

    assert {tuple(each["key"].values()) for each in whole["nodes"]} == {
        tuple(each["key"].values()) for each in of_trace["nodes"]
    }
    assert len(whole["edges"]) == len(of_trace["edges"]) == 3


def test_a_whole_trace_is_not_sent_twice(shop: Collector) -> None:
    """The second time the tag says that it is still so."""
    url = f"http://127.0.0.1:{shop.ports['api']}/api/traces/{TRACE_ID}"
    with urllib.request.urlopen(url, timeout=30) as answer:
        tag = answer.headers["etag"]
        assert answer.headers["cache-control"] == "private, no-cache"

    request = urllib.request.Request(url, headers={"if-none-match": tag})
    with pytest.raises(urllib.error.HTTPError) as unchanged, urllib.request.urlopen(request, timeout=30):  # noqa: S310 (our own)
        pass

    with unchanged.value as answer:
        assert (answer.code, answer.headers["etag"], answer.read()) == (304, tag, b"")


def test_status_agrees_with_health_and_metrics(shop: Collector, get: Get) -> None:
    """One is for people, the other for machines."""
    shop.drained()
    status, health, counters = get("/api/status"), shop.health(), shop.counters()

    assert {name: status[name] for name in health} == health
    assert status["counters"] == counters
    assert status["counters"]["received.xray_api"] >= 1
    assert status["store"]["rows"] >= 4
    assert (status["quarantined"], status["dropped"]) == (0, {})
    assert 0 <= status["lag_seconds"] < 10


def test_settings_say_where_they_came_from(get: Get) -> None:
    """As `taskscope config show` does."""
    found: dict[str, Any] = {each["setting"]: each for each in get("/api/settings")["settings"]}

    assert found["receivers"] == {"setting": "receivers", "value": "xray,otlp", "from": "--receivers"}
    assert found["insecure"]["from"] == "default"


@pytest.mark.parametrize(
    ("path", "status"),
    [("/api/traces/" + "0" * 32, 404), ("/api/traces/7", 400), ("/api/traces?q=duration%20%3E", 400)],
)
def test_what_is_not_there_or_not_understood_is_a_problem(shop: Collector, path: str, status: int) -> None:
    """With the place in a filter."""
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"http://127.0.0.1:{shop.ports['api']}{path}", timeout=30)

    with refused.value as answer:
        assert (answer.code, json.load(answer)["status"]) == (status, status)


def test_services_have_operations_and_figures_over_time(get: Get) -> None:
    """What the overview of a service shows."""
    services = {each["name"]: each for each in get("/api/services?start=-10m")["services"]}
    operations = {each["name"] for each in get("/api/services/shop-api/operations?start=-10m")["operations"]}
    of_service = get("/api/series/service?name=payments&type=AWS::ECS::Fargate&start=-10m&step=10s")
    of_edge = get(
        "/api/series/edge?source=shop-api&source_type=AWS::ECS::Fargate&target=orders&target_type=AWS::DynamoDB::Table"
        "&start=-10m&step=1m"
    )

    assert services.keys() == {"shop-api", "payments"}
    assert {"shop-api", "DynamoDB", "payments.shop.test"} <= operations
    assert [(each["ok"], each["faults"]) for each in of_service["points"]] == [(0, 1)]
    assert of_service["step_ns"] == 10_000_000_000
    assert [(each["ok"], each["average_ns"]) for each in of_edge["points"]] == [(1, pytest.approx(5e7, rel=1e-3))]
