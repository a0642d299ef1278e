"""Whose figures they are: attributes of clusters, services, tasks and containers that AWS measured."""

from collections.abc import Mapping
from typing import Any

from taskscope.model import container_metrics as metrics
from taskscope.model.ecs import name_of

CONTAINER_INSIGHTS = "container-insights"
CLOUDWATCH = "cloudwatch"


def cluster_attributes(cluster_arn: str, measured_by: str) -> dict[str, str]:
    """Return those that everything in a cluster has."""
    _, _, _, region, account, *_ = (*cluster_arn.split(":"), "", "", "", "", "")
    return {
        "cloud.provider": "aws",
        "cloud.platform": "aws_ecs",
        "cloud.region": region,
        "cloud.account.id": account,
        metrics.CLUSTER_ARN: cluster_arn,
        metrics.MEASURED_BY: measured_by,
    }


def service_attributes(cluster_arn: str, service: str, measured_by: str) -> dict[str, str]:
    """Return those of an ECS service; without a name, of the cluster, which goes by its own."""
    own = {metrics.SERVICE: service} if service else {}
    return {"service.name": service or name_of(cluster_arn), **cluster_attributes(cluster_arn, measured_by), **own}


def task_attributes(cluster_arn: str, event: Mapping[str, Any]) -> dict[str, str]:
    """Return those of the task that a performance event is of, or of its container."""
    task_id, family = _text(event, "TaskId"), _text(event, "TaskDefinitionFamily")
    service = _text(event, "ServiceName")
    found = {
        "service.name": service or family,
        **cluster_attributes(cluster_arn, CONTAINER_INSIGHTS),
        "cloud.availability_zone": _text(event, "AvailabilityZone"),
        metrics.TASK_ARN: f"{cluster_arn.replace(':cluster/', ':task/')}/{task_id}",
        "aws.ecs.task.id": task_id,
        metrics.TASK_FAMILY: family,
        "aws.ecs.task.revision": _text(event, "TaskDefinitionRevision"),
        "aws.ecs.launchtype": _text(event, "LaunchType").lower(),
        metrics.SERVICE: service,
        metrics.CONTAINER_NAME: _text(event, "ContainerName"),
    }
    return {name: value for name, value in found.items() if value}


def _text(event: Mapping[str, Any], name: str) -> str:
    value = event.get(name)
    return value if isinstance(value, str) else ""
