"""The control plane on its own: an agent that does what a test says, a clock that ticks, answers encoded strictly."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import pytest

from taskscope.clock import MILLISECOND
from taskscope.lab.ecs.agent import Assignment, Report
from taskscope.lab.ecs.pacing import Pacing
from taskscope.lab.ecs.service import EcsService
from taskscope.lab.gateway.encode import dump
from taskscope.lab.gateway.models import service_model
from taskscope.lab.gateway.service import Call

ACCOUNT = "123456789012"
START = 1_795_147_200 * 1000 * MILLISECOND
AT_ONCE = Pacing(
    provisioning=0,
    deactivating=0,
    stopping=0,
    deprovisioning=0,
    proving=0,
    backoff=0.001,
    backoff_limit=0.002,
    closing=1,
)

Script: TypeAlias = Callable[[Assignment, Report, asyncio.Event], Awaitable[None]]
"""What the agent does with a task; the event is set when it is to stop it."""


def bring_up(assignment: Assignment, report: Report) -> None:
    """Report network, pull and every container RUNNING."""
    report.connected(address="10.0.0.7")
    report.pull_started()
    report.pull_stopped()
    for container in assignment.task["containers"]:
        report.container(container["name"], lastStatus="RUNNING")


def take_down(assignment: Assignment, report: Report, code: int) -> None:
    """Report every container STOPPED."""
    for container in assignment.task["containers"]:
        report.container(container["name"], lastStatus="STOPPED", exitCode=code)


async def runs(assignment: Assignment, report: Report, stop: asyncio.Event) -> None:
    """Run until asked to stop."""
    bring_up(assignment, report)
    await stop.wait()
    take_down(assignment, report, 143)


async def exits(assignment: Assignment, report: Report, _stop: asyncio.Event) -> None:
    """Run, then end with exit code 1."""
    bring_up(assignment, report)
    await asyncio.sleep(0)
    report.stopping("EssentialContainerExited", "Essential container in task exited")
    take_down(assignment, report, 1)


async def cannot_pull(_assignment: Assignment, report: Report, _stop: asyncio.Event) -> None:
    """Fail to pull the image."""
    report.connected(address="10.0.0.7")
    report.pull_started()
    await asyncio.sleep(0)
    report.stopping("TaskFailedToStart", "CannotPullContainerError: pull access denied")


async def falls_ill(assignment: Assignment, report: Report, stop: asyncio.Event) -> None:
    """Run, then fail the health check."""
    bring_up(assignment, report)
    await asyncio.sleep(0)
    report.container(assignment.task["containers"][0]["name"], healthStatus="UNHEALTHY")
    await stop.wait()
    take_down(assignment, report, 0)


async def stays_well(assignment: Assignment, report: Report, stop: asyncio.Event) -> None:
    """Run with a health check that passes."""
    bring_up(assignment, report)
    report.container(assignment.task["containers"][0]["name"], healthStatus="HEALTHY")
    await stop.wait()
    take_down(assignment, report, 0)


SCRIPTS = {each.__name__: each for each in (runs, exits, cannot_pull, falls_ill, stays_well)}


class ScriptedAgent:
    """Does what the first container's image says, such as ``runs`` or ``exits``; else what ``script`` says."""

    def __init__(self) -> None:
        self.script: Script = runs
        self.assignments: list[Assignment] = []
        self.reports: list[Report] = []
        self.stops: dict[str, asyncio.Event] = {}

    async def run(self, assignment: Assignment, report: Report) -> None:
        """Play the script."""
        self.assignments.append(assignment)
        self.reports.append(report)
        stop = self.stops.setdefault(assignment.task_arn, asyncio.Event())
        image = assignment.task["containers"][0]["image"]
        await SCRIPTS.get(image, self.script)(assignment, report, stop)

    def stop(self, task_arn: str) -> None:
        """Tell the script."""
        self.stops.setdefault(task_arn, asyncio.Event()).set()


class Plane:
    """A control plane whose answers are encoded as the gateway does it."""

    def __init__(self, **settings: Any) -> None:
        self.agent = ScriptedAgent()
        self.events: list[dict[str, Any]] = []
        self.now = START
        self.service = EcsService(
            agent=self.agent,
            clock=self._tick,
            account=ACCOUNT,
            emit=self.events.append,
            **{"pacing": AT_ONCE, **settings},
        )

    def _tick(self) -> int:
        self.now += MILLISECOND
        return self.now

    def call(self, operation: str, *, region: str = "eu-west-1", **params: Any) -> Any:
        """Call an operation; the answer must fit the model."""
        call = Call("ecs", operation, params, region, ACCOUNT, "127.0.0.1:5275")
        answer = self.service.operations[operation](call)
        dump(service_model("ecs").operation_model(operation).output_shape, answer)
        return answer

    def define(self, family: str = "web", image: str = "runs", **more: Any) -> str:
        """Register a definition of one container for EC2; return its ARN."""
        container = {"name": "app", "image": image, "memory": 64, **more}
        answer = self.call("RegisterTaskDefinition", family=family, containerDefinitions=[container])
        return str(answer["taskDefinition"]["taskDefinitionArn"])

    def define_for_fargate(self, family: str = "far") -> None:
        """Register a definition of one container for Fargate."""
        self.call(
            "RegisterTaskDefinition", family=family, networkMode="awsvpc", cpu="256", memory="512",
            containerDefinitions=[{"name": "app", "image": "runs"}],
        )  # fmt: skip

    def task(self, arn: str) -> Any:
        """Describe one task."""
        return self.call("DescribeTasks", tasks=[arn])["tasks"][0]

    def service_named(self, name: str = "web") -> Any:
        """Describe one service."""
        return self.call("DescribeServices", services=[name])["services"][0]

    def messages(self, name: str = "web") -> list[str]:
        """List a service's events, newest first."""
        return [event["message"] for event in self.service_named(name)["events"]]

    async def until(self, true: Callable[[], Any]) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(20):
            while not true():  # noqa: ASYNC110  what is waited for is an answer of the API, which has no event
                await asyncio.sleep(0.001)

    async def ended(self, arn: str) -> Any:
        """Wait until a task has stopped; return it."""
        await self.until(lambda: self.task(arn)["lastStatus"] == "STOPPED")
        return self.task(arn)

    async def steady(self, name: str = "web") -> None:
        """Wait until the newest event of a service is its steady state."""
        await self.until(lambda: self.messages(name)[:1] == [f"(service {name}) has reached a steady state."])


@pytest.fixture
def play() -> Callable[..., None]:
    """Give ``play(story, **settings)``: runs ``await story(plane)`` with a control plane of its own, then closes it."""

    def run(story: Callable[[Plane], Awaitable[None]], **settings: Any) -> None:
        async def whole() -> None:
            plane = Plane(**settings)
            try:
                await story(plane)
            finally:
                await plane.service.close()

        asyncio.run(whole())

    return run


@pytest.fixture
def scripted_agent() -> ScriptedAgent:
    """Give the agent alone."""
    return ScriptedAgent()
