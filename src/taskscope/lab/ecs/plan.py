"""What the service scheduler does next, as a pure function: how many tasks to start, which ones to stop."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from taskscope.lab.ecs.state import TaskRecord
from taskscope.lab.gateway.service import Document


@dataclass(frozen=True, slots=True)
class Limits:
    """How many tasks are desired, how many healthy ones must stay, how many there may be at once."""

    desired: int
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The next step."""

    start: int
    stop: list[TaskRecord]
    blocked: bool = False
    """The percentages leave no room for any step."""


def limits(desired: int, configuration: Document) -> Limits:
    """Limits of a rolling update: ``minimumHealthyPercent`` rounds up, ``maximumPercent`` rounds down."""
    least = -(-desired * int(configuration.get("minimumHealthyPercent", 100)) // 100)
    return Limits(desired, least, desired * int(configuration.get("maximumPercent", 200)) // 100)


def plan(
    allowed: Limits,
    primary: Sequence[TaskRecord],
    old: Sequence[TaskRecord],
    *,
    good: Callable[[TaskRecord], bool],
    frozen: bool,
) -> Plan:
    """
    Plan the next step for the tasks that are meant to run: those of the PRIMARY deployment and all older ones.

    An old task is stopped when its replacement is healthy, or to make room where ``most`` leaves none, but never so
    that fewer than ``least`` healthy ones are left. Old tasks that do not run go first, at once.
    ``good`` tells whether a new task is healthy; ``frozen``: nothing may be started now (backoff, failed deployment).
    """
    excess = max(0, len(primary) - allowed.desired)
    missing = max(0, allowed.desired - len(primary))
    room = max(0, allowed.most - len(primary) - len(old))
    start = 0 if frozen else min(missing, room)
    running_old = [task for task in old if task.status == "RUNNING"]
    healthy = len(running_old) + sum(map(good, primary))
    replaced, shortage = healthy - allowed.desired, 0 if frozen else missing - start
    leaving = max(0, min(healthy - allowed.least, max(replaced, shortage)))
    stop = [task for task in old if task.status != "RUNNING"] + running_old[:leaving]
    # Those that are not healthy yet are the smallest loss, then the newest.
    newest_first = list(reversed(primary))
    stop += sorted(newest_first, key=good)[:excess]
    waiting = any(not good(task) for task in primary)
    return Plan(start, stop, blocked=bool(shortage and not start and not stop and not waiting))
