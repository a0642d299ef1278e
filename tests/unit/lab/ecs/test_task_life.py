import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from taskscope.lab.ecs.pacing import Pacing

Play = Callable[..., None]
TIMES = (
    "createdAt",
    "connectivityAt",
    "pullStartedAt",
    "pullStoppedAt",
    "startedAt",
    "stoppingAt",
    "executionStoppedAt",
    "stoppedAt",
)
SUBNETS = {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}
FARGATE = {
    "family": "far",
    "networkMode": "awsvpc",
    "requiresCompatibilities": ["FARGATE"],
    "cpu": "256",
    "memory": "512",
}


def run_fargate(plane: Any, image: str = "runs") -> str:
    """Run a task of two containers on Fargate; return its ARN."""
    plane.call(
        "RegisterTaskDefinition",
        containerDefinitions=[
            {"name": "app", "image": image, "cpu": 64, "memory": 128},
            {"name": "side", "image": "side:1", "essential": False},
        ],
        **FARGATE,
    )
    return str(plane.call("RunTask", taskDefinition="far", networkConfiguration=SUBNETS)["tasks"][0]["taskArn"])


def order(task: Any) -> list[str]:
    """Names of a task's times, in the order of the times."""
    return sorted((name for name in TIMES if name in task), key=lambda name: task[name])


def statuses(plane: Any, arn: str) -> list[str]:
    """Each status of a task that its events tell, without repeats."""
    found: list[str] = []
    for event in plane.events:
        if event["resources"] == [arn] and event["detail"]["lastStatus"] not in found[-1:]:
            found.append(event["detail"]["lastStatus"])
    return found


def test_a_stopped_task_goes_through_every_state(play: Play) -> None:
    """StopTask: stoppingAt comes before executionStoppedAt, and the network interface is deleted at the end."""

    async def story(plane: Any) -> None:
        arn = run_fargate(plane)
        await plane.until(lambda: plane.task(arn)["lastStatus"] == "RUNNING")
        answer = plane.call("StopTask", task=arn)["task"]
        assert answer["desiredStatus"] == "STOPPED"
        task = await plane.ended(arn)
        assert order(task) == list(TIMES)
        assert (task["stopCode"], task["stoppedReason"]) == ("UserInitiated", "Task stopped by user")
        assert [each["exitCode"] for each in task["containers"]] == [143, 143]
        assert task["attachments"][0]["status"] == "DELETED"
        assert statuses(plane, arn) == [
            "PROVISIONING",
            "PENDING",
            "ACTIVATING",
            "RUNNING",
            "DEACTIVATING",
            "STOPPING",
            "DEPROVISIONING",
            "STOPPED",
        ]

    play(story)


def test_a_task_that_ends_by_itself_is_stopping_after_it_has_ended(play: Play) -> None:
    """An exit of an essential container: executionStoppedAt comes before stoppingAt."""

    async def story(plane: Any) -> None:
        task = await plane.ended(run_fargate(plane, "exits"))
        assert order(task)[-3:] == ["executionStoppedAt", "stoppingAt", "stoppedAt"]
        assert task["stopCode"] == "EssentialContainerExited"
        assert task["containers"][0]["exitCode"] == 1

    play(story)


def test_a_task_that_never_started_has_no_start_and_skips_states(play: Play) -> None:
    """A failed pull: no startedAt, no pullStoppedAt, and neither DEACTIVATING nor STOPPING."""

    async def story(plane: Any) -> None:
        arn = run_fargate(plane, "cannot_pull")
        task = await plane.ended(arn)
        assert order(task) == [
            "createdAt", "connectivityAt", "pullStartedAt", "executionStoppedAt", "stoppingAt", "stoppedAt",
        ]  # fmt: skip
        assert task["stopCode"] == "TaskFailedToStart"
        assert task["stoppedReason"].startswith("CannotPullContainerError")
        assert statuses(plane, arn) == ["PROVISIONING", "PENDING", "DEPROVISIONING", "STOPPED"]
        assert all(each["lastStatus"] == "STOPPED" and "exitCode" not in each for each in task["containers"])

    play(story)


