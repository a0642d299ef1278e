"""Which lines there are, in which order, and what state they are in."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from taskscope.clock import SECOND
from taskscope.model.resource_usage import Level, LiveContainer, LiveTask, ResourceKey, Usage
from taskscope.render.top.lines import SORTS, is_live, lines, state

_NOW = 1_790_000_000 * SECOND


def task(
    name: str,
    *,
    seconds: int = 5,
    status: str = "RUNNING",
    containers: tuple[str, ...] = (),
    usage: Mapping[str, float] | None = None,
) -> LiveTask:
    """Return a task that was measured some seconds ago."""
    read = _NOW - seconds * SECOND
    return LiveTask(
        ResourceKey(Level.TASK, "shop", name, f"{name}-id"),
        f"arn:{name}",
        Usage(**(usage or {})),  # type: ignore[arg-type]  # figures of tests
        status,
        restarts=int((usage or {}).get("cpu", 0)),
        read_ns=read,
        containers=tuple(LiveContainer(each, Usage(cpu=len(each)), read_ns=read) for each in containers),
    )


def _names(*tasks: LiveTask, sort: str = "name", text: str = "", folded: tuple[str, ...] = ()) -> list[str]:
    found = lines(tasks, now_ns=_NOW, sort=sort, text=text, folded=folded)
    return [each.container.name if each.container else each.task.key.service for each in found]


@pytest.mark.parametrize(
    ("sort", "more"),
    [
        ("cpu", {"cpu": 1, "cpu_share": 0.5}),
        ("memory", {"memory_bytes": 9, "memory_share": 0.5}),
        ("network", {"network_tx": 9}),
        ("storage", {"storage_read": 9}),
        ("restarts", {"cpu": 4}),
    ],
)
def test_the_greatest_is_first(sort: str, more: dict[str, float]) -> None:
    """What is not known is last."""
    assert _names(task("a"), task("b", usage=more), task("c"), sort=sort) == ["b", "a", "c"]
    assert sort in SORTS


def test_what_is_not_measured_any_more_is_last() -> None:
    """However much it used."""
    stopped = task("b", status="STOPPED", usage={"cpu_share": 1})
    assert _names(task("a", seconds=99, usage={"cpu_share": 0.9}), stopped, task("c"), sort="cpu") == ["c", "b", "a"]


def test_containers_follow_their_task_unless_it_is_folded() -> None:
    """In the same order as tasks."""
    several = task("web", containers=("app", "envoy"))
    assert _names(several, sort="cpu") == ["web", "envoy", "app"]
    assert _names(several, sort="name") == ["web", "app", "envoy"]
    assert _names(several, folded=("arn:web",)) == ["web"]


@pytest.mark.parametrize(
    ("text", "found"), [("WEB", True), ("env", True), ("shop", True), ("b-id", True), ("x", False)]
)
def test_a_text_is_looked_for_in_every_name(text: str, found: bool) -> None:  # noqa: FBT001 (of the table)
    """Of cluster, service, task and containers."""
    assert bool(_names(task("web", containers=("envoy",)), text=text)) == found


@pytest.mark.parametrize(
    ("seconds", "status", "expected"),
    [
        (5, "RUNNING", "RUNNING"),
        (5, "", "RUNNING"),
        (130, "RUNNING", "stale 2m"),
        (5, "STOPPED", "STOPPED"),
        (5, "PENDING", "PENDING"),
    ],
)
def test_a_state_is_what_is_true_now(seconds: int, status: str, expected: str) -> None:
    """What was last heard of counts only as long as it is measured; what stopped, stopped."""
    assert state(task("web", seconds=seconds, status=status), _NOW) == expected


def test_what_is_read_seldom_is_stale_later() -> None:
    """After three of its intervals."""
    seldom = replace(task("web", seconds=130, status="RUNNING"), interval_ns=60 * SECOND)

    assert state(seldom, _NOW) == "RUNNING"
    assert is_live(seldom, _NOW)
    assert state(seldom, _NOW + 60 * SECOND) == "stale 3m"
