"""Where each container of a task writes, by the rules of the awslogs driver; and why it cannot be read elsewhere."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from taskscope.model.ecs import Container, EcsService, LogConfiguration, Task, TaskDefinition

CONNECT_PROXY: Final = "ecs-service-connect"
"""Containers whose name begins so are put in by ECS; the service's configuration says where they log."""


@dataclass(frozen=True, slots=True)
class LogStream:
    """The CloudWatch Logs stream of one container."""

    container: str
    group: str
    stream: str
    region: str | None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A container whose output cannot be read from CloudWatch Logs, and why."""

    container: str
    why: str


def needs_service(task: Task, definition: TaskDefinition) -> bool:
    """Whether only the service can tell where a container logs: one that Service Connect has put in."""
    return any(_is_proxy(each, definition) for each in task.containers)


def locate(task: Task, definition: TaskDefinition, service: EcsService | None) -> list[LogStream | Unreadable]:
    """Find the stream of each container of the task, then of those that only the definition names."""
    containers = {each.name: each for each in task.containers}
    for name in definition.logs:
        containers.setdefault(name, Container(name=name, last_status=""))
    return [_locate(each, task, definition, service) for each in containers.values()]


def distinct(found: Iterable[LogStream | Unreadable]) -> Iterator[LogStream | Unreadable]:
    """Leave each stream to the first container that writes there, so that no line is read twice."""
    owners: dict[tuple[str, str, str | None], str] = {}
    for each in found:
        if isinstance(each, LogStream):
            owner = owners.setdefault((each.group, each.stream, each.region), each.container)
            if owner != each.container:
                why = f"it shares the log stream {each.stream} with container {owner}, under whose name its lines are"
                yield Unreadable(each.container, why)
                continue
        yield each


def _is_proxy(container: Container, definition: TaskDefinition) -> bool:
    return container.name not in definition.logs and container.name.startswith(CONNECT_PROXY)


def _locate(
    container: Container, task: Task, definition: TaskDefinition, service: EcsService | None
) -> LogStream | Unreadable:
    if _is_proxy(container, definition):
        setting = service.connect_logs_of(task) if service else None
    elif container.name in definition.logs:
        setting = definition.logs[container.name]
    else:
        return Unreadable(container.name, "it is put in by ECS and is not in the task definition")
    if setting is None:
        return Unreadable(container.name, "it has no log configuration")
    if setting.driver != "awslogs":
        return Unreadable(container.name, f"its log driver is {setting.driver}{_destination(setting)}")
    return _stream(container, task, setting.options)


def _destination(setting: LogConfiguration) -> str:
    """Say where FireLens sends the lines, as far as its options tell."""
    options = setting.options
    output = options.get("Name") or options.get("@type")
    group = options.get("log_group_name")
    return (f", which sends to {output}" if output else "") + (f" (log group {group})" if group else "")


def _stream(container: Container, task: Task, options: Mapping[str, str]) -> LogStream | Unreadable:
    """
    Name the stream: ``prefix/container/task id``; without a prefix it is the id that the runtime gave the container.

    A name set by ``awslogs-stream`` wins, as it does in Docker's driver.
    """
    group, region = options.get("awslogs-group"), options.get("awslogs-region")
    if not group:
        return Unreadable(container.name, "its log configuration names no awslogs-group")
    prefix = options.get("awslogs-stream-prefix")
    stream = options.get("awslogs-stream") or (f"{prefix}/{container.name}/{task.id}" if prefix else None)
    stream = stream or container.runtime_id
    if not stream:
        return Unreadable(
            container.name, "it never started, and its runtime id, which would name the stream, is unknown"
        )
    return LogStream(container.name, group, stream, region)
