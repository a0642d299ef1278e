"""Which node of the service map a span calls, as far as the caller knows."""

import re
from collections.abc import Mapping
from typing import Final

from taskscope.model.service_map import REMOTE, NodeKey
from taskscope.model.span import Span, SpanKind
from taskscope.query.rules.attributes import NAMESPACE, attribute
from taskscope.query.rules.node import is_call

AWS_SERVICES: Final[Mapping[str, str]] = {
    "apigateway": "APIGateway", "athena": "Athena", "bedrockruntime": "BedrockRuntime", "cloudwatch": "CloudWatch",
    "cloudwatchlogs": "CloudWatchLogs", "cognitoidp": "CognitoIdentityProvider", "dynamodb": "DynamoDB",
    "dynamodbv2": "DynamoDB", "ec2": "EC2", "ecr": "ECR", "ecs": "ECS", "eks": "EKS", "email": "SES",
    "eventbridge": "EventBridge", "events": "EventBridge", "firehose": "Firehose", "glue": "Glue", "iam": "IAM",
    "kinesis": "Kinesis", "kms": "KMS", "lambda": "Lambda", "logs": "CloudWatchLogs", "monitoring": "CloudWatch",
    "rds": "RDS", "s3": "S3", "secretsmanager": "SecretsManager", "securitytokenservice": "STS", "ses": "SES",
    "sesv2": "SES", "sfn": "StepFunctions", "simplenotificationservice": "SNS", "simplequeueservice": "SQS",
    "simplesystemsmanagement": "SSM", "sns": "SNS", "sqs": "SQS", "ssm": "SSM", "states": "StepFunctions",
    "stepfunctions": "StepFunctions", "sts": "STS",
}  # fmt: skip
"""
What SDKs call services, in small letters without separators: as their endpoints are called (X-Ray's SDK for Python),
by their ids (OpenTelemetry) or by their products (SDKs for Java and .NET, with a prefix).
"""
SQL_SYSTEMS: Final = frozenset(
    ("clickhouse", "cockroachdb", "db2", "derby", "firebirdsql", "h2", "hive", "hsqldb", "ibm.db2", "mariadb", "mssql",
     "microsoft.sql_server", "mysql", "oracle", "oracle.db", "other_sql", "postgres", "postgresql", "redshift",
     "sap.hana", "snowflake", "sqlite", "sqlite3", "sqlserver", "teradata", "trino")
)  # fmt: skip
"""Under OpenTelemetry's old and new names, and those of X-Ray's SDKs."""
QUEUE_SYSTEMS: Final[Mapping[str, str]] = {
    "aws.sns": "SNS", "aws.sqs": "SQS", "aws_sns": "SNS", "aws_sqs": "SQS", "amazonsqs": "SQS",
}  # fmt: skip
"""Systems of messages that are services of AWS, also where no SDK call of AWS is told of."""
_NO_PART: Final = re.compile("[ ._-]+|^(amazon|aws)")
"""What does not tell services apart: separators, and the brand."""
_ONE_TABLE: Final = re.compile(r'\["([^"\\]*)"\]')
_HOST: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#]*@)?(\[[^\]/?#]*\]|[^/?#:\[\]]*)")
_SMALL: Final = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
"""Small letters as the store's ``lower`` makes them: those of ASCII."""


def called_node(span: Span) -> NodeKey | None:
    """Return what a span calls; None for one that calls nothing, or a producer that does not say where to."""
    if not is_call(span):
        return None
    node = _aws(span) or _database(span) or _queue(span) or _remote(span)
    return node if node and node.name else None


def _aws(span: Span) -> NodeKey | None:
    is_aws = attribute(span, NAMESPACE) == "aws" or attribute(span, "rpc.system") == "aws-api"
    if not is_aws and not attribute(span, "aws.service"):
        return None
    if table := _table_name(span):
        return NodeKey(table, "AWS::DynamoDB::Table")
    if bucket := attribute(span, "aws.s3.bucket"):
        return NodeKey(bucket, "AWS::S3::Bucket")
    if queue := _queue_name(span):
        return NodeKey(queue, "AWS::SQS::Queue")
    if function := attribute(span, "faas.invoked_name"):
        return NodeKey(function, "AWS::Lambda")
    service = aws_service(attribute(span, "rpc.service", "aws.service") or span.name)
    return NodeKey(service, f"AWS::{service}")


def _table_name(span: Span) -> str:
    """Return the one table of a call; several have no name, the service stands for them."""
    if tables := attribute(span, "aws.dynamodb.table_names"):
        match = _ONE_TABLE.fullmatch(tables)
        return match[1] if match else ""
    return attribute(span, "aws.table_name")


def _queue_name(span: Span) -> str:
    return attribute(span, "aws.sqs.queue.url", "aws.queue_url", "messaging.url").rpartition("/")[2]


def aws_service(sent: str) -> str:
    """Return X-Ray's word for a service of AWS: what follows ``AWS::`` in a node's type."""
    key = _NO_PART.sub("", sent.translate(_SMALL))
    return AWS_SERVICES.get(key) or sent.replace(" ", "")


def _database(span: Span) -> NodeKey | None:
    system = attribute(span, "db.system", "db.system.name").translate(_SMALL)
    if not system and not attribute(span, "db.query.text", "db.statement", "db.connection_string", "aws.xray.sql.url"):
        return None
    kind = "Database::SQL" if not system or system in SQL_SYSTEMS else f"Database::{system}"
    if attribute(span, NAMESPACE):
        return NodeKey(span.name, kind)
    database, host = attribute(span, "db.namespace", "db.name"), _peer(span)
    name = f"{database}@{host}" if database and host else database or host or system or span.name
    return NodeKey(name, kind)


def _queue(span: Span) -> NodeKey | None:
    system = attribute(span, "messaging.system").translate(_SMALL)
    if not system:
        return None
    destination = attribute(span, "messaging.destination.name", "messaging.destination")
    service = QUEUE_SYSTEMS.get(system)
    if service == "SQS" and (queue := _queue_name(span) or destination):
        return NodeKey(queue, "AWS::SQS::Queue")
    if service:
        return NodeKey(service, f"AWS::{service}")
    return NodeKey(destination or system, f"Queue::{system}")


def _remote(span: Span) -> NodeKey | None:
    """Name whom an HTTP or other client calls; X-Ray names such a subsegment after the host."""
    if attribute(span, NAMESPACE):
        return NodeKey(span.name, REMOTE)
    host = (
        attribute(span, "peer.service")
        or _peer(span)
        or attribute(span, "http.host").partition(":")[0]
        or host_of(attribute(span, "url.full", "http.url"))
    )
    name = host or (span.name if span.kind == SpanKind.CLIENT else "")
    return NodeKey(name, REMOTE) if name else None


def _peer(span: Span) -> str:
    """Return the host that a client speaks to, without the port that some put behind it."""
    host = attribute(span, "server.address", "net.peer.name")
    return host.partition(":")[0] if host.count(":") == 1 else host


def host_of(url: str) -> str:
    """Return a URL's host, in small letters; empty where it has none."""
    match = _HOST.match(url)
    return match[1].translate(_SMALL) if match else ""