def test_a_task_stopped_before_the_agent_had_it_never_runs(play: Play) -> None:
    """StopTask right after RunTask: the agent never hears of the task."""

    async def story(plane: Any) -> None:
        arn = run_fargate(plane)
        plane.call("StopTask", task=arn, reason="changed my mind")
        task = await plane.ended(arn)
        assert plane.agent.assignments == []
        assert order(task) == ["createdAt", "stoppingAt", "stoppedAt"]
        assert task["stoppedReason"] == "changed my mind"

    play(story)


def test_the_first_reason_stays(play: Play) -> None:
    """A second StopTask, and what the agent says later, change nothing."""

    async def story(plane: Any) -> None:
        arn = run_fargate(plane)
        await plane.until(lambda: plane.task(arn)["lastStatus"] == "RUNNING")
        plane.call("StopTask", task=arn, reason="first")
        plane.call("StopTask", task=arn, reason="second")
        plane.agent.reports[0].stopping("EssentialContainerExited", "third")
        assert (await plane.ended(arn))["stoppedReason"] == "first"

    play(story)


def test_the_address_is_on_the_interface_and_on_each_container(play: Play) -> None:
    """What the agent reports as the address is the attachment's privateIPv4Address."""

    async def story(plane: Any) -> None:
        arn = run_fargate(plane)
        await plane.until(lambda: plane.task(arn)["lastStatus"] == "RUNNING")
        task = plane.task(arn)
        [interface] = task["attachments"]
        assert (interface["type"], interface["status"]) == ("ElasticNetworkInterface", "ATTACHED")
        assert {"name": "privateIPv4Address", "value": "10.0.0.7"} in interface["details"]
        wanted = [{"attachmentId": interface["id"], "privateIpv4Address": "10.0.0.7"}]
        assert all(each["networkInterfaces"] == wanted for each in task["containers"])

    play(story)


def test_what_the_agent_reports_wins_over_what_the_control_plane_makes(play: Play) -> None:
    """runtimeId and imageDigest are made up only where the agent gives none."""

    async def script(_assignment: Any, report: Any, stop: asyncio.Event) -> None:
        report.connected(address="10.0.0.7")
        report.container("app", runtimeId="abc-1", imageDigest="sha256:1", lastStatus="RUNNING")
        report.container("side", lastStatus="RUNNING")
        await stop.wait()

    async def story(plane: Any) -> None:
        plane.agent.script = script
        arn = run_fargate(plane, "app:1")
        await plane.until(lambda: plane.task(arn)["lastStatus"] == "RUNNING")
        app, side = plane.task(arn)["containers"]
        assert (app["runtimeId"], app["imageDigest"]) == ("abc-1", "sha256:1")
        assert side["runtimeId"].startswith(arn.rpartition("/")[2] + "-")
        assert len(side["imageDigest"]) == 71

    play(story)


def test_a_containers_reason_is_cut_as_the_api_has_it(play: Play) -> None:
    """At most 1024 characters, however long the command in it is."""

    async def script(_assignment: Any, report: Any, _stop: asyncio.Event) -> None:
        report.container("app", lastStatus="STOPPED", reason="CannotStartContainerError: " + "x" * 5000)
        report.stopping("TaskFailedToStart", "CannotStartContainerError")

    async def story(plane: Any) -> None:
        plane.agent.script = script
        task = await plane.ended(run_fargate(plane, "app:1"))
        assert len(task["containers"][0]["reason"]) == 1024

    play(story)


def test_a_container_that_has_done_its_work_does_not_keep_the_task_from_running(play: Play) -> None:
    """RUNNING: every essential container runs, and every other one runs or has ended."""

    async def script(_assignment: Any, report: Any, stop: asyncio.Event) -> None:
        report.container("side", lastStatus="RUNNING")
        report.container("side", lastStatus="STOPPED", exitCode=0)
        report.container("app", lastStatus="RUNNING")
        await stop.wait()

    async def story(plane: Any) -> None:
        plane.agent.script = script
        arn = run_fargate(plane, "app:1")
        await plane.until(lambda: plane.task(arn)["lastStatus"] == "RUNNING")
        assert [each["lastStatus"] for each in plane.task(arn)["containers"]] == ["RUNNING", "STOPPED"]

    play(story)


