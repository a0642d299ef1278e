"""The service map of spans at hand: X-Ray's rules, one by one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from taskscope.model.ids import trace_id_from_xray
from taskscope.model.service_map import EdgeKind, MapEdge, MapNode, NodeKind, ServiceMap, Statistics, Tally
from taskscope.model.span import SpanKind, SpanLink
from taskscope.query.trace.service_map import map_of
from taskscope.wire.xray.decode import decode_document
from tests.unit.query.trace.documents import START, TRACE, segment, sent, span

CAPTURES: Final = Path(__file__).parents[3] / "fixtures" / "xray"
FARGATE = "AWS::ECS::Fargate"


def _node(drawn: ServiceMap, name: str, kind: str) -> MapNode:
    return next(each for each in drawn.nodes if each.key == (name, kind))


def _edges(drawn: ServiceMap) -> Mapping[tuple[str, str, str, str], MapEdge]:
    """Return the edges by name and type of their ends."""
    return {(*drawn.nodes[each.source].key, *drawn.nodes[each.target].key): each for each in drawn.edges}


def _tally(statistics: Statistics) -> tuple[int, int, int, int]:
    tally: Tally = statistics.tally
    return tally.ok, tally.errors, tally.throttles, tally.faults


def _shop(**more: Any) -> dict[str, Any]:
    """Return the worked example of the fact sheet: one request that fails, with three subsegments."""
    dynamo = {"operation": "PutItem", "table_name": "orders", "resource_names": ["orders"]}
    pay = {"request": {"method": "POST", "url": "https://pay.example.net/charge"}, "response": {"status": 503}}
    return segment(
        "shop-api", 1, 0.12, 0.489,
        origin=FARGATE, fault=True, http={"response": {"status": 502}}, aws={"account_id": "111122223333"},
        subsegments=[
            segment("DynamoDB", 2, 0.13, 0.151, namespace="aws", aws=dynamo, http={"response": {"status": 200}}),
            segment("pay.example.net", 3, 0.152, 0.48, namespace="remote", fault=True, http=pay),
            segment("## render", 4, 0.481, 0.488),
        ],
    ) | more  # fmt: skip


def test_worked_example_has_its_four_nodes_and_three_edges() -> None:
    """A client, the service that is entered, a table and a remote host; local work is no node."""
    drawn = map_of(sent(_shop()))

    assert [(each.key.name, each.key.type, each.kind, each.is_entry) for each in drawn.nodes] == [
        ("orders", "AWS::DynamoDB::Table", NodeKind.INFERRED, False),
        ("pay.example.net", "remote", NodeKind.INFERRED, False),
        ("shop-api", FARGATE, NodeKind.SERVICE, True),
        ("shop-api", "client", NodeKind.CLIENT, False),
    ]
    edges = _edges(drawn)
    assert _tally(edges["shop-api", "client", "shop-api", FARGATE].statistics) == (0, 0, 0, 1)
    assert edges["shop-api", "client", "shop-api", FARGATE].statistics.duration_sum_ns == 369_000_000
    assert _tally(edges["shop-api", FARGATE, "orders", "AWS::DynamoDB::Table"].statistics) == (1, 0, 0, 0)
    assert _tally(edges["shop-api", FARGATE, "pay.example.net", "remote"].statistics) == (0, 0, 0, 1)
    assert len(edges) == 3
    api = _node(drawn, "shop-api", FARGATE)
    assert (api.statistics.duration_max_ns, api.account) == (369_000_000, "111122223333")
    assert (api.start_ns, api.end_ns) == (START + 120_000_000, START + 489_000_000)


def test_inferred_nodes_and_clients_have_no_statistics_of_their_own() -> None:
    """Their edges have them."""
    drawn = map_of(sent(_shop()))
    assert [each.key.name for each in drawn.nodes if each.statistics.tally.total] == ["shop-api"]


def test_segment_that_answers_replaces_the_inferred_node() -> None:
    """The edge keeps the caller's view, with the network in it; the node has its own."""
    callee = segment("payments", 9, 0.2, 0.4, parent_id=f"{3:016x}", http={"response": {"status": 500}}, fault=True)
    drawn = map_of([*sent(_shop()), *sent(callee)])

    assert "pay.example.net" not in [each.key.name for each in drawn.nodes]
    assert _edges(drawn)["shop-api", FARGATE, "payments", ""].statistics.duration_sum_ns == 328_000_000
    assert _node(drawn, "payments", "").statistics.duration_sum_ns == 200_000_000
    assert not _node(drawn, "payments", "").is_entry


