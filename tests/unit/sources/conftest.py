"""ECS and CloudWatch Logs in memory, as far as the sources ask them; a growing stream is what a follower sees."""

from collections.abc import Callable, Iterator, Sequence

import pytest

from taskscope.aws.ecs import Ecs
from taskscope.aws.logs import LogEvent, Logs
from taskscope.aws.session import Account
from taskscope.errors import NotFoundError, TaskscopeError
from taskscope.model.ecs import EcsService, Task, TaskDefinition
from taskscope.sources.timeline import TimelineSource


class MemoryEcs(Ecs):
    """ECS of one account; an answer that is an error is raised."""

    def __init__(
        self,
        tasks: dict[str, list[Task]] | None = None,
        *,
        service: EcsService | TaskscopeError | Callable[[], EcsService | None] | None = None,
        failing: list[TaskscopeError] | None = None,
        definition: TaskDefinition | TaskscopeError | Callable[[], TaskDefinition | TaskscopeError] | None = None,
    ) -> None:
        self.held = tasks or {}
        self.held_service = service
        self.held_definition = definition
        self.failing = [] if failing is None else failing

    def clusters(self) -> list[str]:
        """Return the clusters' names."""
        return sorted(self.held)

    def task_arns(self, cluster: str, *, service: str | None = None) -> Iterator[str]:
        """Yield all tasks of a cluster, or of one service there."""
        yield from [each.arn for each in self._of(cluster) if service in {None, each.service}]

    def tasks(self, cluster: str, ids: Sequence[str]) -> list[Task]:
        """Return those of the tasks that there are, named by id or ARN; each of ``failing`` fails one call."""
        if self.failing:
            raise self.failing.pop()
        return [each for each in self._of(cluster) if each.id in ids or each.arn in ids]

    def service(self, cluster: str, name: str) -> EcsService | None:
        """Return the one service."""
        assert cluster
        assert name
        if isinstance(self.held_service, TaskscopeError):
            raise self.held_service
        return self.held_service() if callable(self.held_service) else self.held_service

    def definition(self, arn: str) -> TaskDefinition:
        """Return the one task definition."""
        held = self.held_definition() if callable(self.held_definition) else self.held_definition
        if isinstance(held, TaskscopeError):
            raise held
        assert held is not None, arn
        return held

    def _of(self, cluster: str) -> list[Task]:
        name = cluster.rpartition("/")[2]
        if name not in self.held:
            raise NotFoundError("no such cluster")
        return self.held[name]


class MemoryLogs(Logs):
    """CloudWatch Logs with its rules of time, in pages of two with empty ones between."""

    def __init__(
        self,
        streams: dict[str, list[LogEvent] | TaskscopeError],
        *,
        asked: list[tuple[int, int | None]] | None = None,
    ) -> None:
        self.streams = streams
        self.asked = [] if asked is None else asked

    def warm(self) -> None:
        """There is nothing to make ready."""

    def events(self, group: str, stream: str, *, start: int, end: int | None) -> Iterator[list[LogEvent]]:
        """Yield the pages of a stream: start included, end excluded, in order of time."""
        self.asked.append((start, end))
        held = self.streams.get(stream)
        if held is None:
            raise NotFoundError(f"no stream {stream} in {group}")
        if isinstance(held, TaskscopeError):
            raise held
        chosen = [each for each in held if start <= each["timestamp"] and (end is None or each["timestamp"] < end)]
        found = sorted(chosen, key=lambda each: each["timestamp"])
        for first in range(0, len(found), 2):
            yield found[first : first + 2]
            yield []


class MemorySource(TimelineSource):
    """A source of timelines on the two above."""

    def __init__(self, ecs: MemoryEcs, logs: MemoryLogs, *, now: int) -> None:
        self._memory = logs
        super().__init__(Account(), now=now)
        self.ecs = ecs

    def logs(self, region: str | None) -> Logs:
        """Return the one CloudWatch Logs, whatever the region."""
        assert region is None or region
        return self._memory


@pytest.fixture(scope="session")
def make_ecs() -> Callable[..., Ecs]:
    """Give a factory ``make_ecs(tasks_by_cluster, service=..., definition=...)``; the tasks may change meanwhile."""
    return MemoryEcs


@pytest.fixture(scope="session")
def make_logs() -> Callable[..., Logs]:
    """Give a factory ``make_logs(streams, asked=...)``; streams may grow, what is asked for is noted."""
    return MemoryLogs


@pytest.fixture(scope="session")
def make_source() -> Callable[..., TimelineSource]:
    """Give a factory ``make_source(ecs, logs, now=...)``."""
    return MemorySource
