"""What a span calls: calls of real senders, and what they write when they do not agree."""

from typing import Any

import pytest

from taskscope.model.attributes import AttributeValue
from taskscope.model.resource import Resource
from taskscope.model.service_map import NodeKey
from taskscope.model.span import Span, SpanKind
from taskscope.query.rules.called import aws_service, called_node, host_of


def _called(name: str, kind: int = SpanKind.CLIENT, **attributes: AttributeValue) -> NodeKey | None:
    named = {key.replace("__", "."): value for key, value in attributes.items()}
    return called_node(Span(bytes(16), bytes(8), b"", name, kind, 1, 2, named, Resource()))


def test_calls_of_opentelemetrys_instrumentations() -> None:
    """botocore, sqlite3, requests, SQLAlchemy, Redis, Kafka, gRPC; each as it writes them."""
    aws: dict[str, Any] = {"rpc__system": "aws-api"}
    assert _called("S3.ListBuckets", **aws, rpc__service="S3", server__address="127.0.0.1") == ("S3", "AWS::S3")
    assert _called(
        "DynamoDB.PutItem", **aws, rpc__service="DynamoDB", db__system="dynamodb", aws__dynamodb__table_names=["orders"]
    ) == ("orders", "AWS::DynamoDB::Table")
    assert _called("select", db__system="sqlite", db__statement="select 1") == ("sqlite", "Database::SQL")
    assert _called("GET", http__url="http://127.0.0.1:5061/x") == ("127.0.0.1", "remote")
    assert _called("SELECT shop", db__system="postgresql", db__name="shop", net__peer__name="db.test") == (
        "shop@db.test",
        "Database::SQL",
    )
    assert _called("GET", db__system="redis", net__peer__name="cache.test") == ("cache.test", "Database::redis")
    assert _called(
        "orders publish", SpanKind.PRODUCER, messaging__system="kafka", messaging__destination__name="o"
    ) == (
        "o",
        "Queue::kafka",
    )
    assert _called("shop.Cart/Add", rpc__system="grpc", server__address="cart.test") == ("cart.test", "remote")


def test_queue_is_one_node_however_it_is_called() -> None:
    """By an SDK of AWS, and by an instrumentation of messaging."""
    url = "https://sqs.eu-west-1.amazonaws.com/1/jobs"
    assert {
        _called("sqs", rpc__system="aws-api", rpc__service="SQS", aws__sqs__queue__url=url),
        _called("jobs send", SpanKind.PRODUCER, messaging__system="aws_sqs", messaging__url=url),
        _called("jobs send", SpanKind.PRODUCER, messaging__system="AmazonSQS", messaging__destination__name="jobs"),
    } == {("jobs", "AWS::SQS::Queue")}


def test_function_that_is_invoked_is_the_node_that_its_service_segment_has() -> None:
    """X-Ray's ``AWS::Lambda``."""
    assert _called("Lambda.Invoke", rpc__system="aws-api", faas__invoked_name="fn") == ("fn", "AWS::Lambda")


@pytest.mark.parametrize(
    ("sent", "service"),
    [
        ("dynamodb", "DynamoDB"), ("AmazonDynamoDBv2", "DynamoDB"), ("DynamoDb", "DynamoDB"),
        ("states", "StepFunctions"),
        ("SFN", "StepFunctions"), ("CloudWatch Logs", "CloudWatchLogs"), ("logs", "CloudWatchLogs"),
        ("AWSSecurityTokenService", "STS"), ("bedrock-runtime", "BedrockRuntime"),
        ("Bedrock Runtime", "BedrockRuntime"), ("Verified Permissions", "VerifiedPermissions"),
    ],
)  # fmt: skip
def test_services_of_aws_have_one_name(sent: str, service: str) -> None:
    """SDKs write endpoints, ids or products."""
    assert aws_service(sent) == service


def test_what_calls_nothing_names_nothing() -> None:
    """Servers, local work, and a producer that does not say where to."""
    assert _called("GET /", SpanKind.SERVER, http__url="http://shop.test/") is None
    assert _called("work", SpanKind.INTERNAL, db__system="sqlite") is None
    assert _called("publish", SpanKind.PRODUCER) is None
    assert _called("") is None


def test_client_that_says_nothing_is_named_after_its_span() -> None:
    """As X-Ray does."""
    assert _called("ask the oracle") == ("ask the oracle", "remote")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Shop.Test:8080/a", "shop.test"), ("http://user:p@ss@h/x", "h"), ("http://[::1]:80/", "[::1]"),
        ("http://h?x=1", "h"), ("/only/path", ""), ("h.test/x", ""), ("", ""),
    ],
)  # fmt: skip
def test_host_of_a_url(url: str, host: str) -> None:
    """Without user, password and port."""
    assert host_of(url) == host
