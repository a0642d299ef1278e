"""What is known of who writes a stream: the attributes that telemetry of a task has."""

from collections.abc import Mapping

from taskscope.aws.watched import Document
from taskscope.model.container_metrics import CLUSTER_ARN, CONTAINER_NAME, SERVICE, TASK_ARN, TASK_FAMILY
from taskscope.model.ecs import Task, name_of


def task_attributes(task: Task) -> dict[str, str]:
    """Return OpenTelemetry's names for a task; its service is that of ECS, else it goes by its family."""
    _, _, _, region, account, *_ = (*task.arn.split(":"), "", "", "", "", "")
    family, _, revision = name_of(task.definition_arn).partition(":")
    found = {
        "service.name": task.service or family,
        "cloud.provider": "aws",
        "cloud.platform": "aws_ecs",
        "cloud.region": region,
        "cloud.account.id": account,
        CLUSTER_ARN: task.cluster_arn,
        TASK_ARN: task.arn,
        "aws.ecs.task.id": task.id,
        TASK_FAMILY: family,
        "aws.ecs.task.revision": revision,
        "aws.ecs.launchtype": task.launch_type.lower(),
        SERVICE: task.service or "",
    }
    return {name: value for name, value in found.items() if value}


def container_attributes(task: Document, name: str) -> Mapping[str, str]:
    """Return those of one of its containers."""
    container: Document = next((each for each in task.get("containers", ()) if each.get("name") == name), {})
    found = {
        CONTAINER_NAME: name,
        "container.id": container.get("runtimeId"),
        "aws.ecs.container.arn": container.get("containerArn"),
    }
    return {key: value for key, value in found.items() if value}
