"""The size of a task: what its containers reserve together, and the least size that holds it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from taskscope.errors import UsageError

_GIB: Final = 1024
_FARGATE: Final = {
    256: (512, 1024, 2048),
    512: range(1 * _GIB, 4 * _GIB + 1, _GIB),
    1024: range(2 * _GIB, 8 * _GIB + 1, _GIB),
    2048: range(4 * _GIB, 16 * _GIB + 1, _GIB),
    4096: range(8 * _GIB, 30 * _GIB + 1, _GIB),
    8192: range(16 * _GIB, 60 * _GIB + 1, 4 * _GIB),
    16384: range(32 * _GIB, 120 * _GIB + 1, 8 * _GIB),
}
"""MiB that Fargate has for each number of CPU units (RegisterTaskDefinition, ``memory``)."""
_SIZE: Final = re.compile(r"\s*(\d+|\d*\.\d+)\s*(vcpu|gb|)\s*", re.IGNORECASE)


class Size(NamedTuple):
    """Of a task, or of what its containers reserve."""

    cpu: int
    """Units, 1024 of a vCPU."""
    memory: int
    """MiB."""


_UNITS: Final = ("CPU units", "MiB of memory")


def make_room(
    task: dict[str, Any],
    before: Sequence[Mapping[str, Any]],
    after: Sequence[Mapping[str, Any]],
    *,
    resize: bool = True,
) -> list[str]:
    """
    Raise a task's ``cpu`` and ``memory`` where they were enough for the containers before, and are not afterwards.

    ECS refuses a task whose containers reserve more than it has. Returns what a person should know; without ``resize``
    that is all that is done.

    Raises:
        UsageError: Fargate has no task as large.
    """
    has = Size(_units(task.get("cpu")), _units(task.get("memory")))
    needed = Size(*(_wanted(*each) for each in zip(has, _reserved(before), _reserved(after), strict=True)))
    if needed == has:
        return []
    told = f"the containers reserve {_missing(needed, has)}"
    if not resize:
        return [f"{told}: ECS refuses that"]
    size = _least_on_fargate(needed) if "FARGATE" in (task.get("requiresCompatibilities") or ()) else needed
    if size is None:
        raise UsageError(f"{told}, and Fargate has no larger task", hint="give less --cpu or --memory, or --no-resize")
    for name, was, now in zip(Size._fields, has, size, strict=True):
        if was and now != was:
            task[name] = str(now)
    return [f"{told}: the task is raised to {_words(size)}"]


def _missing(needed: Size, has: Size) -> str:
    parts = zip(needed, has, _UNITS, strict=True)
    return " and ".join(f"{asked} of the task's {there} {unit}" for asked, there, unit in parts if asked > there)


def _words(size: Size) -> str:
    return " and ".join(f"{number} {unit}" for number, unit in zip(size, _UNITS, strict=True) if number)


def _wanted(has: int, before: int, after: int) -> int:
    """Return what the task should have; a task that does not say (0) has as much as there is."""
    return after if has and before <= has < after else has


def _units(value: Any) -> int:
    """Read ``256``, ``.25 vCPU`` or ``0.5 GB``; 0 where there is none, or nothing that can be read."""
    found = _SIZE.fullmatch(str(value))
    return round(float(found[1]) * (_GIB if found[2] else 1)) if found else 0


def _reserved(containers: Iterable[Mapping[str, Any]]) -> Size:
    """Return what ECS adds up: of memory the soft limit, else the hard one."""
    cpu = memory = 0
    for each in containers:
        cpu += _units(each.get("cpu"))
        memory += _units(each.get("memoryReservation")) or _units(each.get("memory"))
    return Size(cpu, memory)


def _least_on_fargate(needed: Size) -> Size | None:
    """Return the smallest task of Fargate that has this; the number of CPU units makes most of its price."""
    sizes = (Size(cpu, memory) for cpu, memories in _FARGATE.items() for memory in memories)
    return next((each for each in sizes if each.cpu >= needed.cpu and each.memory >= needed.memory), None)
