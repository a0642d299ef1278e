"""The X-Ray API as AWS's own clients call it, unmodified."""

import json
import subprocess
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.e2e.api.conftest import xray_client
from tests.e2e.api.shop import START, TRACE_ID, order
from tests.e2e.collect.collector import Collector
from tests.e2e.conftest import clean_environment

_WINDOW = {
    "StartTime": datetime.fromtimestamp(START, UTC) - timedelta(minutes=1),
    "EndTime": datetime.fromtimestamp(START, UTC) + timedelta(minutes=5),
}


def test_a_trace_is_found_by_what_it_is(xray: Any) -> None:
    """With the summary that the X-Ray console lists."""
    [page] = xray.get_paginator("get_trace_summaries").paginate(
        **_WINDOW, FilterExpression='service("payments") AND annotation.tenant = "acme"'
    )
    [summary] = page["TraceSummaries"]

    assert summary["Id"] == TRACE_ID
    assert (summary["HasFault"], summary["HasError"], summary["IsPartial"]) == (True, False, False)
    assert (summary["Duration"], summary["ResponseTime"]) == pytest.approx((0.5, 0.5))
    assert summary["Http"] == {"HttpURL": "https://shop.test/orders", "HttpStatus": 502, "HttpMethod": "POST"}
    assert {key: [each["AnnotationValue"] for each in values] for key, values in summary["Annotations"].items()} == {
        "tenant": [{"StringValue": "acme"}],
        "cart_items": [{"NumberValue": 3.0}],
        "beta": [{"BooleanValue": False}],
    }
    assert [each["UserName"] for each in summary["Users"]] == ["u-17"]
    assert [each["Name"] for each in summary["ServiceIds"]] == ["shop-api", "payments"]
    assert summary["EntryPoint"] == {"Name": "shop-api", "Names": ["shop-api"], "Type": "AWS::ECS::Fargate"}


def test_a_trace_tells_where_its_failure_came_from(xray: Any) -> None:
    """From the root down to the service that failed, with its exception; and where most of the time went."""
    [summary] = xray.get_trace_summaries(**_WINDOW)["TraceSummaries"]
    [fault] = summary["FaultRootCauses"]
    shop, payments = fault["Services"]
    [slow] = summary["ResponseTimeRootCauses"]

    assert fault["ClientImpacting"]
    assert (shop["Name"], shop["Type"], payments["Name"]) == ("shop-api", "AWS::ECS::Fargate", "payments")
    assert [(each["Name"], each["Remote"]) for each in shop["EntityPath"]] == [
        ("shop-api", False), ("payments.shop.test", True),
    ]  # fmt: skip
    assert payments["EntityPath"][0]["Exceptions"] == [{"Name": "UpstreamError", "Message": "the bank is closed"}]
    assert (slow["ClientImpacting"], slow["Services"][0]["EntityPath"][0]["Coverage"]) == (True, 1.0)
    assert summary["ErrorRootCauses"] == []


@pytest.mark.parametrize("kind", ["TraceId", "Event", "Service"])
def test_a_trace_is_found_by_its_start_or_its_end(xray: Any, kind: str) -> None:
    """Its end is told where it was asked for."""
    start = datetime.fromtimestamp(START, UTC)
    given = {"StartTime": start + timedelta(seconds=0.25), "EndTime": start + timedelta(seconds=5)}
    found = xray.get_trace_summaries(**given, TimeRangeType=kind)["TraceSummaries"]

    assert [each["MatchedEventTime"] for each in found] == [start + timedelta(seconds=0.5)] * (kind != "TraceId")


@pytest.mark.parametrize("expression", ['service("nobody")', "ok", "responsetime > 5"])
def test_a_filter_that_does_not_fit_finds_nothing(xray: Any, expression: str) -> None:
    """And says nothing of it."""
    assert xray.get_trace_summaries(**_WINDOW, FilterExpression=expression)["TraceSummaries"] == []


def test_a_filter_that_cannot_be_read_is_refused(xray: Any) -> None:
    """With the column."""
    with pytest.raises(ClientError, match=r"InvalidRequestException.*column"):
        xray.get_trace_summaries(**_WINDOW, FilterExpression="duration >")


