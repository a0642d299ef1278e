"""Spans of OpenTelemetry origin to segment documents."""

from collections.abc import Sequence
from typing import Any

import pytest

from taskscope.model.ids import trace_id_from_xray
from taskscope.model.resource import Resource
from taskscope.model.span import Span, SpanEvent, SpanKind, SpanLink, Status
from tests.unit.wire.xray.documents import TRACE, as_stored, given_back

START = 1_710_277_074_130_000_000
SPAN = bytes.fromhex("51b0c7d8e9f0a1b2")
PARENT = bytes.fromhex("3f2a9c0d11e4b7a8")
FARGATE = {
    "service.name": "shop-api",
    "service.version": "1.2",
    "cloud.provider": "aws",
    "cloud.platform": "aws_ecs",
    "cloud.account.id": "111122223333",
    "cloud.availability_zone": "eu-west-1a",
    "aws.ecs.launchtype": "fargate",
    "aws.ecs.task.arn": "arn:aws:ecs:eu-west-1:111122223333:task/shop/aa11",
    "container.name": "api",
    "aws.log.group.arns": ["arn:aws:logs:eu-west-1:111122223333:log-group:/ecs/shop-api:*"],
    "telemetry.sdk.name": "opentelemetry",
    "telemetry.sdk.language": "python",
    "telemetry.sdk.version": "1.44.0",
}


def span(
    name: str = "work",
    kind: int = SpanKind.SERVER,
    attributes: dict[str, Any] | None = None,
    *,
    resource: dict[str, Any] | None = None,
    parent: bytes = b"",
    events: Sequence[SpanEvent] = (),
    links: Sequence[SpanLink] = (),
    status: int = Status.UNSET,
    message: str = "",
) -> Span:
    """Make a span of 21 ms."""
    return Span(
        trace_id=trace_id_from_xray(TRACE),
        span_id=SPAN,
        parent_span_id=parent,
        name=name,
        kind=kind,
        start_ns=START,
        end_ns=START + 21_000_000,
        attributes=attributes or {},
        resource=Resource(resource or {}),
        events=events,
        links=links,
        status=status,
        status_message=message,
    )


def translated(*args: Any, **settings: Any) -> dict[str, Any]:
    """Translate one span that becomes one document."""
    [document] = given_back([span(*args, **settings)])
    assert isinstance(document, dict)
    return document


def test_call_of_aws_is_a_subsegment_named_after_the_service() -> None:
    """A CLIENT span of the AWS SDK becomes what X-Ray's own SDK would have sent."""
    attributes = {
        "rpc.system": "aws-api",
        "rpc.service": "DynamoDB",
        "rpc.method": "PutItem",
        "aws.dynamodb.table_names": ["orders"],
        "http.response.status_code": 200,
    }

    expected = {
        "type": "subsegment",
        "id": "51b0c7d8e9f0a1b2",
        "parent_id": "3f2a9c0d11e4b7a8",
        "trace_id": TRACE,
        "name": "DynamoDB",
        "namespace": "aws",
        "start_time": 1710277074.13,
        "end_time": 1710277074.151,
        "aws": {"operation": "PutItem", "table_name": "orders"},
        "http": {"response": {"status": 200}},
    }
    made = span("PutItem", SpanKind.CLIENT, attributes, parent=PARENT)
    assert given_back([made]) == [expected]
    assert given_back([as_stored(made)]) == [expected]


