"""AWS, database and service attributes of a span and its resource to the blocks of a document."""

from collections.abc import Mapping
from typing import Final

from taskscope.model.attributes import AttributeValue
from taskscope.wire.xray.document import Other
from taskscope.wire.xray.taking import Taking, texts, whole_number

_ORIGINS: Final = {
    "aws_app_runner": "AWS::AppRunner::Service",
    "aws_eks": "AWS::EKS::Container",
    "aws_elastic_beanstalk": "AWS::ElasticBeanstalk::Environment",
    "aws_ecs": "AWS::ECS::Container",
    "aws_ec2": "AWS::EC2::Instance",
    "aws_lambda": "AWS::Lambda::Function",
}
_ECS_ORIGINS: Final = {"ec2": "AWS::ECS::EC2", "fargate": "AWS::ECS::Fargate"}
_ECS: Final = {
    "container": ("container.name",),
    "container_id": ("container.id",),
    "container_arn": ("aws.ecs.container.arn",),
    "cluster_arn": ("aws.ecs.cluster.arn",),
    "task_arn": ("aws.ecs.task.arn",),
    "task_family": ("aws.ecs.task.family",),
    "launch_type": ("aws.ecs.launchtype",),
    "availability_zone": ("cloud.availability_zone",),
}
_EC2: Final = {
    "instance_id": ("host.id",),
    "instance_size": ("host.type",),
    "ami_id": ("host.image.id",),
    "availability_zone": ("cloud.availability_zone",),
}
_EKS: Final = {"cluster_name": ("k8s.cluster.name",), "pod": ("k8s.pod.name",), "container_id": ("container.id",)}
_CALL: Final = {
    "region": ("aws.region", "cloud.region"),
    "request_id": ("aws.request_id", "aws.requestId"),
    "id_2": ("aws.extended_request_id",),
    "queue_url": ("aws.queue_url", "aws.queue.url", "aws.sqs.queue.url"),
    "topic_arn": ("aws.sns.topic.arn",),
    "bucket_name": ("aws.s3.bucket",),
    "key": ("aws.s3.key",),
    "stream_name": ("aws.kinesis.stream_name",),
}
_DATABASES: Final = frozenset(
    ("db2", "derby", "hive", "mariadb", "mssql", "microsoft.sql_server", "mysql", "oracle", "oracle.db", "postgresql",
     "sqlite", "teradata", "other_sql")
)  # fmt: skip
_ARN_GROUP: Final = 6
"""Part of a log group's ARN that names the group, from 0."""


def origin_of(bag: Taking) -> str:
    """Name the kind of node; empty outside AWS and where the resource does not say."""
    if bag.of_resource("cloud.provider") not in ("", "aws"):
        return ""
    platform = bag.of_resource("cloud.platform")
    if platform == "aws_ecs":
        launch_type = bag.of_resource("aws.ecs.launchtype", "aws.ecs.launch_type").lower()
        return _ECS_ORIGINS.get(launch_type, _ORIGINS[platform])
    return _ORIGINS.get(platform, "")


def aws_block(bag: Taking, *, is_segment: bool) -> Other:
    """Write where a segment ran, and what a span called in AWS; nothing for another cloud."""
    if bag.of_resource("cloud.provider") not in ("", "aws"):
        return {}
    block = _call(bag)
    if account := bag.text("aws.account_id") or bag.of_resource("cloud.account.id"):
        block["account_id"] = account
    if is_segment:
        block |= _place(bag)
    return block


def _call(bag: Taking) -> Other:
    block: Other = {}
    is_aws = bag.see("rpc.system") == "aws-api"
    operation = bag.text("aws.operation") or (bag.text("rpc.method") if is_aws else "")
    if is_aws:
        bag.take("rpc.system", "rpc.service")
        # some instrumentations write "DynamoDB/PutItem"
        operation = operation.rpartition("/")[2]
    if operation:
        block["operation"] = operation
    block |= {member: text for member, names in _CALL.items() if (text := bag.text(*names))}
    tables = bag.listed("aws.table_name", "aws.table.name", "aws.dynamodb.table_names")
    if len(tables) == 1:
        block["table_name"] = tables[0]
    elif tables:
        block["table_names"] = tables
    return block


