"""The size of a task that has one container more."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.cli.sidecar.task_size import make_room
from taskscope.errors import UsageError
from taskscope.lab.ecs.validation import fargate_problem

_FARGATE = ["FARGATE"]


def _task(cpu: Any, memory: Any, kinds: list[str]) -> dict[str, Any]:
    return {"cpu": cpu, "memory": memory, "requiresCompatibilities": kinds}


def _grown(task: dict[str, Any], app: dict[str, Any], sidecar: dict[str, Any]) -> tuple[Any, Any, int]:
    notices = make_room(task, [app], [app, sidecar])
    return task.get("cpu"), task.get("memory"), len(notices)


@pytest.mark.parametrize(
    ("size", "app", "sidecar", "grown"),
    [
        (("256", "512"), {"memory": 512}, {"memory": 200}, ("256", "1024", 1)),
        (("256", "512"), {"cpu": 256}, {"cpu": 64}, ("512", "1024", 1)),
        (("256", "2048"), {"memoryReservation": 2048}, {"memory": 100}, ("512", "3072", 1)),
        ((".25 vCPU", "0.5 GB"), {"memory": 400}, {"memory": 200}, (".25 vCPU", "1024", 1)),
        (("1 vCPU", "8GB"), {"cpu": 1000, "memory": 8000}, {"cpu": 20, "memory": 192}, ("1 vCPU", "8GB", 0)),
        (("256", "512"), {"memory": 512}, {}, ("256", "512", 0)),
        (("256", "512"), {"memory": 600}, {"memory": 64}, ("256", "512", 0)),
        (("256", "512"), {"memory": 600}, {"memory": 64, "cpu": 300}, ("512", "1024", 1)),
        (("256", "512"), {"memoryReservation": 100, "memory": 512}, {"memory": 64}, ("256", "512", 0)),
        (("4096", "30720"), {"memory": 30720}, {"memory": 64}, ("8192", "32768", 1)),
    ],
)
def test_a_task_of_fargate_grows_to_the_next_size_that_holds_its_containers(
    size: tuple[str, str], app: dict[str, Any], sidecar: dict[str, Any], grown: tuple[str, str, int]
) -> None:
    """Only what the sidecar made too little; a soft limit is what is reserved."""
    assert _grown(_task(*size, _FARGATE), app, sidecar) == grown


@pytest.mark.parametrize(
    ("cpu", "memory", "grown"),
    [("256", "512", ("320", "712", 1)), (None, "512", (None, "712", 1)), (None, None, (None, None, 0))],
)
def test_elsewhere_a_task_grows_by_as_much_as_is_missing(cpu: Any, memory: Any, grown: tuple[Any, Any, int]) -> None:
    """What it does not say has no bound."""
    task = _task(cpu, memory, ["EC2"])

    assert _grown(task, {"cpu": 256, "memory": 512}, {"cpu": 64, "memory": 200}) == grown


def test_a_task_that_is_to_stay_is_told_instead() -> None:
    """ECS will refuse it, with words that do not say which container was the one too many."""
    task = _task("256", "512", _FARGATE)
    [notice] = make_room(task, [{"memory": 512}], [{"memory": 512}, {"memory": 64}], resize=False)

    assert task == _task("256", "512", _FARGATE)
    assert notice == "the containers reserve 576 of the task's 512 MiB of memory: ECS refuses that"


def test_more_than_fargate_has_is_refused() -> None:
    """Rather than to make a definition that cannot be registered."""
    with pytest.raises(UsageError, match="Fargate has no larger task"):
        make_room(_task("16384", "122880", _FARGATE), [{"memory": 122_880}], [{"memory": 122_881}])


@given(st.integers(1, 16_384), st.integers(1, 122_880))
def test_every_size_is_one_that_fargate_has(cpu: int, memory: int) -> None:
    """As the lab knows them, too."""
    task = _task("256", "512", _FARGATE) | {"networkMode": "awsvpc", "containerDefinitions": []}
    make_room(task, [], [{"cpu": cpu, "memory": memory}])

    assert fargate_problem(task) is None
    assert int(task["cpu"]) >= cpu
    assert int(task["memory"]) >= memory
