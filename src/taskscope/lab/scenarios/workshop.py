"""
The OpenTelemetry workshop for ECS Anywhere: by its own command lines, until what it measures can be asked.

Two tasks of launch type EXTERNAL: `taskscope serve`, which keeps and answers, and the workshop's own, whose collector
sends there.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from taskscope import ports
from taskscope.client.rest import Rest
from taskscope.errors import MissingExtraError, TaskscopeError
from taskscope.lab.client.connection import Lab, plain_errors
from taskscope.lab.client.watch import Say, Watcher, task_id, until, why_stopped
from taskscope.lab.scenarios.awscli import Commands, find_commands
from taskscope.lab.scenarios.play import Outcome
from taskscope.lab.scenarios.scenario import Document, Scenario
from taskscope.lab.temporary import temporary_folder
from taskscope.lab.xray.server import missing_package
from taskscope.model.container_metrics import CONTAINER_NAME, CPU_USAGE

COLLECTOR: Final = "aws-otel-collector"
LOG_GROUPS: Final = "/ecs/otel-workshop/*"
METRIC: Final = "statsdTestMetric"
_START_SECONDS: Final = 120.0
"""`taskscope serve` says so itself after 60 s if it cannot start."""
_DATA_SECONDS: Final = 90.0
"""StatsD is added up for 10 s, containers are read every 5 s, and the server makes both known within seconds."""


def play_workshop(scenario: Scenario, lab: Lab, say: Say, *, wait: bool = True) -> Outcome:
    """
    Do the workshop; its tasks run on afterwards.

    Args:
        scenario: Its definitions and its cluster.
        lab: Where.
        say: Takes progress.
        wait: Wait until everything that is to be seen has been kept.

    Raises:
        MissingExtraError: `taskscope serve` is not installed.
        TaskscopeError: The lab refused a call, or a task has stopped that should run.
        UnreachableError: The lab went away.
    """
    if package := missing_package():
        raise MissingExtraError(
            f"{scenario.name} needs the package {package} for `taskscope serve`",
            hint="uv tool install 'taskscope[lab,server]'",
        )
    workshop = _Workshop(scenario, lab, find_commands(lab, say), say)
    with plain_errors(lab.url):
        return workshop.play(wait=wait)


@dataclass(frozen=True, slots=True)
class _Workshop:
    """One run."""

    scenario: Scenario
    lab: Lab
    aws: Commands
    say: Say

    @property
    def cluster(self) -> str:
        return self.scenario.cluster

    def play(self, *, wait: bool) -> Outcome:
        self.aws.call("create-cluster", clusterName=self.cluster)
        insights = {"name": "containerInsights", "value": "enabled"}
        self.aws.call("update-cluster-settings", cluster=self.cluster, settings=[insights])
        self._stop_those_of_an_earlier_run()
        server = self._run("task-server.json")
        known = self._until_healthy(server)
        targets = f"otlp=http://127.0.0.1:{port_of(known, ports.OTLP_HTTP)};container-insights"
        task = self._run("task.json", TASKSCOPE_TO=targets)
        self._until_healthy(task)
        url = f"http://127.0.0.1:{port_of(known, ports.API)}"
        missing = self._until_kept(Rest(url)) if wait else []
        self.aws.call("list-tasks", cluster=self.cluster)
        tasks = self.aws.call("describe-tasks", cluster=self.cluster, tasks=[server, task])["tasks"]
        for arn in (task, server):
            self.say(f"to end it: aws ecs stop-task --cluster {self.cluster} --task {task_id(arn)} --reason 'the end'")
        return Outcome(tasks, None, missing, [], commands(url, self.cluster))

    def _stop_those_of_an_earlier_run(self) -> None:
        """Stop the newest first: a collector hands over what it has while its server still runs."""
        arns = self.aws.call("list-tasks", cluster=self.cluster).get("taskArns", [])
        for task in reversed(self._watcher().tasks(arns)):
            self._stop(task["taskArn"])

    def _stop(self, arn: str) -> None:
        self.aws.call("stop-task", cluster=self.cluster, task=arn, reason="the workshop begins anew")
        watcher = self._watcher()
        if not until(lambda: all(map(_has_stopped, watcher.tasks([arn]))), at_most=_START_SECONDS):
            raise TaskscopeError(f"task {task_id(arn)} of an earlier run does not stop")

    def _run(self, name: str, **variables: str) -> str:
        """Register a definition and run a task of it, with variables for its collector; return the task's ARN."""
        definition = self.scenario.definitions[name]
        with temporary_folder() as folder:
            file = folder / name
            file.write_text(json.dumps(definition, indent=2), encoding="utf-8")
            registered = self._register(file)
        more: dict[str, Any] = {"overrides": _for_collector(variables)} if variables else {}
        answer = self.aws.call(
            "run-task", cluster=self.cluster, taskDefinition=registered, launchType="EXTERNAL", count=1, **more
        )
        if answer.get("failures"):
            raise TaskscopeError(f"run-task of {registered} has failed: {answer['failures']}")
        return str(answer["tasks"][0]["taskArn"])

    def _register(self, file: Path) -> str:
        answer = self.aws.call("register-task-definition", file=file)["taskDefinition"]
        return f"{answer['family']}:{answer['revision']}"

    def _until_healthy(self, arn: str) -> Document:
        """Wait for a task's health; return it as ECS then describes it."""
        watcher = self._watcher()
        seen: list[Document] = []

        def healthy() -> bool:
            seen[:] = watcher.tasks([arn])
            if _has_stopped(seen[0]):
                raise TaskscopeError(f"task {task_id(arn)} has stopped: {why_stopped(seen[0])}", hint=self._hint(arn))
            return bool(seen[0].get("healthStatus") == "HEALTHY")

        if not until(healthy, at_most=_START_SECONDS):
            raise TaskscopeError(f"task {task_id(arn)} has not become HEALTHY", hint=self._hint(arn))
        return seen[0]

    def _hint(self, arn: str) -> str:
        return f"taskscope trace {self.cluster} {task_id(arn)}"

    def _until_kept(self, server: Rest) -> list[str]:
        """Wait until the server has something of everything; return what it has not."""
        self.say("waiting until traces, the counter and the figures of each container have been kept")
        missing: list[str] = []
        containers = [
            each["name"] for task in self.scenario.definitions.values() for each in task["containerDefinitions"]
        ]

        def kept() -> bool:
            missing[:] = unkept(server, self.cluster, containers)
            return not missing

        until(kept, at_most=_DATA_SECONDS, pause=1.0)
        return missing

    def _watcher(self) -> Watcher:
        return Watcher(self.lab.client("ecs"), self.cluster, self.say)