def test_documents_come_back_whole(xray: Any) -> None:
    """Member for member what was sent; what sent no segment is inferred."""
    [trace] = xray.batch_get_traces(TraceIds=[TRACE_ID])["Traces"]
    found = [json.loads(each["Document"]) for each in trace["Segments"]]

    assert trace["Duration"] == pytest.approx(0.5)
    assert [each for each in found if not each.get("inferred")] == order()
    assert [each["origin"] for each in found if each.get("inferred")] == ["AWS::DynamoDB::Table"]
    assert [each["Id"] for each in trace["Segments"]] == [each["id"] for each in found]


def test_five_traces_are_asked_for_at_most(xray: Any) -> None:
    """As at AWS; one that is not there is named."""
    unknown = "1-00000000-000000000000000000000000"

    assert xray.batch_get_traces(TraceIds=[unknown])["UnprocessedTraceIds"] == [unknown]
    with pytest.raises(ClientError, match="Exceeding maximum query size: 5"):
        xray.batch_get_traces(TraceIds=[unknown] * 6)


def _edges(services: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    names = {each["ReferenceId"]: (each["Name"], each.get("Type", "")) for each in services}
    return {
        (" ".join(names[service["ReferenceId"]]), " ".join(names[edge["ReferenceId"]])): edge
        for service in services
        for edge in service["Edges"]
    }


@pytest.mark.parametrize("of_trace", [False, True], ids=["ServiceGraph", "TraceGraph"])
def test_the_service_graph_has_who_called_whom(xray: Any, of_trace: bool) -> None:  # noqa: FBT001 (a column)
    """The same of a window as of the one trace in it."""
    answer = xray.get_trace_graph(TraceIds=[TRACE_ID]) if of_trace else xray.get_service_graph(**_WINDOW)
    services = answer["Services"]

    assert {(each["Name"], each["Type"], each["State"], each.get("Root", False)) for each in services} == {
        ("shop-api", "client", "unknown", False),
        ("shop-api", "AWS::ECS::Fargate", "active", True),
        ("orders", "AWS::DynamoDB::Table", "unknown", False),
        ("payments", "AWS::ECS::Fargate", "active", False),
    }
    edges = _edges(services)
    counts = {ends: each["SummaryStatistics"] for ends, each in edges.items()}
    assert {ends: (each["OkCount"], each["TotalCount"]) for ends, each in counts.items()} == {
        ("shop-api client", "shop-api AWS::ECS::Fargate"): (0, 1),
        ("shop-api AWS::ECS::Fargate", "orders AWS::DynamoDB::Table"): (1, 1),
        ("shop-api AWS::ECS::Fargate", "payments AWS::ECS::Fargate"): (0, 1),
    }
    paid = edges["shop-api AWS::ECS::Fargate", "payments AWS::ECS::Fargate"]
    assert paid["SummaryStatistics"]["FaultStatistics"]["TotalCount"] == 1
    assert paid["SummaryStatistics"]["TotalResponseTime"] == pytest.approx(0.25, abs=1e-5)
    assert paid["ResponseTimeHistogram"] == [{"Value": pytest.approx(0.25, rel=0.05), "Count": 1}]


def test_a_group_is_a_filter_by_name(xray: Any) -> None:
    """In a search and for a graph."""
    xray.create_group(GroupName="acme", FilterExpression='annotation.tenant = "acme"')
    xray.create_group(GroupName="others", FilterExpression='!(annotation.tenant = "acme")')

    found = [
        len(xray.get_trace_summaries(**_WINDOW, FilterExpression=f'group.name = "{name}"')["TraceSummaries"])
        for name in ("acme", "others")
    ]
    graphs = [len(xray.get_service_graph(**_WINDOW, GroupName=name)["Services"]) for name in ("acme", "others")]

    assert found == [1, 0]
    assert graphs == [4, 0]
    for unknown in ({"GroupName": "none"}, {"GroupARN": "arn:aws:xray:eu-west-1:111122223333:group/acme/X"}):
        with pytest.raises(ClientError, match="InvalidRequestException"):
            xray.get_service_graph(**_WINDOW, **unknown)


def test_samplers_and_people_see_the_same_rules(shop: Collector, xray: Any) -> None:
    """What is set here is answered on port 2000, and what is reported there can be asked for here."""
    rule = {"RuleName": "checkout", "Priority": 5, "FixedRate": 0.5, "ReservoirSize": 4, "Version": 1}
    patterns = dict.fromkeys(("ResourceARN", "ServiceName", "ServiceType", "Host", "HTTPMethod", "URLPath"), "*")
    xray.create_sampling_rule(SamplingRule={**rule, **patterns})
    daemon = xray_client(shop, port="xray")

    names = [each["SamplingRule"]["RuleName"] for each in daemon.get_sampling_rules()["SamplingRuleRecords"]]
    report = {"RuleName": "checkout", "Timestamp": datetime.now(UTC), "RequestCount": 5, "SampledCount": 2}
    quotas = [
        client.get_sampling_targets(SamplingStatisticsDocuments=[{**report, "ClientID": digit * 24}])
        for client, digit in ((daemon, "1"), (xray, "2"))
    ]

    assert names == ["checkout", "Default"]
    assert sum(each["SamplingTargetDocuments"][0]["ReservoirQuota"] for each in quotas) <= 4
    [summary] = [
        each for each in xray.get_sampling_statistic_summaries()["SamplingStatisticSummaries"]
        if each["RuleName"] == "checkout"
    ]  # fmt: skip
    assert summary["RequestCount"] == 10


def test_the_aws_command_line_works_unchanged(shop: Collector) -> None:
    """``aws xray … --endpoint-url``."""

    def aws(*arguments: str) -> Any:
        environment = clean_environment(
            {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "eu-west-1"}
        )
        done = subprocess.run(
            ["aws", "xray", *arguments, "--endpoint-url", f"http://127.0.0.1:{shop.ports['api']}"],
            env=environment, capture_output=True, text=True, timeout=50, check=True,
        )  # fmt: skip
        return json.loads(done.stdout)

    window = ("--start-time", str(START - 60), "--end-time", str(START + 60))
    [summary] = aws("get-trace-summaries", *window, "--filter-expression", "fault")["TraceSummaries"]
    [trace] = aws("batch-get-traces", "--trace-ids", summary["Id"])["Traces"]

    assert {json.loads(each["Document"])["name"] for each in trace["Segments"]} == {"shop-api", "payments", "DynamoDB"}
    assert len(aws("get-service-graph", *window)["Services"]) == 4


@pytest.mark.parametrize(
    ("selector", "member", "seconds"),
    [
        ('service("payments")', "ServiceSummaryStatistics", 0.2),
        ('edge("shop-api", "payments")', "EdgeSummaryStatistics", 0.25),
        ("", "EdgeSummaryStatistics", 0.5),
        ('service("nobody")', "ServiceSummaryStatistics", None),
        ('id(name: "payments")', "ServiceSummaryStatistics", 0.2),
    ],
)
def test_figures_over_time(xray: Any, selector: str, member: str, seconds: float | None) -> None:
    """Of a service, of a connection, of what clients asked for."""
    expression = {"EntitySelectorExpression": selector} if selector else {}
    answer = xray.get_time_series_service_statistics(**_WINDOW, **expression, Period=60)
    steps = [each[member] for each in answer["TimeSeriesServiceStatistics"]]

    assert [(each["TotalCount"], each["FaultStatistics"]["TotalCount"]) for each in steps] == [(1, 1)] * bool(seconds)
    assert [each["TotalResponseTime"] for each in steps] == [pytest.approx(seconds, abs=1e-4)] * bool(seconds)


def test_figures_over_time_have_a_histogram(xray: Any) -> None:
    """Of all requests of the step."""
    answer = xray.get_time_series_service_statistics(**_WINDOW, EntitySelectorExpression='service("payments")')
    [[bar]] = [each["ResponseTimeHistogram"] for each in answer["TimeSeriesServiceStatistics"]]

    assert (bar["Value"], bar["Count"]) == (pytest.approx(0.2, rel=0.022), 1)


@pytest.mark.parametrize("selector", ["fault", 'service("a"){fault}', 'service("a") OR service("b")'])
def test_an_entity_selector_is_one_node_or_one_connection(xray: Any, selector: str) -> None:
    """As at AWS; what its braces would ask is not kept."""
    with pytest.raises(ClientError, match="EntitySelectorExpression"):
        xray.get_time_series_service_statistics(**_WINDOW, EntitySelectorExpression=selector)


def test_a_period_is_one_of_two(xray: Any) -> None:
    """As at AWS."""
    with pytest.raises(ClientError, match="Period"):
        xray.get_time_series_service_statistics(**_WINDOW, Period=61)
