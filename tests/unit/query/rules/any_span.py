"""Spans of X-Ray's and OpenTelemetry's shapes, with values that rules look at, for properties."""

from typing import Any

from hypothesis import strategies as st

from taskscope.model.resource import Resource
from taskscope.model.span import Span

TRACE_ID = bytes(15) + b"\x01"
_TEXTS = st.sampled_from(["orders", "a:b", "[", "x@y", "", "é", "Ä.example"])
_HOSTS = st.sampled_from(["pay.example.net", "10.0.0.7:5432", "::1", "Shop.Test", "[::1]:80", ""])
_URLS = st.sampled_from(
    ["https://pay.example.net/charge?x=1", "http://u:p@Shop.Test:8080/a", "http://[::1]:80/x", "/only", "not a url",
     "https://", "http://a@b@c/d", "HTTP://x?y@z", "https://sqs.eu-west-1.amazonaws.com/1/orders", "orders"]
)  # fmt: skip
_SERVICES = st.sampled_from(
    ["dynamodb", "DynamoDB", "AmazonDynamoDBv2", "S3", "s3", "sqs", "SimpleQueueService", "Lambda", "bedrock-runtime",
     "Bedrock Runtime", "CloudWatch Logs", "Verified Permissions", "AWSSecurityTokenService", "states", "odd"]
)  # fmt: skip
_STATUSES = st.sampled_from(
    ["200", "404", "429", "500", "503", "600", "99999", "none", "", "-1", "4e2", "+404", " 404"]
)
_FLAG = st.sampled_from(["true", "false"])
_VALUES: dict[str, st.SearchStrategy[str]] = {
    "aws.xray.document": st.sampled_from(["segment", "subsegment", "embedded"]),
    "aws.xray.namespace": st.sampled_from(["aws", "remote", "local"]),
    "aws.xray.error": _FLAG, "aws.xray.fault": _FLAG, "aws.xray.throttle": _FLAG, "aws.xray.sql.url": _URLS,
    "http.response.status_code": _STATUSES, "http.status_code": _STATUSES,
    "rpc.system": st.sampled_from(["aws-api", "grpc"]), "rpc.service": _SERVICES, "aws.service": _SERVICES,
    "aws.dynamodb.table_names": st.sampled_from(['["orders"]', '["a","b"]', "[]", "orders", "[broken", '["é\\n"]']),
    "aws.table_name": _TEXTS, "aws.s3.bucket": _TEXTS, "aws.sqs.queue.url": _URLS, "aws.queue_url": _URLS,
    "faas.invoked_name": _TEXTS,
    "db.system": st.sampled_from(["sqlite3", "PostgreSQL", "MongoDB", "redis"]),
    "db.system.name": st.sampled_from(["mysql", "redis"]), "db.query.text": _TEXTS, "db.statement": _TEXTS,
    "db.connection_string": _TEXTS, "db.namespace": _TEXTS, "db.name": _TEXTS,
    "server.address": _HOSTS, "net.peer.name": _HOSTS, "peer.service": _TEXTS, "http.host": _HOSTS,
    "messaging.system": st.sampled_from(["kafka", "aws_sqs", "AmazonSQS", "aws.sns"]), "messaging.url": _URLS,
    "messaging.destination.name": _TEXTS, "messaging.destination": _TEXTS,
    "url.full": _URLS, "http.url": _URLS, "http.target": _URLS, "url.path": _URLS, "url.query": _TEXTS,
    "net.host.name": _HOSTS, "server.port": _TEXTS, "net.host.port": st.sampled_from(["80", "443", "8080"]),
    "url.scheme": st.sampled_from(["https", ""]), "http.scheme": st.sampled_from(["http", "https"]),
    "http.request.method": _TEXTS, "http.method": _TEXTS, "user_agent.original": _TEXTS, "http.user_agent": _TEXTS,
    "client.address": _HOSTS, "http.client_ip": _HOSTS, "network.peer.address": _HOSTS, "net.peer.ip": _HOSTS,
    "enduser.id": _TEXTS, "user.id": _TEXTS,
}  # fmt: skip
_GROUPS = [  # keys that go together: drawn at random, a span would seldom be a call of a database
    ["aws.xray.document", "aws.xray.namespace", "rpc.system", "rpc.service", "aws.dynamodb.table_names"],
    ["rpc.system", "rpc.service", "aws.queue_url", "messaging.url", "messaging.system", "aws.table_name"],
    ["db.system", "db.system.name", "db.namespace", "db.name", "server.address", "net.peer.name", "db.statement"],
    ["messaging.system", "messaging.destination", "messaging.destination.name", "messaging.url"],
    ["url.full", "http.url", "http.host", "peer.service", "server.address", "http.status_code"],
    ["http.target", "url.path", "url.query", "http.host", "server.address", "server.port", "url.scheme"],
]  # fmt: skip
_RESOURCE: dict[str, st.SearchStrategy[str]] = {
    "service.name": _TEXTS,
    "aws.xray.origin": st.sampled_from(
        [
            "AWS::ECS::Fargate",
            "AWS::Lambda",
            "",
            'a "b"',
            "back\\slash",
            "tab\t\x01\u2028",
            "é 🦀",
            '"cloud.platform":"aws_ec2"',
        ]
    ),
    "cloud.provider": st.sampled_from(["aws", "gcp"]),
    "cloud.platform": st.sampled_from(["aws_ecs", "aws_ec2", "aws_lambda", "aws_eks", "gcp_cloud_run"]),
    "aws.ecs.launchtype": st.sampled_from(["fargate", "EC2", "external"]),
    "aws.ecs.launch_type": st.sampled_from(["FARGATE", "ec2"]),
}


def _some_of(values: dict[str, st.SearchStrategy[str]], keys: list[str]) -> st.SearchStrategy[dict[str, str]]:
    return st.fixed_dictionaries({}, optional={key: values[key] for key in keys})


_ATTRIBUTES = st.one_of(_some_of(_VALUES, list(_VALUES)), *(_some_of(_VALUES, keys) for keys in _GROUPS))


@st.composite
def any_span(draw: Any) -> Span:
    """Draw a span; its id is the same as of others."""
    return Span(
        TRACE_ID,
        bytes(7) + b"\x02",
        draw(st.sampled_from([b"", bytes(8), bytes(7) + b"\x01"])),
        draw(st.sampled_from(["GET", "orders@db", "S3.ListBuckets", "dynamodb"])),
        draw(st.integers(0, 5)),
        1_790_000_000_000_000_000,
        1_790_000_000_000_000_001,
        draw(_ATTRIBUTES),
        Resource(draw(_some_of(_RESOURCE, list(_RESOURCE)))),
        status=draw(st.integers(0, 2)),
    )
