"""Which lines the table has: tasks in the order that was asked for, each with its containers unless it is folded."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from taskscope.model.resource_usage import LiveContainer, LiveTask, Usage, is_fresh
from taskscope.render.figures import age

_STOPPED: Final = frozenset({"DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED", "DELETED"})

Order: TypeAlias = tuple[float, float]


def _share(share: float | None, value: float | None) -> Order:
    """What has no limit comes after what has one."""
    return (-1.0 if share is None else share, -1.0 if value is None else float(value))


def _both(one: float | None, other: float | None) -> Order:
    return (-1.0 if one is None and other is None else (one or 0.0) + (other or 0.0), 0.0)


def _name(task: LiveTask) -> tuple[str, str, str]:
    return task.key.cluster, task.key.service or task.family, task.key.task


SORTS: Final[Mapping[str, Callable[[Usage, int | None], Order]]] = {
    "cpu": lambda usage, _: _share(usage.cpu_share, usage.cpu),
    "memory": lambda usage, _: _share(usage.memory_share, usage.memory_bytes),
    "network": lambda usage, _: _both(usage.network_rx, usage.network_tx),
    "storage": lambda usage, _: _both(usage.storage_read, usage.storage_write),
    "name": lambda _usage, _: (0.0, 0.0),
    "restarts": lambda _, restarts: (-1.0 if restarts is None else float(restarts), 0.0),
}
"""What tasks and their containers can be sorted by: the greatest first, equal ones by name."""


@dataclass(frozen=True, slots=True)
class Line:
    """A task, or one of its containers."""

    task: LiveTask
    container: LiveContainer | None = None
    is_folded: bool = False
    """A task whose containers are not shown."""

    @property
    def shown(self) -> LiveTask | LiveContainer:
        """What the line is of."""
        return self.container or self.task

    @property
    def identity(self) -> tuple[str, str]:
        """What the line is known by from one answer to the next."""
        return self.task.arn, self.container.name if self.container else ""


def lines(
    tasks: Sequence[LiveTask], *, now_ns: int, sort: str, text: str = "", folded: Collection[str] = ()
) -> Iterator[Line]:
    """
    Yield the lines of tasks that have a text in one of their names; ``folded`` are ARNs of tasks. Those that are not
    measured any more come last.

    Of a task that is found by the name of a container, the other containers are there as well.
    """
    of = SORTS[sort]

    def order(each: LiveTask | LiveContainer) -> tuple[float, float]:
        first, second = of(each.usage, each.restarts)
        return -first, -second

    for task in sorted(tasks, key=lambda each: (not is_live(each, now_ns), order(each), _name(each))):
        if not _has(task, text):
            continue
        is_folded = task.arn in folded
        yield Line(task, None, is_folded)
        if not is_folded:
            for container in sorted(task.containers, key=lambda each: (order(each), each.name)):
                yield Line(task, container)


def state(shown: LiveTask | LiveContainer, now_ns: int) -> str:
    """Return the state of a task or container: its last status, or how long ago it was last measured."""
    if shown.status in _STOPPED:
        return shown.status
    if not is_fresh(since := now_ns - shown.read_ns, shown.interval_ns):
        return f"stale {age(since)}"
    return shown.status or "RUNNING"


def is_live(shown: LiveTask | LiveContainer, now_ns: int) -> bool:
    """Whether what was measured counts for now."""
    return shown.status not in _STOPPED and is_fresh(now_ns - shown.read_ns, shown.interval_ns)


def _has(task: LiveTask, text: str) -> bool:
    part = text.casefold()
    names = (task.key.cluster, task.key.service, task.key.task, task.family, *(each.name for each in task.containers))
    return any(part in each.casefold() for each in names)