def _place(bag: Taking) -> Other:
    """Say where a segment ran, in the blocks of its platform."""
    platform = bag.of_resource("cloud.platform")
    blocks: dict[str, Other] = {}
    if platform == "aws_ecs":
        blocks["ecs"] = _of_resource(bag, _ECS)
    if platform == "aws_ec2" or bag.of_resource("host.id"):
        blocks["ec2"] = _of_resource(bag, _EC2)
    if platform == "aws_eks" or bag.of_resource("k8s.cluster.name"):
        blocks["eks"] = _of_resource(bag, _EKS)
    if platform == "aws_elastic_beanstalk":
        blocks["elastic_beanstalk"] = _beanstalk(bag)
    blocks["xray"] = _sdk(bag)
    place: Other = {name: block for name, block in blocks.items() if block}
    if groups := _log_groups(bag):
        place["cloudwatch_logs"] = groups
    return place


def _of_resource(bag: Taking, table: Mapping[str, tuple[str, ...]]) -> Other:
    return {member: text for member, names in table.items() if (text := bag.of_resource(*names))}


def _beanstalk(bag: Taking) -> Other:
    block: Other = _of_resource(
        bag, {"environment_name": ("service.namespace",), "version_label": ("service.version",)}
    )
    number = whole_number(bag.of_resource("service.instance.id"))
    if number is not None:
        block["deployment_id"] = number
    return block


def _sdk(bag: Taking) -> Other:
    name = bag.of_resource("telemetry.sdk.name")
    if not name:
        return {}
    language = bag.of_resource("telemetry.sdk.language")
    block: Other = {"sdk": f"{name} for {language}" if language else name}
    if version := bag.of_resource("telemetry.sdk.version"):
        block["sdk_version"] = version
    block["auto_instrumentation"] = bool(bag.of_resource("telemetry.auto.version", "telemetry.distro.version"))
    return block


def _log_groups(bag: Taking) -> list[dict[str, str]]:
    """Name the log groups; a list may also be one text with ``&`` between."""
    if arns := _split(bag.resource.get("aws.log.group.arns")):
        return [_log_group(arn) for arn in arns]
    return [{"log_group": name} for name in _split(bag.resource.get("aws.log.group.names"))]


def _log_group(arn: str) -> dict[str, str]:
    parts = arn.split(":")
    return {"log_group": parts[_ARN_GROUP], "arn": arn} if len(parts) > _ARN_GROUP else {"arn": arn}


def _split(value: AttributeValue) -> list[str]:
    return [part for text in texts(value) for part in text.split("&") if part]


def service_block(bag: Taking) -> Other:
    """Write the service's version and what runs it."""
    return _of_resource(
        bag,
        {
            "version": ("service.version",),
            "runtime": ("process.runtime.name",),
            "runtime_version": ("process.runtime.version",),
        },
    )


def sql_block(span_name: str, bag: Taking) -> Other:
    """Write the query of an SQL database; other databases have no block."""
    system = bag.see("db.system", "db.system.name")
    if system not in _DATABASES:
        return {}
    bag.take("db.system", "db.system.name")
    database = bag.text("db.name", "db.namespace")
    connection = bag.text("db.connection_string") or bag.see("server.address") or "localhost"
    block: Other = {
        "url": span_name,
        "connection_string": f"{connection}/{database}" if database else connection,
        "database_type": system,
    }
    if query := bag.text("db.query.text", "db.statement"):
        block["sanitized_query"] = query
    if user := bag.text("db.user"):
        block["user"] = user
    return block
