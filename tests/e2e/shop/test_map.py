"""The service map that the shop's orders must make, node by node and call by call, of every API."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from taskscope.lab.client.watch import until
from tests.e2e.shop.conftest import Shop
from tests.e2e.shop.expected import Tally, edges, services

pytestmark = pytest.mark.timeout(300)

Graph = tuple[dict[tuple[str, str], Tally], dict[str, Tally]]


def settled(read: Callable[[], Graph], shop: Shop) -> Graph:
    """Ask until the map is as it must be: it is 2 s behind the spans at most. Then what it is, or still is not."""
    found: list[Graph] = []

    def is_right() -> bool:
        found[:] = [read()]
        return found[0] == (edges(shop.launch), services(shop.launch))

    until(is_right, at_most=10)
    return found[0]


def of_document(document: dict[str, Any]) -> Graph:
    """Read our own form."""
    nodes = document["nodes"]
    names = [f"{each['key']['name']} {each['key']['type']}" for each in nodes]
    lines = [(names[each["source"]], names[each["target"]], each["statistics"]) for each in document["edges"]]
    senders = {
        name: tally_of(each["statistics"]) for name, each in zip(names, nodes, strict=True) if each["kind"] == "service"
    }
    return {(source, target): tally_of(statistics) for source, target, statistics in lines}, senders


def tally_of(statistics: dict[str, Any]) -> Tally:
    """Read the counts of our own form."""
    return Tally(**statistics["tally"])


def of_services(found: list[dict[str, Any]]) -> Graph:
    """Read X-Ray's form."""
    names = {each["ReferenceId"]: f"{each['Name']} {each['Type']}" for each in found}
    called = {
        (names[each["ReferenceId"]], names[edge["ReferenceId"]]): counts(edge)
        for each in found
        for edge in each["Edges"]
    }
    return called, {names[each["ReferenceId"]]: counts(each) for each in found if each["State"] == "active"}


def counts(counted: dict[str, Any]) -> Tally:
    """Read the counts of X-Ray's form."""
    summary = counted["SummaryStatistics"]
    errors = summary["ErrorStatistics"]
    return Tally(
        summary["OkCount"], errors["OtherCount"], errors["ThrottleCount"], summary["FaultStatistics"]["TotalCount"]
    )


def check(read: Callable[[], Graph], shop: Shop) -> None:
    """Hold a map to the one that is expected."""
    called, senders = settled(read, shop)
    assert called == edges(shop.launch)
    assert senders == services(shop.launch)


def test_of_the_command_line(shop: Shop) -> None:
    """`taskscope map --output json`."""
    check(lambda: of_document(json.loads(shop.call("taskscope", "map", "--output", "json"))), shop)


def test_of_rest(shop: Shop) -> None:
    """`/api/map`, whose graph is the command's."""
    check(lambda: of_document(shop.get("/api/map")), shop)


def test_of_the_xray_api(shop: Shop) -> None:
    """GetServiceGraph, by botocore and through the lab."""
    check(lambda: of_services(shop.xray.get_service_graph(**shop.window)["Services"]), shop)


def test_of_aws_command_line(shop: Shop) -> None:
    """`aws xray get-service-graph --endpoint-url`."""
    check(lambda: of_services(shop.aws_xray("get-service-graph", *shop.times)["Services"]), shop)


def test_of_jaeger(shop: Shop) -> None:
    """Dependencies: names and calls alone, without clients."""
    wanted = {
        (source.split()[0], target.split()[0]): sum(tally)
        for (source, target), tally in edges(shop.launch).items()
        if not source.endswith(" client")
    }
    found: dict[tuple[str, str], int] = {}

    def is_right() -> bool:
        now, back = shop.window["EndTime"] * 1000, 3_600_000
        answer = shop.get("/jaeger/api/dependencies", endTs=int(now), lookback=back)["data"]
        found.update({(each["parent"], each["child"]): each["callCount"] for each in answer})
        return found == wanted

    until(is_right, at_most=10)
    assert found == wanted


def test_it_can_be_drawn(shop: Shop) -> None:
    """The text names each node once, the client's first."""
    drawn = shop.call("taskscope", "map")

    assert drawn.startswith("shop-api [client]\n")
    for source, target in edges(shop.launch):
        for each in (source, target):
            assert each.split()[0] in drawn
    assert "40 calls, 15% faults, 5.0% throttled, 10% errors" in drawn
