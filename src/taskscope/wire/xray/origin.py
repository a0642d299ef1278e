"""Where a segment ran: its ``aws``, ``service`` and ``origin`` to a resource with OpenTelemetry's names, and back."""

from functools import lru_cache
from typing import Any, Final

import msgspec

from taskscope.model.attributes import AttributeValue
from taskscope.model.resource import Resource
from taskscope.wire.xray.kept import json_text

AWS: Final = "aws.xray.aws"
"""JSON text of a segment's ``aws`` block, as sent. The other attributes are made from it, for people to search by."""
SERVICE: Final = "aws.xray.service"
"""JSON text of a segment's ``service`` block, as sent."""
ORIGIN: Final = "aws.xray.origin"
RESOURCE_ARN: Final = "aws.xray.resource_arn"

NOBODY: Final = Resource()
"""
Of a subsegment sent alone, which does not say whose it is: its service is unknown here.

Its own name is not its service's. Whoever has the trace can adopt the resource of the parent (``aws.xray.document``
is ``subsegment`` on such rows, ``parent_span_id`` names the parent).
"""

_PLATFORMS: Final = {
    "AWS::ECS": "aws_ecs",
    "AWS::EKS": "aws_eks",
    "AWS::EC2": "aws_ec2",
    "AWS::Lambda": "aws_lambda",
    "AWS::ElasticBeanstalk": "aws_elastic_beanstalk",
    "AWS::AppRunner": "aws_app_runner",
}
_LAUNCH_TYPES: Final = {"AWS::ECS::Fargate": "fargate", "AWS::ECS::EC2": "ec2"}
_BLOCKS: Final = {
    "ecs": {
        "container": "container.name",
        "container_id": "container.id",
        "container_arn": "aws.ecs.container.arn",
        "task_arn": "aws.ecs.task.arn",
        "task_family": "aws.ecs.task.family",
        "cluster_arn": "aws.ecs.cluster.arn",
        "launch_type": "aws.ecs.launchtype",
        "availability_zone": "cloud.availability_zone",
    },
    "ec2": {
        "instance_id": "host.id",
        "instance_size": "host.type",
        "ami_id": "host.image.id",
        "availability_zone": "cloud.availability_zone",
    },
    "eks": {"cluster_name": "k8s.cluster.name", "pod": "k8s.pod.name", "container_id": "container.id"},
    "elastic_beanstalk": {
        "environment_name": "service.namespace",
        "version_label": "service.version",
        "deployment_id": "service.instance.id",
    },
}
_SERVICE: Final = {
    "version": "service.version",
    "runtime": "process.runtime.name",
    "runtime_version": "process.runtime.version",
}


@lru_cache(maxsize=256)
def resource_of(name: str, origin: str | None, arn: str | None, aws: bytes | None, service: bytes | None) -> Resource:
    """
    Make the resource of a segment; ``aws`` and ``service`` are JSON text.

    A sender says the same in each document, so rows share one resource: 0.1 us found, 5 us made. The oldest of 256
    is forgotten, so that hostile ones of 64 kB each take 50 MB at most.

    Raises:
        UnicodeDecodeError: A text is no UTF-8.
    """
    attributes: dict[str, AttributeValue] = {"service.name": name} if name else {}
    if service is not None:
        attributes[SERVICE] = service.decode()
        _copy(_members(service), _SERVICE, attributes)
    if aws is not None:
        attributes[AWS] = aws.decode()
        _add_place(_members(aws), attributes)
    if aws is not None or (origin or "").startswith("AWS::"):
        attributes["cloud.provider"] = "aws"
    if origin is not None:
        attributes[ORIGIN] = origin
        _add_platform(origin, attributes)
    if arn is not None:
        attributes[RESOURCE_ARN] = arn
        attributes["cloud.resource_id"] = arn
    return Resource(attributes)


def _add_platform(origin: str, attributes: dict[str, AttributeValue]) -> None:
    if platform := _PLATFORMS.get(origin.rpartition("::")[0] or origin) or _PLATFORMS.get(origin):
        attributes["cloud.platform"] = platform
    if launch_type := _LAUNCH_TYPES.get(origin):
        attributes.setdefault("aws.ecs.launchtype", launch_type)


def _add_place(aws: dict[str, Any], attributes: dict[str, AttributeValue]) -> None:
    _copy(aws, {"account_id": "cloud.account.id"}, attributes)
    for block, names in _BLOCKS.items():
        _copy(aws.get(block), names, attributes)
    sdk = aws.get("xray")
    if isinstance(sdk, dict):
        _add_sdk(sdk, attributes)
    groups = aws.get("cloudwatch_logs")
    if isinstance(groups, list):
        entries = [entry for entry in groups if isinstance(entry, dict)]
        for member, name in (("log_group", "aws.log.group.names"), ("arn", "aws.log.group.arns")):
            if found := [entry[member] for entry in entries if isinstance(entry.get(member), str)]:
                attributes[name] = found


def _add_sdk(sdk: dict[str, Any], attributes: dict[str, AttributeValue]) -> None:
    """Add the SDK and its language; X-Ray's own SDKs write the host's name where others name the container."""
    name = sdk.get("sdk")
    _copy(sdk, {"sdk": "telemetry.sdk.name", "sdk_version": "telemetry.sdk.version"}, attributes)
    if not isinstance(name, str):
        return
    if language := name.partition(" for ")[2]:
        attributes["telemetry.sdk.language"] = {"Node.js": "nodejs", ".NET": "dotnet"}.get(language, language.lower())
    if name.startswith("X-Ray for ") and "container.name" in attributes:
        attributes["host.name"] = attributes.pop("container.name")


def _copy(members: object, names: dict[str, str], attributes: dict[str, AttributeValue]) -> None:
    """Copy what is text, or a number that identifies something."""
    if not isinstance(members, dict):
        return
    for member, name in names.items():
        value = members.get(member)
        if isinstance(value, str) and value:
            attributes[name] = value
        elif isinstance(value, int) and not isinstance(value, bool):
            attributes[name] = str(value)


def _members(text: bytes) -> dict[str, Any]:
    """Parse a block; what is no object has no members. Its text was checked with the document around it."""
    try:
        members = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return {}
    return members if isinstance(members, dict) else {}


def origin_members(resource: Resource) -> dict[str, object]:
    """
    Give back what a segment said of its origin, from the texts that were kept.

    Raises:
        ValueError: An attribute does not hold what ``resource_of`` puts there.
    """
    kept = resource.attributes
    texts = (("aws", AWS), ("service", SERVICE))
    members: dict[str, object] = {member: json_text(kept[name]) for member, name in texts if name in kept}
    names = (("origin", ORIGIN), ("resource_arn", RESOURCE_ARN))
    return members | {member: kept[name] for member, name in names if name in kept}
