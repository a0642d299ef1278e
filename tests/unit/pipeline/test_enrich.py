"""Who is behind an address, and who is not any more."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from taskscope.clock import SECOND, fixed_clock
from taskscope.errors import UnreachableError
from taskscope.model.change import EcsChange, Subject
from taskscope.model.resource import Resource
from taskscope.pipeline.enrich import Enricher, OwnTask, TaskAddresses

_FIXTURES = Path(__file__).parents[2] / "fixtures"
_ACCOUNT = "arn:aws:ecs:eu-west-1:123456789012"


class Endpoint:
    """A metadata endpoint that counts, fails when told to, and whose containers may change."""

    def __init__(self) -> None:
        self.document: dict[str, Any] = json.loads((_FIXTURES / "tmde" / "v4_task.json").read_text())
        self.asked = 0
        self.failing = False

    def __call__(self) -> dict[str, Any]:
        """Answer."""
        self.asked += 1
        if self.failing:
            raise UnreachableError("it does not answer")
        return self.document


class Ticking:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 100 * SECOND

    def __call__(self) -> int:
        """Tell the time."""
        return self.now


def _change(task: str, version: int, status: str, *, address: str = "10.1.2.3", time: int | None = None) -> EcsChange:
    document = {
        "taskArn": f"{_ACCOUNT}:task/prod/{task}",
        "clusterArn": f"{_ACCOUNT}:cluster/prod",
        "taskDefinitionArn": f"{_ACCOUNT}:task-definition/web:42",
        "lastStatus": status,
        "attachments": [{"type": "eni", "details": [{"name": "privateIPv4Address", "value": address}]}],
    }
    when = (version if time is None else time) * SECOND
    fields = {"cluster_arn": "", "account": "", "region": "", "event_id": "", "service_arn": ""}
    return EcsChange(Subject.TASK, document["taskArn"], version, when, name=status, document=document, **fields)  # type: ignore[arg-type]  # texts


def _task(addresses: TaskAddresses, sender: str = "10.1.2.3") -> str | None:
    origin = addresses.origin(sender)
    return None if origin is None else origin.task_arn.rpartition("/")[2]


@pytest.mark.parametrize("sender", ["", "127.0.0.1", "127.1.2.3", "::1", "10.0.1.23"])
def test_own_task_is_known_at_its_own_addresses(sender: str) -> None:
    """Loopback, its interface, and local sockets that have none."""
    enricher = Enricher(OwnTask(Endpoint(), clock=fixed_clock(0)))

    assert enricher.knows(sender)
    assert enricher.enrich(Resource(), sender).service_name == "otelshop"


@pytest.mark.parametrize("sender", ["10.0.1.24", "fe80::1%eth0", "no address"])
def test_others_are_left_as_they_are(sender: str) -> None:
    """So that their bodies need not be decoded."""
    enricher = Enricher(OwnTask(Endpoint(), clock=fixed_clock(0)))
    resource = Resource()

    assert not enricher.knows(sender)
    assert enricher.enrich(resource, sender) is resource


def test_endpoint_is_asked_again_for_unknown_senders_only() -> None:
    """A container that starts later is found; strangers cost a request each 10 seconds."""
    endpoint, clock = Endpoint(), Ticking()
    own = OwnTask(endpoint, clock=clock)
    for _ in range(100):
        assert own.origin("127.0.0.1")
    assert endpoint.asked == 1
    assert own.origin("172.17.0.9") is None
    assert endpoint.asked == 1

    network = {"NetworkMode": "bridge", "IPv4Addresses": ["172.17.0.9"]}
    endpoint.document["Containers"].append({"Name": "late", "DockerId": "9", "Networks": [network]})
    clock.now += 10 * SECOND
    for _ in range(100):
        assert own.origin("172.17.0.9")
    assert endpoint.asked == 2


def test_endpoint_that_fails_is_said_once_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    """Telemetry goes on without labels; a task that was known stays known."""
    endpoint, clock = Endpoint(), Ticking()
    endpoint.failing = True
    own = OwnTask(endpoint, clock=clock)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert own.origin("127.0.0.1") is None
            clock.now += 10 * SECOND
    assert [each.getMessage() for each in caplog.records] == [
        "telemetry is not labelled with its task for now: it does not answer"
    ]
    endpoint.failing = False
    assert own.origin("127.0.0.1")
    endpoint.failing = True
    clock.now += 10 * SECOND
    assert own.origin("10.9.9.9") is None
    assert own.origin("127.0.0.1")


def test_tasks_are_learned_from_their_state_changes() -> None:
    """A task that runs has its address; other subjects tell nothing."""
    addresses = TaskAddresses()
    addresses.learn(_change("a", 2, "RUNNING"))
    addresses.learn(_change("x", 2, "RUNNING", address="10.9.9.9")._replace(subject=Subject.SERVICE_EVENT))

    enricher = Enricher(OwnTask(Endpoint(), clock=fixed_clock(0)), addresses)

    assert enricher.enrich(Resource(), "10.1.2.3").attributes["aws.ecs.task.id"] == "a"
    assert not enricher.knows("10.9.9.9")


def test_stopped_task_keeps_its_address_for_the_grace_period_only() -> None:
    """What it sent last is still its own; afterwards nobody's, until the next task is known there."""
    clock = Ticking()
    addresses = TaskAddresses(clock=clock, grace_ns=60 * SECOND)
    addresses.learn(_change("a", 2, "RUNNING"))
    addresses.learn(_change("a", 4, "DEPROVISIONING"))
    clock.now += 59 * SECOND
    assert _task(addresses) == "a"
    addresses.learn(_change("a", 5, "STOPPED"))
    clock.now += SECOND
    assert _task(addresses) is None
    addresses.learn(_change("a", 3, "RUNNING"))
    assert _task(addresses) is None
    addresses.learn(_change("b", 1, "PENDING", time=50))
    assert _task(addresses) == "b"


def test_next_task_takes_the_address_at_once() -> None:
    """And late news of the one before change nothing."""
    addresses = TaskAddresses()
    addresses.learn(_change("a", 2, "RUNNING", time=10))
    addresses.learn(_change("b", 1, "PENDING", time=20))
    assert _task(addresses) == "b"
    addresses.learn(_change("a", 5, "STOPPED", time=15))
    assert _task(addresses) == "b"


def test_register_is_bounded() -> None:
    """What was told longest ago is forgotten."""
    addresses = TaskAddresses(most=3)
    for number in range(5):
        addresses.learn(_change(str(number), 1, "RUNNING", address=f"10.0.0.{number}"))

    assert [_task(addresses, f"10.0.0.{number}") for number in range(5)] == [None, None, "2", "3", "4"]


@pytest.mark.parametrize(
    "document", [{}, {"taskArn": "x", "attachments": 3}, {"taskArn": "x", "attachments": [{"details": ["y"]}]}]
)
def test_documents_of_no_known_shape_tell_nothing(document: dict[str, Any]) -> None:
    """Messages come from outside."""
    addresses = TaskAddresses()

    addresses.learn(_change("a", 1, "RUNNING")._replace(document=document))

    assert _task(addresses) is None
