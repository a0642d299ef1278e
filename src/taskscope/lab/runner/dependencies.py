"""``dependsOn`` of a task's containers: what waits for what, when it is met, and the order of stopping. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias

from taskscope.lab.runner.failures import StartFailure

Definition: TypeAlias = Mapping[str, Any]


class Condition(Enum):
    """What a container waits for in another one (ECS API, ContainerDependency)."""

    START = "START"
    COMPLETE = "COMPLETE"
    SUCCESS = "SUCCESS"
    HEALTHY = "HEALTHY"


class Verdict(Enum):
    """Whether a dependency is met."""

    MET = "met"
    WAITING = "waiting"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True)
class Dependency:
    """One entry of a container's ``dependsOn``."""

    container: str
    condition: Condition


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a container has come, as far as others wait for it."""

    started: bool = False
    ended: bool = False
    exit_code: int | None = None
    healthy: bool = False


def judge(condition: Condition, progress: Progress) -> Verdict:
    """Say whether a condition is met, still possible, or can never be met any more."""
    succeeded = progress.ended and progress.exit_code == 0
    met = {
        Condition.START: progress.started,
        Condition.COMPLETE: progress.ended and progress.started,
        Condition.SUCCESS: succeeded,
        Condition.HEALTHY: progress.healthy and not progress.ended,
    }[condition]
    if met:
        return Verdict.MET
    return Verdict.IMPOSSIBLE if progress.ended else Verdict.WAITING


def dependencies(definitions: Sequence[Definition]) -> dict[str, list[Dependency]]:
    """
    Read the ``dependsOn`` of every container definition.

    Raises:
        StartFailure: A container waits for one that does not exist, for HEALTHY of one without a health check,
            or the dependencies form a circle.
    """
    by_name = {definition["name"]: definition for definition in definitions}
    found = {name: [_read(name, entry, by_name) for entry in d.get("dependsOn") or []] for name, d in by_name.items()}
    if circle := _circle(found):
        raise unresolved(f"{' waits for '.join(circle)}: a circle")
    return found


def unresolved(detail: str) -> StartFailure:
    """Return the failure of a task whose dependencies cannot be resolved."""
    return StartFailure(f"TaskDependencyError: Task dependencies cannot be resolved: {detail}")


def dependents(found: Mapping[str, Sequence[Dependency]]) -> dict[str, list[str]]:
    """Return for each container those that wait for it: they are stopped before it."""
    return {name: [other for other, deps in found.items() if any(d.container == name for d in deps)] for name in found}


def start_order(found: Mapping[str, Sequence[Dependency]]) -> list[str]:
    """Return the containers so that each one comes after those that it waits for; otherwise in their order."""
    order: list[str] = []

    def visit(name: str) -> None:
        if name not in order:
            for dependency in found[name]:
                visit(dependency.container)
            order.append(name)

    for name in found:
        visit(name)
    return order


def _read(name: str, entry: Definition, by_name: Mapping[str, Definition]) -> Dependency:
    target = entry.get("containerName", "")
    if target not in by_name:
        raise unresolved(f"{name} waits for {target!r}, which is no container of the task")
    try:
        condition = Condition(entry.get("condition"))
    except ValueError:
        raise unresolved(f"{name} waits for {target} to be {entry.get('condition')!r}, which is no condition") from None
    if condition is Condition.HEALTHY and not by_name[target].get("healthCheck"):
        raise unresolved(f"{name} waits for {target} to be HEALTHY, which has no health check")
    return Dependency(target, condition)


def _circle(found: Mapping[str, Sequence[Dependency]]) -> list[str]:
    """Return the names along one circle, or nothing."""
    done: set[str] = set()

    def walk(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name not in done:
            for dependency in found[name]:
                if circle := walk(dependency.container, [*path, name]):
                    return circle
            done.add(name)
        return []

    return next((circle for name in found if (circle := walk(name, []))), [])
