"""What of the workshop needs no tasks: it is played in tests/e2e/workshop."""

import pytest

from taskscope.errors import MissingExtraError
from taskscope.lab.client.connection import Lab
from taskscope.lab.scenarios import workshop
from taskscope.lab.scenarios.catalog import load_scenario
from taskscope.lab.scenarios.workshop import COLLECTOR, commands, play_workshop, port_of


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