def test_health_comes_from_essential_containers_with_a_check(play: Play) -> None:
    """UNKNOWN at first, then what the only checked container is; a standalone task that is UNHEALTHY goes on."""

    async def story(plane: Any) -> None:
        plane.define(image="falls_ill", healthCheck={"command": ["CMD", "true"]})
        arn = plane.call("RunTask", taskDefinition="web")["tasks"][0]["taskArn"]
        assert plane.task(arn)["healthStatus"] == "UNKNOWN"
        await plane.until(lambda: plane.task(arn)["healthStatus"] == "UNHEALTHY")
        assert plane.task(arn)["lastStatus"] == "RUNNING"

    play(story)


def test_a_task_without_an_interface_begins_pending(play: Play) -> None:
    """In bridge mode there is nothing to provision; EC2 tasks have 64 hexadecimal digits as runtimeId."""

    async def story(plane: Any) -> None:
        plane.define()
        task = plane.call("RunTask", taskDefinition="web")["tasks"][0]
        assert (task["lastStatus"], task["launchType"], task["attachments"]) == ("PENDING", "EC2", [])
        await plane.until(lambda: plane.task(task["taskArn"])["lastStatus"] == "RUNNING")
        assert len(plane.task(task["taskArn"])["containers"][0]["runtimeId"]) == 64
        plane.call("StopTask", task=task["taskArn"])
        await plane.ended(task["taskArn"])
        assert "DEPROVISIONING" not in statuses(plane, task["taskArn"])

    play(story)


def test_an_agent_that_breaks_its_contract_leaves_no_task_behind(play: Play, caplog: pytest.LogCaptureFixture) -> None:
    """An exception in the agent is logged, and the task ends as one that failed to start."""

    async def script(_assignment: Any, report: Any, _stop: asyncio.Event) -> None:
        report.container("nobody", lastStatus="RUNNING")

    async def story(plane: Any) -> None:
        plane.agent.script = script
        assert (await plane.ended(run_fargate(plane, "app:1")))["stopCode"] == "TaskFailedToStart"

    play(story)
    assert "The agent failed to run" in caplog.text


def test_secrets_are_read_before_the_agent_has_the_task(play: Play) -> None:
    """The assignment holds each value by its valueFrom."""

    async def secrets(wanted: list[str], region: str) -> dict[str, str]:
        return dict.fromkeys(wanted, f"value in {region}")

    async def story(plane: Any) -> None:
        plane.define(secrets=[{"name": "KEY", "valueFrom": "arn:secret"}])
        plane.call("RunTask", taskDefinition="web")
        await plane.until(lambda: plane.agent.assignments)
        assert plane.agent.assignments[0].secrets == {"arn:secret": "value in eu-west-1"}

    play(story, secrets=secrets)


def test_a_secret_that_cannot_be_read_fails_the_task(play: Play) -> None:
    """ResourceInitializationError, as on Fargate."""

    async def story(plane: Any) -> None:
        plane.define(secrets=[{"name": "KEY", "valueFrom": "arn:secret"}])
        task = await plane.ended(plane.call("RunTask", taskDefinition="web")["tasks"][0]["taskArn"])
        assert task["stopCode"] == "TaskFailedToStart"
        assert task["stoppedReason"].startswith("ResourceInitializationError: unable to pull secrets or registry auth")

    play(story)


def test_closing_stops_every_task_and_kills_those_that_do_not_end(play: Play) -> None:
    """A task that ends in time is stopped in order; one that does not is cancelled and still has its end."""

    async def stubborn(_assignment: Any, report: Any, _stop: asyncio.Event) -> None:
        report.container("app", lastStatus="RUNNING")
        await asyncio.Event().wait()

    async def story(plane: Any) -> None:
        plane.agent.script = stubborn
        arns = [run_fargate(plane, "runs"), run_fargate(plane, "stubborn")]
        await plane.until(lambda: len(plane.agent.assignments) == 2)
        await plane.service.close()
        assert [plane.task(arn)["lastStatus"] for arn in arns] == ["STOPPED", "STOPPED"]
        assert all("stoppedAt" in plane.task(arn) for arn in arns)

    play(story, pacing=Pacing(provisioning=0, stopping=0, deprovisioning=0, closing=0.1))
