"""Jaeger's query API as Grafana's data source and Jaeger's own page call it."""

import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.e2e.api.conftest import Get
from tests.e2e.api.shop import START, TRACE_ID
from tests.e2e.collect.collector import Collector

_HEX = TRACE_ID.removeprefix("1-").replace("-", "")


def _search(get: Get, **given: Any) -> list[str]:
    window = {"start": round((START - 60) * 1e6), "end": round((START + 300) * 1e6), "limit": 20, "lookback": "custom"}
    return [each["traceID"] for each in get(f"/jaeger/api/traces?{urlencode({**window, **given})}")["data"]]


def test_services_and_operations_are_listed(get: Get) -> None:
    """In the two forms that there are of operations."""
    assert sorted(get("/jaeger/api/services")["data"]) == ["payments", "shop-api"]
    assert "shop-api" in get("/jaeger/api/services/shop-api/operations")["data"]
    operations = get("/jaeger/api/operations?service=shop-api&spanKind=client")["data"]
    assert {"name": "DynamoDB", "spanKind": "client"} in operations
    assert {each["spanKind"] for each in operations} == {"client"}


def test_a_trace_is_drawn_by_id(get: Get) -> None:
    """Spans, who sent them, who called whom."""
    [trace] = get(f"/jaeger/api/traces/{_HEX}?prettyPrint=true")["data"]
    spans = {each["operationName"]: each for each in trace["spans"]}

    assert trace["traceID"] == _HEX
    assert {each["serviceName"] for each in trace["processes"].values()} == {"shop-api", "payments"}
    assert spans["payments"]["references"] == [{"refType": "CHILD_OF", "traceID": _HEX, "spanID": "62c1d8e9f0a1b2c3"}]
    assert (spans["shop-api"]["startTime"], spans["shop-api"]["duration"]) == (round(START * 1e6), 500_000)
    assert trace["processes"][spans["payments"]["processID"]]["serviceName"] == "payments"
    assert {"key": "error", "type": "bool", "value": True} in spans["payments"]["tags"]
    assert spans["payments"]["logs"][0]["fields"][0]["value"] == "exception"


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"service": "shop-api"}, True),
        ({"service": "shop-api", "operation": "DynamoDB"}, True),
        ({"service": "payments", "operation": "DynamoDB"}, False),
        ({"service": "shop-api", "tags": '{"http.response.status_code":"502"}'}, True),
        ({"service": "shop-api", "tags": '{"error":"true"}', "minDuration": "400ms"}, True),
        ({"service": "shop-api", "minDuration": "1s"}, False),
        ({"service": "payments", "maxDuration": "100ms"}, False),
        ({"service": "shop-api", "end": round((START - 30) * 1e6)}, False),
    ],
)
def test_traces_are_found_by_one_of_their_spans(get: Get, given: dict[str, Any], found: bool) -> None:  # noqa: FBT001 (a column)
    """Whole traces are returned."""
    assert _search(get, **given) == ([_HEX] if found else [])


def test_traces_are_found_by_several_ids(get: Get) -> None:
    """As Jaeger's page compares them."""
    found = get(f"/jaeger/api/traces?traceID={_HEX}&traceID={'0' * 31}1")["data"]

    assert [each["traceID"] for each in found] == [_HEX]


def test_dependencies_are_calls_between_services(get: Get) -> None:
    """And to what they call."""
    query = f"/jaeger/api/dependencies?endTs={round((START + 300) * 1e3)}&lookback=600000"

    assert {(each["parent"], each["child"], each["callCount"]) for each in get(query)["data"]} == {
        ("shop-api", "orders", 1),
        ("shop-api", "payments", 1),
    }


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/traces/{'0' * 31}7", 404),
        ("/traces/x", 400),
        ("/traces", 400),
        ("/traces?service=a&limit=x", 400),
        ("/operations", 400),
    ],
)
def test_errors_are_structured(shop: Collector, path: str, status: int) -> None:
    """As Grafana shows them."""
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"http://127.0.0.1:{shop.ports['api']}/jaeger/api{path}", timeout=30)

    with refused.value as answer:
        document = json.load(answer)
    assert document["data"] is None
    assert document["errors"][0]["code"] == refused.value.code == status
    assert document["errors"][0]["msg"]
