"""
Every shipped scenario, played for real by the command line, all at once in one embedded AWS.

But otel-workshop: it has a server of its own, and its own test (tests/e2e/workshop).
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from taskscope.lab.client.watch import until
from taskscope.lab.scenarios.catalog import scenario_names
from taskscope.lab.threaded import ThreadedAws, embedded_aws

NAMES = [name for name in scenario_names() if name != "otel-workshop"]


@dataclass
class Played:
    """One scenario that has been played: what was printed, and its tasks and service as the API describes them."""

    code: int
    out: str
    err: str
    aws: ThreadedAws

    @property
    def tasks(self) -> list[dict[str, Any]]:
        """The tasks that the printed commands show, oldest first."""
        ids = [line.split()[3] for line in self.out.splitlines() if line.startswith("taskscope trace shop ")]
        found: list[dict[str, Any]] = self.ecs.describe_tasks(cluster="shop", tasks=ids)["tasks"]
        return sorted(found, key=lambda task: task["createdAt"])

    @property
    def ecs(self) -> Any:
        """A boto3 client."""
        return boto3.client("ecs", endpoint_url=self.aws.url, region_name=self.aws.region)

    def events(self, service: str) -> list[str]:
        """The service's events, oldest first."""
        [found] = self.ecs.describe_services(cluster="shop", services=[service])["services"]
        return [event["message"] for event in reversed(found["events"])]

    def log(self, group: str) -> list[str]:
        """Every line of a log group."""
        logs = boto3.client("logs", endpoint_url=self.aws.url, region_name=self.aws.region)
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        return [event["message"] for page in pages for event in page["events"]]

    def exit_codes(self) -> list[dict[str, int | None]]:
        """The exit codes of each task's containers."""
        return [{each["name"]: each.get("exitCode") for each in task["containers"]} for task in self.tasks]


def play(aws: ThreadedAws, name: str) -> Played:
    """Play a scenario by the command line, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "taskscope", "lab", "scenario", name],
        env=os.environ | aws.environment,
        capture_output=True,
        text=True,
        timeout=55,
        check=False,
    )
    return Played(done.returncode, done.stdout, done.stderr, aws)


@dataclass
class Stage:
    """Two embedded AWS and what has been played there: all scenarios, one of them twice, two without isolation."""

    played: dict[str, Played]
    again: Played
    shared: dict[str, Played]


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """Play everything at once: most of the time is waiting."""
    with (
        pytest.MonkeyPatch.context() as patch,
        embedded_aws() as aws,
        embedded_aws(isolate=False) as plain,
        ThreadPoolExecutor(max_workers=12) as pool,
    ):
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, aws.environment[name])
        played = {name: pool.submit(play, aws, name) for name in NAMES}
        shared = {name: pool.submit(play, plain, name) for name in ("healthy-web", "out-of-memory")}
        played["crash-loop"].result()
        again = pool.submit(play, aws, "crash-loop")
        yield Stage(
            {name: each.result() for name, each in played.items()},
            again.result(),
            {name: each.result() for name, each in shared.items()},
        )


@pytest.fixture
def played(stage: Stage) -> dict[str, Played]:
    """Give the scenarios that were played with all that this machine can do."""
    return stage.played


@pytest.mark.parametrize("name", NAMES)
def test_the_expected_ending_comes(name: str, played: dict[str, Played]) -> None:
    """The command says so by its exit code, and prints a command for each task."""
    assert played[name].code == 0, played[name].err
    assert played[name].tasks


def test_healthy_web(played: dict[str, Played]) -> None:
    """Two healthy tasks serve real traffic in a steady state."""
    web = played["healthy-web"]

    assert [(task["lastStatus"], task["healthStatus"]) for task in web.tasks] == [("RUNNING", "HEALTHY")] * 2
    assert any("steady state" in event for event in web.events("web"))
    assert any('"GET /healthz" 200' in line for line in web.log("/ecs/web"))
    assert traffic_is_served(web)


def traffic_is_served(web: Played) -> bool:
    """Wait until a summary of the visitors tells of good answers, and of none that failed."""
    until(lambda: any(" x 200" in line for line in web.log("/ecs/web")), at_most=20)
    summaries = [line for line in web.log("/ecs/web") if "requests in" in line]
    return bool(summaries) and not any(" x 599" in line for line in summaries)


def test_image_typo(played: dict[str, Played]) -> None:
    """The task has never started, and says which image it was."""
    [task] = played["image-typo"].tasks

    assert task["stopCode"] == "TaskFailedToStart"
    assert "CannotPullContainerError" in task["stoppedReason"]
    assert "thumbnials" in task["stoppedReason"]
    assert "startedAt" not in task


def test_out_of_memory(played: dict[str, Played]) -> None:
    """Where limits hold the kernel kills and the task says so; elsewhere the program ends itself and a note says so."""
    memory = played["out-of-memory"]
    [container] = memory.tasks[0]["containers"]

    if any("memory limits hold" in sentence for sentence in memory.aws.capabilities):
        assert container["exitCode"] == 137
        assert container["reason"].startswith("OutOfMemoryError")
    else:
        assert container["exitCode"] == 1
        assert "no memory limit can be set" in memory.err
    assert memory.tasks[0]["stopCode"] == "EssentialContainerExited"


def test_the_function_writes_the_timeline_of_the_task_that_died(played: dict[str, Played]) -> None:
    """Taskscope's own Lambda function ran from its zip, and its log group holds the timeline."""
    memory = played["out-of-memory"]
    lines = memory.log("/aws/lambda/taskscope-task-stopped")

    assert any(line.startswith("REPORT ") for line in lines)
    assert any("CONTAINER:recommendations\t" in line and "shard 5 loaded" in line for line in lines)
    assert any("CONTAINER:recommendations\tSTOPPED (exit code: " in line for line in lines)


