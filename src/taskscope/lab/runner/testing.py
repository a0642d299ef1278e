"""Doubles of what a runner speaks to, and one call that runs a task on a runner of its own; for tests."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from taskscope.lab.ecs.agent import Assignment, Document
from taskscope.lab.gateway.service import ApiError
from taskscope.lab.logs.api import LogLine
from taskscope.lab.runner.images import ImageCatalog
from taskscope.lab.runner.opening import open_runner
from taskscope.lab.runner.runner import LocalRunner

REGION = "us-east-1"
GROUP = "/ecs/shop"


class RecordingLogs:
    """A log writer that keeps what it is given. Only ``GROUP`` exists at first."""

    def __init__(self) -> None:
        self.groups = {(REGION, GROUP)}
        self.streams: dict[tuple[str, str, str], list[LogLine]] = {}
        self.batches: list[int] = []
        self.delivered = asyncio.Event()
        """Set with every batch."""

    def create_group(self, region: str, group: str) -> None:
        """Create a log group."""
        self.groups.add((region, group))

    def create_stream(self, region: str, group: str, stream: str) -> None:
        """Create a log stream of an existing group."""
        if (region, group) not in self.groups:
            raise ApiError("ResourceNotFoundException", "The specified log group does not exist.")
        self.streams.setdefault((region, group, stream), [])

    def put(self, region: str, group: str, stream: str, lines: Sequence[LogLine]) -> None:
        """Append lines to an existing stream."""
        if (region, group, stream) not in self.streams:
            raise ApiError("ResourceNotFoundException", "The specified log stream does not exist.")
        self.streams[region, group, stream].extend(lines)
        self.batches.append(len(lines))
        self.delivered.set()

    def messages(self, container: str) -> list[str]:
        """Return the messages of one container, in their order."""
        found = (lines for (_, _, stream), lines in self.streams.items() if f"/{container}/" in stream)
        return [line.message for line in next(found, [])]


class RecordingReport:
    """A report that keeps what it is told, and lets a test wait for it."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []
        self.containers: dict[str, Document] = {}
        self.address: str | None = None
        self.end: tuple[str, str] | None = None
        self._changed = asyncio.Event()

    def connected(self, *, address: str) -> None:
        """Keep the address."""
        self.address = address
        self._note("connected", address)

    def pull_started(self) -> None:
        """Keep the call."""
        self._note("pull_started", None)

    def pull_stopped(self) -> None:
        """Keep the call."""
        self._note("pull_stopped", None)

    def container(self, name: str, **changes: Any) -> None:
        """Keep the members of a container."""
        self.containers.setdefault(name, {}).update(changes)
        self._note(name, changes)

    def stopping(self, code: str, reason: str) -> None:
        """Keep the first reason."""
        self.end = self.end or (code, reason)
        self._note("stopping", (code, reason))

    async def until(self, name: str, **members: Any) -> None:
        """Wait until a container has these members."""
        while any(self.containers.get(name, {}).get(member) != value for member, value in members.items()):
            self._changed.clear()
            await self._changed.wait()

    async def until_told(self, what: str) -> None:
        """Wait until this has been called."""
        while what not in dict(self.calls):
            self._changed.clear()
            await self._changed.wait()

    def order(self, **members: Any) -> list[str]:
        """Return the names of containers in the order in which they got these members."""
        return [
            name
            for name, changes in self.calls
            if isinstance(changes, dict) and all(changes.get(member) == value for member, value in members.items())
        ]

    def _note(self, what: str, detail: Any) -> None:
        self.calls.append((what, detail))
        self._changed.set()


@dataclass(frozen=True, slots=True)
class Scene:
    """What a test has in hand while its task runs."""

    runner: LocalRunner
    report: RecordingReport
    logs: RecordingLogs
    assignment: Assignment
    notices: list[str] = field(default_factory=list)

    def stop(self) -> None:
        """Ask for the end of the task, as StopTask does."""
        self.runner.stop(self.assignment.task_arn)


During: TypeAlias = Callable[[Scene], Awaitable[None]]
"""What a test does while its task runs."""


def container(name: str, *command: str, **members: Any) -> Document:
    """Return a container definition that logs to ``GROUP``."""
    options = {"awslogs-group": GROUP, "awslogs-region": REGION, "awslogs-stream-prefix": "ecs"}
    log = {"logDriver": "awslogs", "options": options}
    return {"name": name, "image": f"shop/{name}:1", "command": list(command), "logConfiguration": log, **members}


def shell(name: str, script: str, **members: Any) -> Document:
    """Return a container definition that runs a shell script."""
    return container(name, "sh", "-c", script, **members)


def assignment(
    *definitions: Document,
    number: int = 1,
    mode: str = "awsvpc",
    service: str | None = None,
    secrets: Mapping[str, str] | None = None,
    **task: Any,
) -> Assignment:
    """Return a task of these containers; ``number`` makes its id."""
    task_id = f"{'ab' * 14}{number:04x}"  # not digits alone, which would read as an address
    prefix = f"arn:aws:ecs:{REGION}:123456789012"
    return Assignment(
        task={
            "taskArn": f"{prefix}:task/demo/{task_id}",
            "clusterArn": f"{prefix}:cluster/demo",
            "launchType": "FARGATE",
            "containers": [
                {"name": each["name"], "containerArn": f"{prefix}:container/demo/{task_id}/{each['name']}"}
                for each in definitions
            ],
            **task,
        },
        definition={
            "family": "shop",
            "revision": 3,
            "networkMode": mode,
            "containerDefinitions": list(definitions),
        },
        region=REGION,
        account="123456789012",
        service=service,
        secrets=dict(secrets or {}),
    )


def play(
    *definitions: Document,
    during: During | None = None,
    images: ImageCatalog | None = None,
    isolate: bool = False,
    time_scale: float = 0.02,
    folder: Path | None = None,
    **task: Any,
) -> Scene:
    """Run one task to its end on a runner of its own, do ``during`` beside it, and return what was seen."""

    async def run() -> Scene:
        logs, notices = RecordingLogs(), list[str]()
        async with open_runner(
            logs=logs,
            environment=lambda host: {"AWS_ENDPOINT_URL": f"http://{host}:5275"},
            images=images or ImageCatalog(pull_seconds=0),
            say=notices.append,
            folder=folder,
            time_scale=time_scale,
            isolate=isolate,
        ) as runner:
            scene = Scene(runner, RecordingReport(), logs, assignment(*definitions, **task), notices)
            job = asyncio.create_task(runner.run(scene.assignment, scene.report))
            try:
                if during:
                    await during(scene)
                await job
            finally:
                job.cancel()
            return scene

    return asyncio.run(run())