def test_server_span_is_a_segment_that_says_where_it_ran() -> None:
    """The resource gives name, origin, ECS and log group; all of it is in the metadata as well."""
    document = translated("POST /orders", attributes={"http.request.method": "POST"}, resource=FARGATE, parent=PARENT)

    assert "type" not in document
    assert (document["name"], document["origin"]) == ("shop-api", "AWS::ECS::Fargate")
    assert document["parent_id"] == "3f2a9c0d11e4b7a8"
    assert document["service"] == {"version": "1.2"}
    assert document["aws"] == {
        "account_id": "111122223333",
        "ecs": {
            "container": "api",
            "task_arn": "arn:aws:ecs:eu-west-1:111122223333:task/shop/aa11",
            "launch_type": "fargate",
            "availability_zone": "eu-west-1a",
        },
        "xray": {"sdk": "opentelemetry for python", "sdk_version": "1.44.0", "auto_instrumentation": False},
        "cloudwatch_logs": [
            {"log_group": "/ecs/shop-api", "arn": "arn:aws:logs:eu-west-1:111122223333:log-group:/ecs/shop-api:*"}
        ],
    }
    assert document["metadata"]["default"]["otel.resource.container.name"] == "api"


@pytest.mark.parametrize(
    ("resource", "origin"),
    [
        ({"cloud.platform": "aws_ecs", "aws.ecs.launchtype": "EC2"}, "AWS::ECS::EC2"),
        ({"cloud.platform": "aws_ecs"}, "AWS::ECS::Container"),
        ({"cloud.platform": "aws_ec2"}, "AWS::EC2::Instance"),
        ({"cloud.platform": "aws_eks"}, "AWS::EKS::Container"),
        ({"cloud.platform": "gcp_compute_engine", "cloud.provider": "gcp"}, None),
        ({"cloud.platform": "aws_ecs", "cloud.provider": "azure"}, None),
        ({}, None),
    ],
)
def test_platform_is_the_origin(resource: dict[str, Any], origin: str | None) -> None:
    """X-Ray's node type comes from the platform; another cloud has none, and no ``aws`` block."""
    document = translated(resource=resource | {"cloud.account.id": "1"})

    assert document.get("origin") == origin
    assert ("aws" in document) == (resource.get("cloud.provider", "aws") == "aws")


@pytest.mark.parametrize(
    ("kind", "attributes", "name"),
    [
        (SpanKind.SERVER, {}, "shop-api"),
        (SpanKind.CLIENT, {"peer.service": "stock", "rpc.service": "Stock"}, "stock"),
        (SpanKind.CLIENT, {"aws.remote.service": "AWS::S3", "peer.service": "x"}, "S3"),
        (
            SpanKind.CLIENT,
            {"db.name": "orders", "db.connection_string": "jdbc:mysql://u@db.test:3306"},
            "orders@db.test",
        ),
        (SpanKind.CLIENT, {"db.namespace": "orders", "server.address": "db.test"}, "orders@db.test"),
        (SpanKind.CLIENT, {"server.address": "pay.test"}, "pay.test"),
        (SpanKind.CLIENT, {"http.host": "old.test"}, "old.test"),
        (SpanKind.INTERNAL, {}, "a b-c_é"),
        (SpanKind.INTERNAL, {"aws.span.kind": "LOCAL_ROOT", "aws.local.service": "cron"}, "cron"),
    ],
)
def test_name_is_of_who_answers(kind: SpanKind, attributes: dict[str, Any], name: str) -> None:
    """A server has its service's name, a caller that of what it calls; other names lose what X-Ray does not take."""
    assert translated("a b-c_é?!<>", kind, attributes, resource=FARGATE, parent=PARENT)["name"] == name


@pytest.mark.parametrize(("name", "sent"), [("", "span"), ("?!", "span"), ("é" * 150, "é" * 100)])
def test_name_is_never_empty_and_never_long(name: str, sent: str) -> None:
    """X-Ray requires a name, of at most 200 bytes; a character is not cut in two."""
    assert translated(name, SpanKind.INTERNAL)["name"] == sent