def test_callee_that_traces_is_not_inferred_before_its_segment_comes() -> None:
    """``traced`` says that a segment is on its way."""
    call = segment("pay", 2, 0.1, 0.2, namespace="remote", http={"request": {"traced": True}})
    drawn = map_of(sent(segment("web", 1, 0, 1, subsegments=[call])))
    assert sorted(each.key for each in drawn.nodes) == [("web", ""), ("web", "client")]


def test_function_is_two_nodes_of_one_name() -> None:
    """Lambda sends a segment for the service, and the function one below it: no subsegment lies between."""
    service = segment("fn", 1, 0, 0.9, origin="AWS::Lambda", http={"response": {"status": 200}})
    function = segment("fn", 2, 0.1, 0.8, origin="AWS::Lambda::Function", parent_id=f"{1:016x}", fault=True)
    drawn = map_of([*sent(service), *sent(function)])

    edge = _edges(drawn)["fn", "AWS::Lambda", "fn", "AWS::Lambda::Function"]
    assert edge.statistics.duration_sum_ns == 700_000_000
    assert _tally(edge.statistics) == (0, 0, 0, 1)
    assert set(_edges(drawn)) == {
        ("fn", "client", "fn", "AWS::Lambda"),
        ("fn", "AWS::Lambda", "fn", "AWS::Lambda::Function"),
    }


@pytest.mark.parametrize(
    ("call", "key"),
    [
        ({"name": "SNS", "namespace": "aws"}, ("SNS", "AWS::SNS")),
        ({"name": "dynamodb", "namespace": "aws"}, ("DynamoDB", "AWS::DynamoDB")),
        ({"name": "dynamodb", "namespace": "aws", "aws": {"table_names": ["a", "b"]}}, ("DynamoDB", "AWS::DynamoDB")),
        ({"name": "s3", "namespace": "aws", "aws": {"bucket_name": "shop"}}, ("shop", "AWS::S3::Bucket")),
        ({"name": "states", "namespace": "aws"}, ("StepFunctions", "AWS::StepFunctions")),
        ({"name": "sqs", "namespace": "aws", "aws": {"queue_url": "https://q/1/jobs"}}, ("jobs", "AWS::SQS::Queue")),
        ({"name": "api.test", "namespace": "remote"}, ("api.test", "remote")),
        ({"name": "d@h", "namespace": "remote", "sql": {"database_type": "PostgreSQL"}}, ("d@h", "Database::SQL")),
        ({"name": "d@h", "namespace": "remote", "sql": {"database_type": "MongoDB"}}, ("d@h", "Database::mongodb")),
    ],
)  # fmt: skip
def test_calls_are_named_as_x_ray_names_them(call: dict[str, Any], key: tuple[str, str]) -> None:
    """What the namespace, the resources and the kind of database say."""
    [_, called, _] = sorted(
        map_of(sent(segment("~", 1, 0, 1, subsegments=[segment("", 2, 0, 0.5) | call]))).nodes,
        key=lambda node: (node.kind is NodeKind.CLIENT, node.kind is NodeKind.INFERRED),
    )
    assert called.key == key


def test_x_ray_and_opentelemetry_senders_meet_in_one_map() -> None:
    """A server span below a subsegment, and a client span above a segment."""
    web = sent(segment("web", 1, 0, 1, subsegments=[segment("api", 2, 0.1, 0.9, namespace="remote")]))
    api = [
        span(3, 2, service="api", kind=SpanKind.SERVER, took=500),
        span(4, 3, service="api", kind=SpanKind.CLIENT, took=300, attributes={"server.address": "stock.test"}),
    ]
    stock = sent(segment("stock", 5, 0.2, 0.3, parent_id=f"{4:016x}"))

    edges = _edges(map_of([*web, *api, *stock]))

    assert set(edges) == {("web", "client", "web", ""), ("web", "", "api", ""), ("api", "", "stock", "")}
    assert edges["web", "", "api", ""].statistics.duration_sum_ns == 800_000_000
    assert edges["api", "", "stock", ""].statistics.duration_sum_ns == 300_000_000


def test_call_that_several_spans_answer_is_one_request() -> None:
    """A client that tries twice within one span has asked once."""
    spans = [
        span(1, kind=SpanKind.SERVER, took=10),
        span(2, 1, kind=SpanKind.CLIENT, took=8),
        span(3, 2, service="api", kind=SpanKind.SERVER, status=2),
        span(4, 2, service="api", kind=SpanKind.SERVER, start=5),
    ]
    drawn = map_of(spans)
    assert _tally(_edges(drawn)["web", "", "api", ""].statistics) == (1, 0, 0, 0)
    assert _tally(_node(drawn, "api", "").statistics) == (1, 0, 0, 1)


