from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from taskscope.lab.ecs.plan import Limits, Plan, limits, plan
from taskscope.lab.ecs.state import TaskRecord


def tasks(running: int, pending: int = 0) -> list[TaskRecord]:
    """Make tasks, running ones first."""
    return [
        TaskRecord({"taskArn": f"task/{number}", "lastStatus": "RUNNING" if number < running else "PENDING"}, {})
        for number in range(running + pending)
    ]


def runs(task: TaskRecord) -> bool:
    """Whether a task counts as healthy here."""
    return task.status == "RUNNING"


def step(allowed: Limits, primary: list[TaskRecord], old: list[TaskRecord], *, frozen: bool = False) -> Plan:
    """Plan with RUNNING as the whole of health."""
    return plan(allowed, primary, old, good=runs, frozen=frozen)


def test_the_lower_limit_rounds_up_and_the_upper_down() -> None:
    """With 5 tasks 50 % are 3 that must stay, 150 % are 7 that may be."""
    assert limits(5, {"minimumHealthyPercent": 50, "maximumPercent": 150}) == Limits(5, 3, 7)


def test_missing_tasks_are_started() -> None:
    """Three desired, one there."""
    assert step(Limits(3, 3, 6), tasks(1), []).start == 2


def test_scale_in_stops_what_does_not_run_yet_first() -> None:
    """The pending task is the smallest loss, then the newest running one."""
    stopped = step(Limits(1, 1, 2), tasks(2, 1), []).stop
    assert [task.arn for task in stopped] == ["task/2", "task/1"]


def test_old_tasks_stay_until_their_replacements_run() -> None:
    """100/200: all new ones start at once, no old one goes before a new one runs."""
    begun = step(Limits(2, 2, 4), [], tasks(2))
    assert (begun.start, begun.stop) == (2, [])
    half = step(Limits(2, 2, 4), tasks(1, 1), tasks(2))
    assert (half.start, len(half.stop)) == (0, 1)


def test_old_tasks_make_room_where_there_is_none() -> None:
    """50/100: half of the old ones go first."""
    begun = step(Limits(4, 2, 4), [], tasks(4))
    assert (begun.start, len(begun.stop)) == (0, 2)
    assert step(Limits(4, 2, 4), [], tasks(2)).start == 2


def test_percentages_without_room_block_the_deployment() -> None:
    """100/150 of one task: nothing may start and nothing may stop."""
    assert step(Limits(1, 1, 1), [], tasks(1)).blocked
    assert not step(Limits(1, 1, 1), tasks(1), []).blocked


def test_frozen_starts_nothing_and_makes_no_room() -> None:
    """During a backoff the old tasks stay."""
    assert step(Limits(4, 2, 4), [], tasks(4), frozen=True) == Plan(0, [])


@given(
    desired=st.integers(0, 8),
    least=st.integers(0, 100),
    most=st.integers(100, 300),
    new=st.tuples(st.integers(0, 8), st.integers(0, 8)),
    old=st.tuples(st.integers(0, 8), st.integers(0, 8)),
)
def test_no_step_breaks_a_limit(desired: int, least: int, most: int, new: Any, old: Any) -> None:
    """Never more tasks than allowed by starting, and no running task below the minimum goes for a deployment."""
    allowed = limits(desired, {"minimumHealthyPercent": least, "maximumPercent": most})
    primary, others = tasks(*new), tasks(*old)
    found = step(allowed, primary, others)
    assert found.start >= 0
    assert not found.start or found.start + len(primary) + len(others) <= allowed.most
    left = sum(map(runs, [*primary, *others])) - sum(map(runs, found.stop))
    assert left >= min(allowed.least, sum(map(runs, [*primary, *others])))


@given(
    desired=st.integers(1, 6),
    least=st.integers(0, 100),
    most=st.integers(100, 300),
    old=st.integers(0, 6),
)
def test_every_deployment_ends_or_is_blocked(desired: int, least: int, most: int, old: int) -> None:
    """Step by step, with each new task running before the next step, only new tasks are left."""
    allowed = limits(desired, {"minimumHealthyPercent": least, "maximumPercent": most})
    primary, others = 0, old
    for _ in range(40):
        found = step(allowed, tasks(primary), tasks(others))
        if found.blocked:
            assert least > 0
            return
        if not found.start and not found.stop:
            break
        gone = len(found.stop)
        excess = max(0, primary - desired)
        primary, others = primary - excess + found.start, others - (gone - excess)
    assert (primary, others) == (desired, 0)
