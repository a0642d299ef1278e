"""ECS as discovery asks it: tasks with their networks, ports of task definitions, the machines under them."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from taskscope.aws.failures import named
from taskscope.aws.session import Account
from taskscope.model.ecs import name_of
from taskscope.model.placement import Exposure, PlacedTask

_DESCRIBE_LIMIT: Final = 100
"""Tasks, or container instances, that one call describes."""


class Placements:
    """Where tasks of one region are. Every method may raise a ``TaskscopeError`` of ``aws.failures``."""

    def __init__(self, account: Account, *, region: str | None = None) -> None:
        self._account = account
        self._region = region

    @property
    def _client(self) -> Any:
        return self._account.client("ecs", region=self._region)

    def task_arns(self, cluster: str, *, service: str | None = None) -> list[str]:
        """Return the ARNs of all tasks that are meant to run, or of one service's (ListTasks, every page)."""
        narrow = {"serviceName": service} if service else {}
        with named(f"list the tasks of {f'service {service}' if service else f'cluster {cluster}'}", service="ecs"):
            pages = self._client.get_paginator("list_tasks").paginate(
                cluster=cluster, desiredStatus="RUNNING", **narrow
            )
            return [arn for page in pages for arn in page["taskArns"]]

    def tasks(self, cluster: str, arns: Sequence[str]) -> list[PlacedTask]:
        """Return those of the tasks that there still are, with their tags (DescribeTasks)."""
        found: list[PlacedTask] = []
        with named(f"describe tasks of cluster {name_of(cluster)}", service="ecs"):
            for some in _batches(arns):
                answer = self._client.describe_tasks(cluster=cluster, tasks=some, include=["TAGS"])
                found.extend(PlacedTask.from_document(each) for each in answer["tasks"])
        return found

    def exposure(self, definition_arn: str) -> Exposure:
        """Return the ports of a task definition; an inactive one is still there (DescribeTaskDefinition)."""
        with named(f"describe task definition {name_of(definition_arn)}", service="ecs"):
            answer = self._client.describe_task_definition(taskDefinition=definition_arn)
        return Exposure.from_document(answer["taskDefinition"])

    def instances(self, cluster: str, arns: Sequence[str]) -> dict[str, str]:
        """
        Return the ids of the machines under container instances, by ARN (DescribeContainerInstances).

        ``i-…`` is a machine of EC2, ``mi-…`` one that Systems Manager knows. Those that are gone are left out.
        """
        found: dict[str, str] = {}
        with named(f"describe container instances of cluster {name_of(cluster)}", service="ecs"):
            for some in _batches(arns):
                answer = self._client.describe_container_instances(cluster=cluster, containerInstances=some)
                found |= {
                    each["containerInstanceArn"]: each["ec2InstanceId"]
                    for each in answer["containerInstances"]
                    if each.get("ec2InstanceId")
                }
        return found


def _batches(items: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(items), _DESCRIBE_LIMIT):
        yield list(items[start : start + _DESCRIBE_LIMIT])
