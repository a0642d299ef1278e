"""What of the workshop needs no tasks: it is played in tests/e2e/workshop."""

from pathlib import Path
from typing import Any, cast

import pytest

from taskscope.client.rest import Rest
from taskscope.errors import MissingExtraError, TaskscopeError
from taskscope.lab.client.connection import Lab
from taskscope.lab.scenarios import workshop
from taskscope.lab.scenarios.catalog import load_scenario
from taskscope.lab.scenarios.workshop import COLLECTOR, commands, play_workshop, port_of, unkept

ARN = "arn:aws:ecs:us-east-1:123456789012:task/otel-workshop/1a2b"


class Calls:
    """Answers what ECS would, and keeps what was asked."""

    def __init__(self, **answers: dict[str, Any]) -> None:
        self.asked: list[str] = []
        self.answers: dict[str, dict[str, Any]] = {
            "register-task-definition": {"taskDefinition": {"family": "f", "revision": 1}},
            "run-task": {"tasks": [{"taskArn": ARN}]},
            **{name.replace("_", "-"): answer for name, answer in answers.items()},
        }

    def call(self, operation: str, *, file: Path | None = None, **parameters: Any) -> dict[str, Any]:
        """Answer."""
        del file, parameters
        self.asked.append(operation)
        return self.answers.get(operation, {})


class Tasks:
    """A lab whose tasks have all ended."""

    url = "http://127.0.0.1:1"

    def client(self, service: str) -> Any:
        """Give itself as the client."""
        assert service == "ecs"
        return self

    def describe_tasks(self, *, cluster: str, tasks: list[str]) -> dict[str, Any]:
        """Say that each has stopped."""
        assert cluster == "otel-workshop"
        ended = {"lastStatus": "STOPPED", "createdAt": 0, "stoppedReason": "no memory", "containers": []}
        return {"tasks": [{"taskArn": each, **ended} for each in tasks]}


def play(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    """Play it against such a lab."""
    monkeypatch.setattr(workshop, "missing_package", lambda: "")
    monkeypatch.setattr(workshop, "find_commands", lambda _lab, _say: calls)
    play_workshop(load_scenario("otel-workshop", region="us-east-1"), cast("Lab", Tasks()), lambda _line: None)


def test_a_server_that_ends_is_said_with_the_way_to_see_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a task that has stopped."""
    with pytest.raises(TaskscopeError, match="task 1a2b has stopped: no memory") as raised:
        play(Calls(), monkeypatch)

    assert raised.value.hint == "taskscope trace otel-workshop 1a2b"


def test_a_task_that_cannot_be_placed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """RunTask answers failures, not an error."""
    with pytest.raises(TaskscopeError, match=r"run-task of f:1 has failed: .*RESOURCE:CPU"):
        play(Calls(run_task={"tasks": [], "failures": [{"reason": "RESOURCE:CPU"}]}), monkeypatch)


def test_tasks_of_an_earlier_run_are_stopped_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of those that ECS lists, one after the other."""
    calls = Calls(list_tasks={"taskArns": [ARN, f"{ARN}c"]}, run_task={"tasks": [], "failures": ["x"]})
    with pytest.raises(TaskscopeError):
        play(calls, monkeypatch)

    assert calls.asked[2:5] == ["list-tasks", "stop-task", "stop-task"]


class Answers:
    """A server that answers as it is told, by the beginning of the path."""

    def __init__(self, traces: int, metrics: int, cpu: dict[str, float | None]) -> None:
        self.answers: dict[str, Any] = {
            "/api/traces": {"traces": [{}] * traces},
            "/api/metrics": {"metrics": [{}] * metrics},
            "/api/resources": {
                "resources": [{"key": {"container": name}, "usage": {"cpu": each}} for name, each in cpu.items()]
            },
        }

    def get(self, path: str) -> Any:
        """Answer."""
        return self.answers[path.partition("?")[0]]


def test_what_is_not_kept_yet_is_said() -> None:
    """A container that was read once has no CPU yet, which counts as nothing."""
    nothing = cast("Rest", Answers(0, 0, {"app": None}))
    everything = cast("Rest", Answers(1, 1, {"app": 0.0, "web": 0.2}))

    assert unkept(nothing, "c", ["app"]) == ["a trace", "the counter statsdTestMetric", "what app uses"]
    assert unkept(everything, "c", ["app", "web"]) == []


def test_ports_are_those_of_this_machine() -> None:
    """Whichever container maps them; containers without ports are passed over."""
    bindings = [{"containerPort": 4318, "hostPort": 40217, "bindIP": "127.0.0.1", "protocol": "tcp"}]
    task = {"containers": [{"name": "a"}, {"name": "b", "networkBindings": bindings}]}

    assert port_of(task, 4318) == 40217


def test_the_first_line_makes_the_others_ask_the_scenarios_server() -> None:
    """So that a reader may paste all of them."""
    first, *others = commands("http://127.0.0.1:8275", "shop")

    assert first == "export TASKSCOPE_SERVER=http://127.0.0.1:8275"
    assert all(line.startswith("taskscope ") for line in others)


def test_without_a_server_nothing_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lab's own extra does not bring `taskscope serve`; that is said before any call."""
    monkeypatch.setattr(workshop, "missing_package", lambda: "chdb")
    scenario = load_scenario("otel-workshop", region="us-east-1")

    with pytest.raises(MissingExtraError, match="otel-workshop needs the package chdb"):
        play_workshop(scenario, Lab("http://127.0.0.1:1", "us-east-1"), print)


def test_apps_wait_for_the_collector() -> None:
    """What is sent over UDP before it listens would be lost, and no sum would be right."""
    definition = load_scenario("otel-workshop", region="us-east-1").definitions["task.json"]
    waiting = {
        each["name"]
        for each in definition["containerDefinitions"]
        if {"containerName": COLLECTOR, "condition": "HEALTHY"} in each.get("dependsOn", [])
    }

    assert waiting == {"aws-otel-emitter", "aoc-statsd-emitter"}
