"""``dependsOn``: conditions, mistakes and orders."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.lab.runner.dependencies import (
    Condition,
    Progress,
    Verdict,
    dependencies,
    dependents,
    judge,
    start_order,
)
from taskscope.lab.runner.failures import StartFailure

CHECK = {"command": ["CMD", "true"]}


def defined(name: str, *waits: tuple[str, str], **members: Any) -> dict[str, Any]:
    """Return a container definition with its dependencies."""
    return {"name": name, "dependsOn": [{"containerName": on, "condition": how} for on, how in waits], **members}


@pytest.mark.parametrize(
    ("condition", "progress", "verdict"),
    [
        (Condition.START, Progress(), Verdict.WAITING),
        (Condition.START, Progress(started=True), Verdict.MET),
        (Condition.START, Progress(started=True, ended=True, exit_code=1), Verdict.MET),
        (Condition.START, Progress(ended=True), Verdict.IMPOSSIBLE),
        (Condition.COMPLETE, Progress(started=True), Verdict.WAITING),
        (Condition.COMPLETE, Progress(started=True, ended=True, exit_code=3), Verdict.MET),
        (Condition.COMPLETE, Progress(ended=True), Verdict.IMPOSSIBLE),
        (Condition.SUCCESS, Progress(started=True, ended=True, exit_code=0), Verdict.MET),
        (Condition.SUCCESS, Progress(started=True, ended=True, exit_code=3), Verdict.IMPOSSIBLE),
        (Condition.HEALTHY, Progress(started=True), Verdict.WAITING),
        (Condition.HEALTHY, Progress(started=True, healthy=True), Verdict.MET),
        (Condition.HEALTHY, Progress(started=True, ended=True, healthy=True), Verdict.IMPOSSIBLE),
    ],
)
def test_a_condition_is_met_waiting_or_impossible(condition: Condition, progress: Progress, verdict: Verdict) -> None:
    """Each condition asks for its own progress, and can never be met once its container has ended without it."""
    assert judge(condition, progress) is verdict


@pytest.mark.parametrize(
    ("definitions", "words"),
    [
        ([defined("app", ("db", "START"))], "no container"),
        ([defined("app", ("db", "SOON")), defined("db")], "no condition"),
        ([defined("app", ("db", "HEALTHY")), defined("db")], "no health check"),
        ([defined("app", ("app", "START"))], "app waits for app"),
        ([defined("a", ("b", "START")), defined("b", ("c", "START")), defined("c", ("a", "START"))], "circle"),
    ],
)
def test_dependencies_that_cannot_be_resolved_fail_the_task(definitions: list[dict[str, Any]], words: str) -> None:
    """The reason names the containers."""
    with pytest.raises(StartFailure, match=words) as caught:
        dependencies(definitions)

    assert caught.value.reason.startswith("TaskDependencyError: ")


@st.composite
def acyclic(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Containers that wait only for earlier ones, in any order."""
    count = draw(st.integers(1, 7))
    made = []
    for index in range(count):
        targets = draw(st.sets(st.integers(0, index - 1))) if index else set()
        conditions = st.sampled_from([condition.value for condition in Condition])
        made.append(defined(f"c{index}", *((f"c{t}", draw(conditions)) for t in sorted(targets)), healthCheck=CHECK))
    return draw(st.permutations(made))


@given(acyclic())
def test_each_container_starts_after_those_that_it_waits_for(definitions: list[dict[str, Any]]) -> None:
    """The order holds every container once, each after its dependencies."""
    found = dependencies(definitions)

    order = start_order(found)

    assert sorted(order) == sorted(found)
    assert all(order.index(dep.container) < order.index(name) for name, deps in found.items() for dep in deps)


@given(acyclic())
def test_dependents_are_the_dependencies_turned_around(definitions: list[dict[str, Any]]) -> None:
    """Who waits for a container is stopped before it."""
    found = dependencies(definitions)

    turned = {(dep.container, name) for name, deps in found.items() for dep in deps}

    assert {(name, other) for name, others in dependents(found).items() for other in others} == turned