def test_subsegment_sent_alone_belongs_to_its_segment() -> None:
    """It does not say whose it is."""
    whole = sent(segment("web", 1, 0, 1))
    alone = sent(
        segment("s3", 2, 0.1, 0.2, type="subsegment", parent_id=f"{1:016x}", namespace="aws", aws={"bucket_name": "b"})
    )
    assert set(_edges(map_of([*alone, *whole]))) == {
        ("web", "client", "web", ""),
        ("web", "", "b", "AWS::S3::Bucket"),
    }


def test_link_into_another_trace_is_an_edge_of_its_own_kind() -> None:
    """A consumer names the spans whose messages it took: one request, however many messages of one producer."""
    other = trace_id_from_xray("1-00000001-000000000000000000000001")
    links = tuple(SpanLink(TRACE, number.to_bytes(8), "", {}) for number in (1, 2))
    unknown = SpanLink(bytes(15) + b"\x07", bytes(7) + b"\x07", "", {})
    spans = [
        span(1, kind=SpanKind.SERVER),
        span(2, 1, kind=SpanKind.PRODUCER),
        span(3, service="worker", kind=SpanKind.CONSUMER, trace=other, links=(*links, unknown)),
    ]
    drawn = map_of(spans)

    [edge] = [each for each in drawn.edges if each.kind is EdgeKind.LINK]
    assert (drawn.nodes[edge.source].key.name, drawn.nodes[edge.target].key.name) == ("web", "worker")
    assert edge.statistics.tally.total == 1


def test_what_is_in_progress_is_not_counted() -> None:
    """But its subsegments that are complete are, under its node."""
    document = segment("web", 1, 0, 1, subsegments=[segment("api.test", 2, 0.1, 0.2, namespace="remote")])
    del document["end_time"]
    drawn = map_of(sent(document | {"in_progress": True}))

    assert set(_edges(drawn)) == {("web", "", "api.test", "remote")}
    assert _node(drawn, "web", "").statistics.tally.total == 0
    assert _node(drawn, "web", "").kind is NodeKind.SERVICE


def test_span_whose_parent_is_missing_has_a_node_and_no_caller() -> None:
    """Its caller may be anybody, or be late."""
    drawn = map_of([span(3, 2, kind=SpanKind.SERVER)])
    assert [each.key for each in drawn.nodes] == [("web", "")]
    assert not drawn.nodes[0].is_entry


def test_requests_of_many_traces_add_up() -> None:
    """Counts, sums, and the longest; each request in one group of the tally."""
    spans = [
        span(1, kind=SpanKind.SERVER, took=number, trace=number.to_bytes(16), attributes={"http.status_code": status})
        for number, status in enumerate((200, 404, 429, 500), 1)
    ]
    node = _node(map_of(spans), "web", "")
    assert _tally(node.statistics) == (1, 1, 1, 1)
    assert (node.statistics.duration_sum_ns, node.statistics.duration_max_ns) == (10_000_000, 4_000_000)
    assert sum(node.statistics.histogram.values()) == 4
    assert node.statistics.percentile_ns(0.5) == pytest.approx(2_000_000, rel=0.022)


def test_recorded_shop_makes_the_map_that_it_was() -> None:
    """Nine requests of X-Ray's SDK for Python: to a service, a table, a bucket, a queue, a topic, a database."""
    web = ("shop-web", "AWS::ECS::Container")
    files = sorted(CAPTURES.glob("shop_*.bin"))
    spans = [each for file in files for each in decode_document(file.read_bytes().partition(b"\n")[2], received_ns=0)]
    edges = {line[2:]: _tally(edge.statistics) for line, edge in _edges(map_of(spans)).items() if line[:2] == web}

    assert edges == {
        (":memory:", "Database::SQL"): (8, 0, 0, 0),
        ("SNS", "AWS::SNS"): (4, 0, 0, 0),
        ("inventory", ""): (3, 1, 0, 0),
        ("missing-table", "AWS::DynamoDB::Table"): (0, 0, 0, 1),
        ("orders", "AWS::DynamoDB::Table"): (4, 0, 0, 0),
        ("orders", "AWS::SQS::Queue"): (4, 0, 0, 0),
        ("shop", "AWS::S3::Bucket"): (4, 0, 0, 0),
    }


def test_spans_sent_twice_are_counted_once() -> None:
    """Delivery is at least once."""
    spans = sent(_shop())
    assert map_of([*spans, *spans]) == map_of(spans)


def test_nothing_makes_an_empty_map() -> None:
    """No spans, no nodes."""
    assert map_of([]) == ServiceMap((), ())