def unkept(server: Rest, cluster: str, containers: Sequence[str]) -> list[str]:
    """Return what the server does not have yet, a text for each: traces, the counter, the CPU that containers use."""
    missing = [] if server.get("/api/traces?start=-15m&limit=1")["traces"] else ["a trace"]
    if not server.get(f"/api/metrics?start=-15m&q={METRIC}")["metrics"]:
        missing.append(f"the counter {METRIC}")
    listed = server.get(f"/api/resources?level=container&cluster={cluster}&start=-15m")["resources"]
    # The first reading of a container says nothing of its CPU: that needs two.
    measured = {each["key"]["container"] for each in listed if each["usage"]["cpu"] is not None}
    return missing + [f"what {name} uses" for name in containers if name not in measured]


def commands(url: str, cluster: str) -> tuple[str, ...]:
    """Return the command lines that show what there is; the first makes the others ask this server."""
    return (
        f"export TASKSCOPE_SERVER={url}",
        "taskscope resources",
        "taskscope resources --type container --sort cpu",
        f"taskscope top {cluster} --once",
        f"taskscope metrics {METRIC} --since 10m",
        f"taskscope metrics {CPU_USAGE.name} --by {CONTAINER_NAME} --since 5m",
        f"taskscope logs '{LOG_GROUPS}' --since 10m",
        "taskscope traces",
        "taskscope map",
    )


def port_of(task: Document, port: int) -> int:
    """Return the port of this machine that stands for a port of a task's container."""
    bindings: list[dict[str, Any]] = [
        binding for container in task["containers"] for binding in container.get("networkBindings", [])
    ]
    return int(next(each["hostPort"] for each in bindings if each["containerPort"] == port))


def _for_collector(variables: dict[str, str]) -> Document:
    """Return the overrides of RunTask that set variables of the collector."""
    pairs = [{"name": name, "value": value} for name, value in variables.items()]
    return {"containerOverrides": [{"name": COLLECTOR, "environment": pairs}]}


def _has_stopped(task: Document) -> bool:
    return bool(task["lastStatus"] == "STOPPED")
