"""Which node of the service map a span belongs to, and which one it calls."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from taskscope.model.attributes import Attributes
from taskscope.model.ids import SPAN_ID_BYTES
from taskscope.model.resource import Resource
from taskscope.model.service_map import REMOTE, NodeKey
from taskscope.model.span import Span, SpanKind
from taskscope.query.rules.attributes import DOCUMENT, NAMESPACE, ORIGIN, attribute, listed

UNKNOWN: Final = "unknown"
_PLATFORMS: Final[Mapping[str, str]] = {
    "aws_app_runner": "AWS::AppRunner::Service",
    "aws_ec2": "AWS::EC2::Instance",
    "aws_ecs": "AWS::ECS::Container",
    "aws_eks": "AWS::EKS::Container",
    "aws_elastic_beanstalk": "AWS::ElasticBeanstalk::Environment",
    "aws_lambda": "AWS::Lambda::Function",
}
_LAUNCH_TYPES: Final[Mapping[str, str]] = {"ec2": "AWS::ECS::EC2", "fargate": "AWS::ECS::Fargate"}
_AWS_NAMES: Final[Mapping[str, str]] = {
    "dynamodb": "DynamoDB", "s3": "S3", "sns": "SNS", "sqs": "SQS", "lambda": "Lambda", "kinesis": "Kinesis",
    "sts": "STS", "ssm": "SSM", "kms": "KMS", "secretsmanager": "SecretsManager", "events": "EventBridge",
    "eventbridge": "EventBridge", "states": "StepFunctions", "stepfunctions": "StepFunctions", "sfn": "StepFunctions",
    "logs": "CloudWatchLogs", "monitoring": "CloudWatch", "firehose": "Firehose", "bedrock-runtime": "BedrockRuntime",
}  # fmt: skip
"""SDKs write services as their endpoints are called, or as their products are."""
SQL_SYSTEMS: Final = frozenset(
    ("db2", "derby", "h2", "hive", "mariadb", "mssql", "microsoft.sql_server", "mysql", "oracle", "oracle.db",
     "other_sql", "postgresql", "redshift", "sqlite", "teradata")
)  # fmt: skip
_ENTERING: Final = (SpanKind.SERVER, SpanKind.CONSUMER)
_CALLING: Final = (SpanKind.CLIENT, SpanKind.PRODUCER)


def is_entry(span: Span) -> bool:
    """
    Whether a span enters its service, by itself: what X-Ray sends as a segment, and a server's, consumer's or first
    span of other senders. In a whole trace a span whose parent belongs to another node enters as well.
    """
    document = attribute(span, DOCUMENT)
    if document:
        return document == "segment"
    return span.kind in _ENTERING or not has_parent(span)


def has_parent(span: Span) -> bool:
    """Whether a span names a parent."""
    return any(span.parent_span_id) and len(span.parent_span_id) == SPAN_ID_BYTES


def is_call(span: Span) -> bool:
    """Whether a span is the caller's side of a call."""
    return span.kind in _CALLING


def service_node(resource: Resource) -> NodeKey:
    """Return the node of whoever sent a span: its service, and what runs it."""
    return NodeKey(resource.service_name or UNKNOWN, _type(resource.attributes))


def _type(resource: Attributes) -> str:
    if origin := resource.get(ORIGIN):
        return str(origin)
    if resource.get("cloud.provider") not in (None, "", "aws"):
        return ""
    platform = str(resource.get("cloud.platform") or "")
    if platform == "aws_ecs":
        launch_type = str(resource.get("aws.ecs.launchtype") or resource.get("aws.ecs.launch_type") or "").lower()
        return _LAUNCH_TYPES.get(launch_type, _PLATFORMS[platform])
    return _PLATFORMS.get(platform, "")


def called_node(span: Span) -> NodeKey | None:
    """Return what a span calls, as far as the caller knows; None for one that calls nothing."""
    if not is_call(span):
        return None
    return _aws(span) or _database(span) or _queue(span) or NodeKey(_host(span), REMOTE)


def _aws(span: Span) -> NodeKey | None:
    namespace = attribute(span, NAMESPACE)
    if namespace != "aws" and attribute(span, "rpc.system") != "aws-api":
        return None
    sent = attribute(span, "rpc.service", "aws.service") or span.name
    service = _AWS_NAMES.get(sent.lower(), sent)
    if service == "DynamoDB":
        tables = listed(attribute(span, "aws.dynamodb.table_names", "aws.table_name"))
        return NodeKey(tables[0], "AWS::DynamoDB::Table") if len(tables) == 1 else NodeKey(service, "AWS::DynamoDB")
    if service == "S3" and (bucket := attribute(span, "aws.s3.bucket")):
        return NodeKey(bucket, "AWS::S3::Bucket")
    if service == "SQS" and (url := attribute(span, "aws.sqs.queue.url", "aws.queue_url", "messaging.url")):
        return NodeKey(url.rpartition("/")[2], "AWS::SQS::Queue")
    return NodeKey(service, f"AWS::{service}")


def _database(span: Span) -> NodeKey | None:
    system = attribute(span, "db.system", "db.system.name")
    if not system and not attribute(span, "db.query.text", "db.statement", "db.connection_string", "aws.xray.sql.url"):
        return None
    kind = "Database::SQL" if not system or system.lower() in SQL_SYSTEMS else f"Database::{system}"
    if attribute(span, NAMESPACE):
        return NodeKey(span.name, kind)
    database = attribute(span, "db.namespace", "db.name")
    host = attribute(span, "server.address", "net.peer.name")
    name = f"{database}@{host}" if database and host else database or host or system or span.name
    return NodeKey(name, kind)


def _queue(span: Span) -> NodeKey | None:
    system = attribute(span, "messaging.system")
    if not system:
        return None
    return NodeKey(attribute(span, "messaging.destination.name", "messaging.destination") or system, f"Queue::{system}")


def _host(span: Span) -> str:
    """Name whom an HTTP or other client calls; X-Ray names such a subsegment after the host."""
    if attribute(span, NAMESPACE):
        return span.name
    url = attribute(span, "url.full", "http.url")
    return (
        attribute(span, "peer.service", "server.address", "net.peer.name")
        or attribute(span, "http.host").partition(":")[0]
        or host_of(url)
        or span.name
    )


def host_of(url: str) -> str:
    """Return a URL's host, in lower case; empty where it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