def test_crash_loop(played: dict[str, Played]) -> None:
    """Task after task ends with 1, its traceback is in the log, and the service says that it cannot start tasks."""
    payments = played["crash-loop"]

    assert [codes["payments"] for codes in payments.exit_codes()[:2]] == [1, 1]
    assert any("unable to consistently start tasks" in event for event in payments.events("payments"))
    assert any("ConnectionRefusedError" in line for line in payments.log("/ecs/payments"))


def test_failing_health_check(played: dict[str, Played]) -> None:
    """The scheduler stops a task that ran but became unhealthy, and starts another."""
    stock = played["failing-health-check"]

    assert stock.tasks[0]["stopCode"] == "ServiceSchedulerInitiated"
    assert "health check" in stock.tasks[0]["stoppedReason"]
    assert stock.tasks[0]["startedAt"] < stock.tasks[0]["stoppingAt"]
    assert any("has stopped 1 running tasks" in event for event in stock.events("stock"))
    assert any("health check failed" in line for line in stock.log("/ecs/stock"))


def test_bad_deployment(played: dict[str, Played]) -> None:
    """Three tasks of the new release fail, the old one runs through, and the service is back on the old release."""
    checkout = played["bad-deployment"]
    revisions = [task["taskDefinitionArn"].rpartition(":")[2] for task in checkout.tasks]

    assert checkout.exit_codes() == [{"checkout": None}, {"checkout": 1}, {"checkout": 1}, {"checkout": 1}]
    assert checkout.tasks[0]["lastStatus"] == "RUNNING"
    assert revisions[0] != revisions[1] == revisions[2] == revisions[3]
    assert any("rolling back" in event for event in checkout.events("checkout"))


def test_ignores_sigterm(played: dict[str, Played]) -> None:
    """Killed after its stopTimeout: 137, but not for its memory."""
    [task] = played["ignores-sigterm"].tasks
    [container] = task["containers"]

    assert task["stopCode"] == "UserInitiated"
    assert container["exitCode"] == 137
    assert "OutOfMemory" not in container.get("reason", "")
    assert (task["executionStoppedAt"] - task["stoppingAt"]).total_seconds() >= 2


def test_batch_job(played: dict[str, Played]) -> None:
    """Three containers end with 0; the second part begins after the first; about 200 lines."""
    batch = played["batch-job"]
    lines = batch.log("/ecs/invoices")

    assert batch.exit_codes() == [{"fetch": 0, "watch": 0, "write": 0}]
    assert lines.index("INFO invoices.fetch all 160 orders are on disk") < next(
        number for number, line in enumerate(lines) if "invoices.write" in line
    )
    assert 180 <= len(lines) <= 240


def test_a_second_run_shows_the_same(stage: Stage) -> None:
    """The service of an earlier run is deleted first, and its tasks are not counted."""
    assert stage.again.code == 0, stage.again.err
    assert "of an earlier run deleted" in stage.again.err
    assert not set(stage.again.out.splitlines()) & set(stage.played["crash-loop"].out.splitlines())


def test_on_a_machine_without_namespaces_and_limits_scenarios_come_to_their_ending_too(stage: Stage) -> None:
    """Visitors find the free port of their shop, and the program that no limit kills ends itself, which is said."""
    web, memory = stage.shared["healthy-web"], stage.shared["out-of-memory"]

    assert (web.code, memory.code) == (0, 0), web.err + memory.err
    assert traffic_is_served(web)
    assert memory.exit_codes()[0] == {"recommendations": 1}
    assert "no memory limit can be set" in memory.err
