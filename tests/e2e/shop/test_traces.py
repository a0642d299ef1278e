"""The shop's traces as every API lists and shows them, and the logs that name them."""

import json
from typing import Any

import pytest

from tests.e2e.shop.conftest import Shop
from tests.e2e.shop.expected import BY_STATUS, FOUND, ORDERS, TOLD, TREE, WATERFALL, Row

pytestmark = pytest.mark.timeout(300)


def spelled(trace_id: str) -> str:
    """Return an id as X-Ray spells it."""
    return f"1-{trace_id[:8]}-{trace_id[8:]}"


def rows_of(view: dict[str, Any]) -> tuple[Row, ...]:
    """Read a trace in our own form."""
    sections = [each["node"]["name"] for each in view["sections"]]
    return tuple(
        Row(
            each["depth"],
            sections[each["section"]],
            each["name"],
            each["outcome"],
            tuple(failure["type"] for failure in each["exceptions"]),
        )
        for each in view["spans"]
    )


def pairs_of(document: dict[str, Any], parent: str, names: dict[str, str]) -> list[tuple[str, str]]:
    """Return parent and name of each span of a segment document, by a table of all names."""
    found = [(names.get(document.get("parent_id", parent), ""), document["name"])]
    for each in document.get("subsegments", []):
        found += pairs_of({**each, "parent_id": document["id"]}, document["id"], names)
    return found


def names_in(document: dict[str, Any]) -> dict[str, str]:
    """Return the names of a document's spans by their ids."""
    inside = [names_in(each) for each in document.get("subsegments", [])]
    return {document["id"]: document["name"], **{key: name for each in inside for key, name in each.items()}}


def tree_of(segments: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return the tree that segments make; what X-Ray only infers is left out."""
    documents = [json.loads(each["Document"]) for each in segments]
    sent = [each for each in documents if not each.get("inferred")]
    names = {key: name for each in sent for key, name in names_in(each).items()}
    return sorted(pair for each in sent for pair in pairs_of(each, "", names))


def test_filters_of_rest(shop: Shop) -> None:
    """`/api/traces`: each filter finds as many traces as orders have that fate."""
    found = {asked: len(shop.get("/api/traces", q=asked, limit=100)["traces"]) for asked in FOUND}

    assert found == FOUND


def test_filters_of_the_xray_api(shop: Shop) -> None:
    """GetTraceSummaries, page by page."""
    pages = shop.xray.get_paginator("get_trace_summaries")

    def count(asked: str) -> int:
        more = {"FilterExpression": asked} if asked else {}
        return sum(len(page["TraceSummaries"]) for page in pages.paginate(**shop.window, **more))

    assert {asked: count(asked) for asked in FOUND} == FOUND


@pytest.mark.parametrize("asked", ["", 'service("mailer") { fault }'])
def test_filters_of_the_command_line(shop: Shop, asked: str) -> None:
    """`taskscope traces`."""
    listed = json.loads(shop.call("taskscope", "traces", asked, "--limit", "100", "--output", "json"))

    assert len(listed) == FOUND[asked]


def test_filters_of_aws_command_line(shop: Shop) -> None:
    """`aws xray get-trace-summaries --endpoint-url`, with what a summary says of its trace."""
    asked = "throttle = true"
    summaries = shop.aws_xray("get-trace-summaries", *shop.times, "--filter-expression", asked)["TraceSummaries"]

    assert len(summaries) == FOUND[asked]
    assert {each["Http"]["HttpStatus"] for each in summaries} == {429}
    assert {each["EntryPoint"]["Name"] for each in summaries} == {"shop-api"}
    assert {each["HasThrottle"] for each in summaries} == {True}


def test_overview_by_status(shop: Shop) -> None:
    """`--group-by` and `/api/traces/groups` say the same."""
    asked = shop.get("/api/traces/groups", by="status")["groups"]
    printed = json.loads(shop.call("taskscope", "traces", "--group-by", "status", "--output", "json"))

    assert {each["value"]: each["count"] for each in asked} == BY_STATUS
    assert {each["value"]: each["count"] for each in printed} == BY_STATUS


def test_jaeger_finds_by_service(shop: Shop) -> None:
    """The three services, and the traces that each takes part in."""
    assert shop.get("/jaeger/api/services")["data"] == ["mailer", "payments", "shop-api"]
    found = {
        name: len(shop.get("/jaeger/api/traces", service=name, limit=100, lookback="1h")["data"])
        for name in ("shop-api", "payments", "mailer")
    }
    assert found == {"shop-api": ORDERS, "payments": 36, "mailer": 28}


def test_waterfall_of_the_command_line_and_rest(shop: Shop) -> None:
    """Depth, service, name, outcome and exceptions of each span, in order."""
    trace_id = shop.trace_of(TOLD)

    assert rows_of(shop.get(f"/api/traces/{trace_id}")) == WATERFALL
    assert rows_of(json.loads(shop.call("taskscope", "show", spelled(trace_id), "--output", "json"))) == WATERFALL


def test_waterfall_of_the_xray_api(shop: Shop) -> None:
    """BatchGetTraces, by botocore and by the AWS command line: the documents make the same tree."""
    trace_id = spelled(shop.trace_of(TOLD))
    [trace] = shop.xray.batch_get_traces(TraceIds=[trace_id])["Traces"]
    [printed] = shop.aws_xray("batch-get-traces", "--trace-ids", trace_id)["Traces"]

    assert tree_of(trace["Segments"]) == TREE
    assert tree_of(printed["Segments"]) == TREE


def test_waterfall_of_jaeger(shop: Shop) -> None:
    """The same tree by references."""
    [trace] = shop.get(f"/jaeger/api/traces/{shop.trace_of(TOLD)}")["data"]
    names = {each["spanID"]: each["operationName"] for each in trace["spans"]}
    parents = {each["spanID"]: each["references"][0]["spanID"] for each in trace["spans"] if each["references"]}

    assert sorted((names.get(parents.get(key, ""), ""), name) for key, name in names.items()) == TREE


def test_logs_name_the_trace_in_both_spellings(shop: Shop) -> None:
    """Lines of an order that went well, of each task, by the digits that both spellings end with."""
    ending = shop.trace_of(10)[8:]
    printed = shop.call("taskscope", "logs", "/shop/*", "--since", "30m", "--grep", ending)

    for said in ("order 10: done", "charge 10: done", "receipt 10: sent", "order 10 well: 200"):
        assert said in printed
