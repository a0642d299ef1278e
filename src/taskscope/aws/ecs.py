"""ECS: clusters, tasks, services and task definitions, as AWS answers them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from taskscope.aws.failures import named
from taskscope.aws.session import Account
from taskscope.model.ecs import EcsService, Task, TaskDefinition, name_of

DESCRIBE_LIMIT: Final = 100
"""Tasks that one DescribeTasks takes."""


class Ecs:
    """ECS of one region. Every method may raise a ``TaskscopeError`` of ``aws.failures``."""

    def __init__(self, account: Account, *, region: str | None = None) -> None:
        self._account = account
        self._region = region

    def warm(self) -> None:
        """Make the client ready."""
        _ = self._client

    @property
    def _client(self) -> Any:
        return self._account.client("ecs", region=self._region)

    def clusters(self) -> list[str]:
        """Return the names of all clusters, sorted (ListClusters, every page)."""
        with named("list the clusters", service="ecs"):
            pages = self._client.get_paginator("list_clusters").paginate()
            return sorted(name_of(arn) for page in pages for arn in page["clusterArns"])

    def task_arns(self, cluster: str, *, service: str | None = None) -> Iterator[str]:
        """
        Yield the ARNs of all tasks that ECS still knows: running, pending and stopped, each once (ListTasks).

        ``service`` narrows to the tasks of one.

        ECS knows two desired states only: a pending task is one that is desired to run. One that is stopped between the
        two lists is in both.
        """
        seen: set[str] = set()
        narrow = {"serviceName": service} if service else {}
        with named(f"list the tasks of cluster {cluster}", service="ecs"):
            for desired in ("RUNNING", "STOPPED"):
                pages = self._client.get_paginator("list_tasks").paginate(
                    cluster=cluster, desiredStatus=desired, **narrow
                )
                for page in pages:
                    fresh = [arn for arn in page["taskArns"] if arn not in seen]
                    seen.update(fresh)
                    yield from fresh

    def tasks(self, cluster: str, ids: Sequence[str]) -> list[Task]:
        """Return those of the tasks that ECS knows, in its order (DescribeTasks; a MISSING task is left out)."""
        found: list[Task] = []
        with named(f"describe tasks of cluster {name_of(cluster)}", service="ecs"):
            for start in range(0, len(ids), DESCRIBE_LIMIT):
                answer = self._client.describe_tasks(cluster=cluster, tasks=ids[start : start + DESCRIBE_LIMIT])
                found.extend(Task.from_document(document) for document in answer["tasks"])
        return found

    def service(self, cluster: str, name: str) -> EcsService | None:
        """Return a service with its newest events, at most 100; None if it is gone (DescribeServices)."""
        with named(f"describe service {name}", service="ecs"):
            answer = self._client.describe_services(cluster=cluster, services=[name])
        return EcsService.from_document(answer["services"][0]) if answer["services"] else None

    def services(self, cluster: str) -> list[str]:
        """Return the names of all services of a cluster, sorted (ListServices, every page)."""
        with named(f"list the services of cluster {cluster}", service="ecs"):
            pages = self._client.get_paginator("list_services").paginate(cluster=cluster)
            return sorted(name_of(arn) for page in pages for arn in page["serviceArns"])

    def register(self, document: Mapping[str, Any]) -> str:
        """Register a task definition; return the ARN of its new revision (RegisterTaskDefinition)."""
        with named(f"register task definition {document.get('family')}", service="ecs"):
            answer = self._client.register_task_definition(**document)
        return str(answer["taskDefinition"]["taskDefinitionArn"])

    def definition(self, arn: str) -> TaskDefinition:
        """Return a task definition; an inactive one is still there (DescribeTaskDefinition)."""
        with named(f"describe task definition {name_of(arn)}", service="ecs"):
            answer = self._client.describe_task_definition(taskDefinition=arn)
        return TaskDefinition.from_document(answer["taskDefinition"])