@pytest.mark.parametrize(
    ("code", "status", "flags"),
    [
        (200, Status.UNSET, set()),
        (404, Status.ERROR, {"error"}),
        (429, Status.UNSET, {"error", "throttle"}),
        (503, Status.UNSET, {"fault"}),
        (200, Status.ERROR, {"fault"}),
        (None, Status.ERROR, {"fault"}),
        (None, Status.OK, set()),
    ],
)
def test_http_status_says_whose_error_it_was(code: int | None, status: Status, flags: set[str]) -> None:
    """The code decides between error, throttle and fault; without one, a failed span is a fault."""
    document = translated(attributes={} if code is None else {"http.status_code": code}, status=status)

    assert {flag for flag in ("error", "fault", "throttle") if flag in document} == flags


@pytest.mark.parametrize(
    ("kind", "attributes", "request_block"),
    [
        (
            SpanKind.SERVER,
            {
                "http.request.method": "GET",
                "url.scheme": "https",
                "server.address": "shop.test",
                "server.port": 443,
                "url.path": "/orders",
                "url.query": "page=2",
                "client.address": "198.51.100.7",
                "user_agent.original": "curl",
            },
            {
                "method": "GET",
                "url": "https://shop.test/orders?page=2",
                "client_ip": "198.51.100.7",
                "x_forwarded_for": True,
                "user_agent": "curl",
            },
        ),
        (
            SpanKind.SERVER,
            {
                "http.method": "GET",
                "http.url": "http://shop.test/",
                "net.peer.ip": "198.51.100.7",
                "client.address": "a name",
            },
            {"method": "GET", "url": "http://shop.test/", "client_ip": "198.51.100.7"},
        ),
        (
            SpanKind.CLIENT,
            {"http.method": "GET", "net.peer.name": "pay.test", "net.peer.port": "8080", "http.target": "/charge"},
            {"method": "GET", "url": "http://pay.test:8080/charge"},
        ),
    ],
    ids=["new names", "old names", "old names of a call"],
)
def test_http_attributes_of_either_time_become_the_request(
    kind: SpanKind, attributes: dict[str, Any], request_block: dict[str, Any]
) -> None:
    """Conventions old and new say the same, and a URL is put together where none was sent."""
    assert translated(kind=kind, attributes=attributes)["http"] == {"request": request_block}


def test_peer_alone_is_no_http() -> None:
    """A database call has an address, too."""
    assert "http" not in translated(
        kind=SpanKind.CLIENT, attributes={"server.address": "db.test", "db.system": "redis"}
    )


def test_query_is_an_sql_block() -> None:
    """The query of a relational database moves into ``sql``."""
    attributes = {"db.system": "postgresql", "db.name": "orders", "db.statement": "select 1", "db.user": "shop"}

    document = translated("SELECT orders", SpanKind.CLIENT, attributes, parent=PARENT)

    assert document["namespace"] == "remote"
    assert document["sql"] == {
        "url": "SELECT orders",
        "connection_string": "localhost/orders",
        "database_type": "postgresql",
        "sanitized_query": "select 1",
        "user": "shop",
    }


def test_exception_events_become_the_cause() -> None:
    """Each event is an exception with its frames; what caused it follows, linked; the ids are the same each time."""
    trace = "A: a\n\tat shop.Cart.pay(Cart.java:12)\nCaused by: B: b\n\tat shop.Bank.debit(Bank.java:7)\n"
    event = SpanEvent(
        START, "exception", {"exception.type": "A", "exception.message": "a", "exception.stacktrace": trace}
    )
    failed = {"kind": SpanKind.CLIENT, "events": [event, SpanEvent(START, "retry", {})]}

    outer, inner = translated(**failed)["cause"]["exceptions"]

    assert translated(**failed)["cause"]["exceptions"] == [outer, inner]
    assert outer == {
        "id": outer["id"],
        "type": "A",
        "message": "a",
        "remote": True,
        "stack": [{"path": "Cart.java", "line": 12, "label": "shop.Cart.pay"}],
        "cause": inner["id"],
    }
    assert (inner["type"], inner["message"]) == ("B", "b")
    assert len({outer["id"], inner["id"]}) == 2


