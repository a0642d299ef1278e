"""The logs of ECS tasks: of one task, of a service, of a cluster."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from taskscope.aws.ecs import Ecs
from taskscope.errors import NotFoundError, TaskscopeError
from taskscope.model.ecs import EcsService, Task, TaskDefinition, name_of
from taskscope.model.log_reading import LogSelection
from taskscope.sources.log_streams import Unreadable, locate, needs_service
from taskscope.sources.logs.groups import similar
from taskscope.sources.logs.place import LogPlace
from taskscope.sources.target import find_task, parse, unknown_cluster

Describe: TypeAlias = Callable[[str, str | None], str]
"""Gives the ARN of a group in a region, if it may have live tail; else an empty text."""


@dataclass(slots=True)
class ContainerPlaces:
    """Finds where containers write; what is to be said goes to ``notices``."""

    ecs: Ecs
    region: str | None
    """Of the tasks; their logs are there, too, unless their configuration says otherwise."""
    describe: Describe
    notices: list[str]
    task: Task | None = None
    """The task, where one is meant."""
    _definitions: dict[str, TaskDefinition] = field(default_factory=dict)
    _services: dict[str, EcsService] = field(default_factory=dict)

    def find(self, selection: LogSelection) -> list[LogPlace]:
        """
        Return the streams of a task's containers; of a service's or a cluster's where no task is named.

        Streams with a prefix are read by ``prefix/container/``: also those of tasks that ECS has forgotten, or that
        start later.

        Raises:
            NotFoundError: Cluster, service, task or container does not exist; the hint names the nearest.
        """
        target = parse(selection.cluster, selection.task)
        cluster = target.cluster or "default"
        if target.task:
            self.task = find_task(self.ecs, cluster, target.task)
            tasks = [self.task]
        else:
            tasks = self._tasks(cluster, selection.service)
        found = list(self._places(cluster, tasks, selection))
        known = {each.labels["container"] for each in found}
        wrong = [each for each in selection.containers if each not in known]
        if wrong:
            hint = f"there are: {', '.join(sorted(known))}" if known else None
            raise NotFoundError(f"no container {', '.join(wrong)} has a log that can be read", hint=hint)
        wanted = [
            each for each in found if not selection.containers or each.labels["container"] in selection.containers
        ]
        return [replace(each, arn=self.describe(each.group, each.region)) for each in wanted]

    def _tasks(self, cluster: str, service: str | None) -> list[Task]:
        """Return the tasks that ECS knows, and note the services."""
        try:
            names = [name_of(service)] if service else self.ecs.services(cluster)
            for name in names:
                found = self.ecs.service(cluster, name)
                if found is None:
                    raise self._unknown_service(cluster, name)
                self._services[name] = found
            return self.ecs.tasks(cluster, list(self.ecs.task_arns(cluster, service=service and name_of(service))))
        except NotFoundError as error:
            if "no service" in error.message:
                raise
            raise unknown_cluster(self.ecs, cluster) from None

    def _unknown_service(self, cluster: str, service: str) -> NotFoundError:
        try:
            names = self.ecs.services(cluster)
        except TaskscopeError:
            names = []
        hint = similar(service, names) or (f"there are: {', '.join(names)}" if names else None)
        return NotFoundError(f"there is no service {service} in cluster {cluster}", hint=hint)

    def _places(self, cluster: str, tasks: Iterable[Task], selection: LogSelection) -> Iterator[LogPlace]:
        """Yield places by the definitions of services, then the streams of tasks; distinct ones are left to others."""
        said: set[str] = set()
        whole = self.task is None
        for name, service in self._services.items():
            for arn in service.definitions:
                yield from self._by_prefix(self._definition(arn), {"cluster": name_of(cluster), "service": name})
        for task in tasks:
            definition = self._definition(task.definition_arn)
            labels = {"cluster": task.cluster} | ({"service": task.service} if task.service else {})
            if whole:
                yield from self._by_prefix(definition, labels)
            for each in locate(task, definition, self._service_of(task, definition)):
                if isinstance(each, Unreadable):
                    if each.container not in said and each.container in (selection.containers or [each.container]):
                        said.add(each.container)
                        self.notices.append(f"logs of container {each.container} cannot be read: {each.why}")
                    continue
                own = {**labels, "task": task.id, "container": each.container}
                yield LogPlace(each.group, each.region or self.region, stream=each.stream, labels=own, required=False)

    def _service_of(self, task: Task, definition: TaskDefinition) -> EcsService | None:
        """Return the service of a task where it alone tells where a container logs: a proxy of Service Connect."""
        if not task.service or not needs_service(task, definition):
            return None
        if task.service not in self._services and (found := self.ecs.service(task.cluster_arn, task.service)):
            self._services[task.service] = found
        return self._services.get(task.service)

    def _definition(self, arn: str) -> TaskDefinition:
        if arn not in self._definitions:
            self._definitions[arn] = self.ecs.definition(arn)
        return self._definitions[arn]

    def _by_prefix(self, definition: TaskDefinition, labels: dict[str, str]) -> Iterator[LogPlace]:
        """Yield the streams of all tasks of a definition, container by container, where a prefix names them."""
        for container, setting in definition.logs.items():
            options = setting.options if setting is not None and setting.driver == "awslogs" else {}
            group, prefix = options.get("awslogs-group"), options.get("awslogs-stream-prefix")
            if group and prefix and not options.get("awslogs-stream"):
                yield LogPlace(
                    group,
                    options.get("awslogs-region") or self.region,
                    prefix=f"{prefix}/{container}/",
                    labels={**labels, "container": container},
                    required=False,
                )
