"""An AWS in memory as far as watching asks it, an outlet that remembers, and time that tests turn."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from taskscope.aws.session import Account
from taskscope.aws.watched import Document, Watched
from taskscope.clock import MILLISECOND, SECOND
from taskscope.errors import SpoolFullError, TaskscopeError
from taskscope.sources.watch.config import WatchConfig
from taskscope.sources.watch.outlet import What
from taskscope.sources.watch.schedule import Look
from taskscope.sources.watch.tools import Tools
from taskscope.sources.watch.troubles import Troubles

REGION: Final = "arn:aws:ecs:eu-west-1:123456789012"
CLUSTER: Final = f"{REGION}:cluster/prod"
START: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
START_MS: Final = round(START.timestamp() * 1000)


class Time:
    """A clock that tests turn; calling it gives nanoseconds since the epoch."""

    def __init__(self) -> None:
        self.ms = START_MS

    def __call__(self) -> int:
        """Return nanoseconds since the epoch."""
        return self.ms * MILLISECOND

    def pass_by(self, seconds: float) -> None:
        """Turn it on."""
        self.ms += round(seconds * SECOND / MILLISECOND)


class MemoryAws(Watched):
    """What AWS has; an operation that is in ``failing`` raises that."""

    def __init__(self) -> None:
        super().__init__(Account(), self.calls_append)
        self.calls: list[str] = []
        self.failing: dict[str, TaskscopeError] = {}
        self.held_clusters: dict[str, dict[str, Any]] = {}
        self.held_tasks: dict[str, dict[str, Any]] = {}
        self.held_services: dict[str, dict[str, Any]] = {}
        self.held_instances: dict[str, dict[str, Any]] = {}
        self.held_alarms: list[dict[str, Any]] = []
        self.held_definitions: dict[str, dict[str, Any]] = {}
        self.held_events: list[dict[str, Any]] = []
        self.held_results: list[dict[str, Any]] = []
        self.page = 3
        self.ahead_after_call_ns = 0
        self.asked: list[dict[str, Any]] = []

    def calls_append(self, operation: str) -> None:
        """Note a call, and fail it if it is to fail."""
        self.calls.append(operation)
        self.ahead_ns = self.ahead_after_call_ns
        if operation in self.failing:
            raise self.failing[operation]

    def cluster_names(self) -> list[str]:
        """Return all."""
        self.calls_append("ListClusters")
        return list(self.held_clusters)

    def clusters(self, names: Sequence[str]) -> list[Document]:
        """Return those by name or ARN."""
        self.calls_append("DescribeClusters")
        return [each for arn, each in self.held_clusters.items() if arn in names or arn.rpartition("/")[2] in names]

    def task_arns(self, cluster: str, desired: str) -> list[str]:
        """Return those of a desired status."""
        assert cluster
        self.calls_append("ListTasks")
        return [arn for arn, each in self.held_tasks.items() if each["desiredStatus"] == desired]

    def tasks(self, cluster: str, arns: Sequence[str]) -> list[Document]:
        """Return those that there are."""
        assert cluster
        assert len(arns) <= 100
        self.calls_append("DescribeTasks")
        return [dict(self.held_tasks[arn]) for arn in arns if arn in self.held_tasks]

    def service_arns(self, cluster: str) -> list[str]:
        """Return the active ones."""
        assert cluster
        self.calls_append("ListServices")
        return [arn for arn, each in self.held_services.items() if each["status"] == "ACTIVE"]

    def services(self, cluster: str, arns: Sequence[str]) -> list[Document]:
        """Return those that there are."""
        assert cluster
        assert len(arns) <= 10
        self.calls_append("DescribeServices")
        return [dict(self.held_services[arn]) for arn in arns if arn in self.held_services]

    def instance_arns(self, cluster: str) -> list[str]:
        """Return all."""
        assert cluster
        self.calls_append("ListContainerInstances")
        return list(self.held_instances)

    def instances(self, cluster: str, arns: Sequence[str]) -> list[Document]:
        """Return those that there are."""
        assert cluster
        self.calls_append("DescribeContainerInstances")
        return [dict(self.held_instances[arn]) for arn in arns if arn in self.held_instances]

    def definition(self, arn: str) -> Document:
        """Return the one."""
        self.calls_append("DescribeTaskDefinition")
        return self.held_definitions[arn]

    def alarms(self) -> list[Document]:
        """Return all."""
        self.calls_append("DescribeAlarms")
        return [dict(each) for each in self.held_alarms]

    def log_events(
        self, group: str, *, start: int, prefix: str = "", pattern: str = ""
    ) -> Iterator[Sequence[Document]]:
        """Yield pages of ``page`` events, in order of time."""
        self.asked.append({"group": group, "start": start, "prefix": prefix, "pattern": pattern})
        found = [
            each
            for each in sorted(self.held_events, key=lambda one: (one["timestamp"], one["ingestionTime"]))
            if each["timestamp"] >= start and each["logStreamName"].startswith(prefix)
        ]
        for first in range(0, len(found) or 1, self.page):
            self.calls_append("FilterLogEvents")
            yield found[first : first + self.page]

    def metric_data(self, queries: Sequence[Document], *, start: Any, end: Any) -> list[Document]:
        """Return what is held."""
        self.calls_append("GetMetricData")
        self.asked.append({"queries": list(queries), "start": start, "end": end})
        return list(self.held_results)

    def say(self, stream: str, text: str, ms: int, *, ingested: int | None = None) -> None:
        """Put a log event."""
        name = f"{len(self.held_events):056}"
        event = {"logStreamName": stream, "timestamp": ms, "message": text, "eventId": name}
        self.held_events.append({**event, "ingestionTime": ms if ingested is None else ingested})


class MemoryOutlet:
    """Keeps what it is given; while ``full`` it refuses."""

    def __init__(self) -> None:
        self.bodies: list[tuple[What, Any]] = []
        self.memory: dict[str, Any] = {}
        self.full = False

    def remembered(self, section: str) -> Any:
        """Return a section."""
        return self.memory.get(section)

    def sections(self, prefix: str) -> list[str]:
        """Return names."""
        return [each for each in self.memory if each.startswith(prefix)]

    def deliver(self, what: What, body: bytes, section: str, memory: Any) -> None:
        """Keep a body, and what is remembered as a file would have it."""
        if self.full:
            raise SpoolFullError("the spool is full")
        self.bodies.append((what, json.loads(body)))
        self.memory[section] = json.loads(json.dumps(memory))

    def take(self) -> list[Any]:
        """Return what was given since the last time: envelopes one by one, other bodies as they are."""
        found: list[Any] = []
        for what, body in self.bodies:
            found += body if what is What.CHANGES else [body]
        self.bodies = []
        return found


class MemorySchedule:
    """Keeps looks by what they are of; tests do them."""

    def __init__(self) -> None:
        self.looks: dict[str, Look] = {}

    def add(self, look: Look) -> None:
        """Keep one."""
        self.looks[look.what] = look

    def remove(self, look: Look) -> None:
        """Drop one."""
        del self.looks[look.what]

    def hurry(self, look: Look) -> None:
        """Tests do a look when they want."""

    def do_all(self) -> None:
        """Do each once, those that come meanwhile as well."""
        done: set[str] = set()
        while waiting := [name for name in self.looks if name not in done]:
            done.add(waiting[0])
            self.looks[waiting[0]].do()


class MemoryHeard:
    """What is heard of, as tests say."""

    def __init__(self) -> None:
        self.clusters: set[str] = set()
        self.tasks: set[str] = set()

    def tells(self, cluster_arn: str) -> bool:
        """Whether events come."""
        return cluster_arn in self.clusters

    def measures(self, task_arn: str) -> bool:
        """Whether it is measured."""
        return task_arn in self.tasks


@pytest.fixture
def time() -> Time:
    """Give a clock."""
    return Time()


@pytest.fixture
def aws() -> MemoryAws:
    """Give an empty AWS."""
    return MemoryAws()


@pytest.fixture
def outlet() -> MemoryOutlet:
    """Give an outlet that remembers nothing."""
    return MemoryOutlet()


@pytest.fixture
def schedule() -> MemorySchedule:
    """Give a schedule without looks."""
    return MemorySchedule()


@pytest.fixture
def heard() -> MemoryHeard:
    """Give what is heard: nothing."""
    return MemoryHeard()


@pytest.fixture
def tools(outlet: MemoryOutlet, schedule: MemorySchedule, heard: MemoryHeard, time: Time) -> Tools:
    """Give what all looks share."""
    config = WatchConfig(watch=("prod",), watch_metrics=True)
    return Tools(config, outlet, schedule, Troubles(), heard, time)  # type: ignore[arg-type]  # a schedule in memory


def a_task(number: int, *, version: int = 1, status: str = "RUNNING", **more: Any) -> dict[str, Any]:
    """Return a task as DescribeTasks has it, of a service's."""
    arn = f"{REGION}:task/prod/{number:032x}"
    stopped = {"stoppedAt": START + timedelta(minutes=5)} if status == "STOPPED" else {}
    return {
        "taskArn": arn,
        "clusterArn": CLUSTER,
        "taskDefinitionArn": f"{REGION}:task-definition/web:7",
        "group": "service:web",
        "launchType": "FARGATE",
        "version": version,
        "lastStatus": status,
        "desiredStatus": "STOPPED" if status == "STOPPED" else "RUNNING",
        "createdAt": START,
        "startedAt": START + timedelta(seconds=20),
        "containers": [{"name": "app", "runtimeId": f"{number:x}-app", "lastStatus": status}],
        **stopped,
        **more,
    }