def test_failed_span_without_an_exception_says_its_message() -> None:
    """A status message is all there is to say."""
    [exception] = translated(status=Status.ERROR, message="no stock")["cause"]["exceptions"]

    assert (exception["type"], exception["message"]) == ("", "no stock")
    assert "cause" not in translated(status=Status.ERROR)


def test_chosen_attributes_are_annotations_and_the_rest_is_metadata() -> None:
    """The sender's list says what is indexed; keys are rewritten to what X-Ray takes; nothing else is lost."""
    attributes = {
        "aws.xray.annotations": ["cart.items", "gift-wrap", "list", "missing"],
        "cart.items": 3,
        "gift-wrap": True,
        "list": [1, 2],
        "aws.xray.metadata.shop": '{"a":[1.50]}',
        "aws.xray.metadata.broken": "{",
        "aws.xray.metadata.default": '{"own":1}',
        "other": "x",
    }

    document = translated(attributes=attributes)

    assert document["annotations"] == {"cart.items": 3, "gift_wrap": True}
    assert document["metadata"] == {
        "shop": {"a": [1.5]},
        "default": {"own": 1, "list": [1, 2], "aws.xray.metadata.broken": "{", "other": "x"},
    }


def test_links_and_user_are_kept() -> None:
    """Both have a place of their own."""
    link = SpanLink(bytes(15) + b"\7", PARENT, "", {"n": 1})

    document = translated(attributes={"enduser.id": "u-17"}, links=[link])

    assert document["user"] == "u-17"
    assert document["links"] == [
        {"trace_id": "1-00000000-000000000000000000000007", "id": "3f2a9c0d11e4b7a8", "attributes": {"n": 1}}
    ]


def test_local_root_that_calls_is_a_service_and_a_call() -> None:
    """A worker whose first span is a call still appears as a service, with the call under it."""
    attributes = {
        "aws.span.kind": "LOCAL_ROOT",
        "aws.local.service": "worker",
        "aws.remote.service": "AWS::SQS",
        "http.response.status_code": 500,
        "job": 7,
    }
    made = span(
        "poll", SpanKind.CONSUMER, attributes, resource=FARGATE, links=[SpanLink(bytes(15) + b"\7", PARENT, "", {})]
    )

    service, call = given_back([made])

    assert (service["name"], service["origin"], service["fault"]) == ("worker", "AWS::ECS::Fargate", True)
    assert service["links"]
    assert "http" not in service
    assert all(key.startswith("otel.resource.") for key in service["metadata"]["default"])
    assert (call["id"], call["parent_id"], call["type"]) == (SPAN.hex(), service["id"], "subsegment")
    assert (call["name"], call["namespace"]) == ("SQS", "remote")
    assert "links" not in call
    assert given_back([made])[0]["id"] == service["id"]


def test_span_in_progress_has_no_end() -> None:
    """X-Ray takes either an end or the word that there is none yet."""
    [document] = given_back([span()._replace(in_progress=True)])

    assert document["in_progress"] is True
    assert "end_time" not in document


@pytest.mark.parametrize(
    "attributes",
    [
        {"http.status_code": "9" * 5000},
        {"http.status_code": "teapot", "http.method": 7},
        {"aws.xray.annotations": "one"},
        {"aws.xray.annotations": {"a": 1}},
        {"aws.dynamodb.table_names": {"a": [b"x"]}, "rpc.system": "aws-api"},
        {"nothing": None, "bytes": b"\xff", "nan": float("nan")},
        {"db.system": "mysql", "db.connection_string": "://@:"},
        {"aws.xray.metadata.x": "[" * 100_000},
    ],
)
def test_attributes_of_odd_types_do_no_harm(attributes: dict[str, Any]) -> None:
    """A sender's mistakes are sent on as metadata."""
    assert translated(attributes=attributes)["id"] == SPAN.hex()
