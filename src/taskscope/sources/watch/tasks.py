"""The tasks of a cluster: those that run, and those that ECS still knows to have stopped."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

from taskscope.aws.watched import TASKS_LIMIT, Document, Watched
from taskscope.clock import Clock
from taskscope.sources.watch.known import Known, mark_of
from taskscope.sources.watch.outlet import Outlet, mapping
from taskscope.wire.eventbridge import polled


class Told(Protocol):
    """Who else wants to know of tasks."""

    def described(self, tasks: Sequence[Document]) -> None:
        """Take notice of tasks as they are described, changed or not."""

    def gone(self, arns: Iterable[str]) -> None:
        """Take notice of tasks that ECS does not know any more."""


_STOPPED: Final = "STOPPED"
_STOPPED_EVERY: Final = 3
"""Looks: one that was seen running is described when it is listed no more, so this list only adds short lives."""
_KEPT: Final = (
    "taskArn", "clusterArn", "taskDefinitionArn", "group", "launchType", "startedBy", "version",
    "createdAt", "startedAt",
)  # fmt: skip
"""What is remembered of a task that has not stopped, in case ECS forgets it before its end is seen."""
_FORGOTTEN: Final = "ECS no longer knows the task; how it ended was not seen"


class TasksLook:
    """Describes all tasks but those that were seen stopped: only a description tells whether a task has changed."""

    def __init__(self, aws: Watched, cluster_arn: str, outlet: Outlet, told: Told, clock: Clock) -> None:
        self._aws = aws
        self._clock = clock
        self._cluster = cluster_arn
        self._known = Known(outlet, f"tasks {cluster_arn}")
        self._told = told
        self._turn = 0
        self._settled: set[str] = set()
        """Described as stopped since the start of this process: by then their log streams are known as well."""

    def look(self) -> None:
        """Give away what is new."""
        running = self._aws.task_arns(self._cluster, "RUNNING")
        lists_stopped = self._turn % _STOPPED_EVERY == 0
        stopped = self._aws.task_arns(self._cluster, _STOPPED) if lists_stopped else []
        listed = dict.fromkeys([*running, *stopped])
        unseen = [arn for arn, mark in self._known.marks.items() if arn not in listed and _is_active(mark)]
        wanted = [*unseen, *(arn for arn in listed if arn not in self._settled)]
        found: set[str] = set()
        for start in range(0, len(wanted), TASKS_LIMIT):
            tasks = self._aws.tasks(self._cluster, wanted[start : start + TASKS_LIMIT])
            found.update(each["taskArn"] for each in tasks)
            self._take(tasks)
        lost = [arn for arn in unseen if arn not in found]
        self._forget(lost, set(self._known.marks) - listed.keys() - found if lists_stopped else set(lost))
        self._turn += 1

    def end(self) -> None:
        """Take all tasks for gone: the cluster is, which ECS deletes without tasks only."""
        self._forget([arn for arn, mark in self._known.marks.items() if _is_active(mark)], set(self._known.marks))

    def _take(self, tasks: Sequence[Document]) -> None:
        self._told.described(tasks)
        now = self._clock()
        marks = {each["taskArn"]: _mark(each, now) for each in tasks}
        fresh = [each for each in tasks if self._known.marks.get(each["taskArn"]) != marks[each["taskArn"]]]
        self._known.deliver([polled.task(each) for each in fresh], marks)
        self._settled.update(each["taskArn"] for each in tasks if each.get("lastStatus") == _STOPPED)

    def _forget(self, lost: Sequence[str], gone: set[str]) -> None:
        """Say of tasks whose end nobody saw that they are gone, and forget what ECS has forgotten."""
        if not gone:
            return
        now = self._clock()
        envelopes = [polled.task(_gone(self._known.marks[arn]), seen_ns=now) for arn in lost]
        self._told.gone(gone)
        self._known.deliver(envelopes, {}, forget=gone)
        self._settled -= gone


def _mark(task: Document, now: int) -> dict[str, Any]:
    if task.get("lastStatus") == _STOPPED:
        return {"mark": mark_of(task, 0)}
    mark = {"mark": mark_of(task, now)}
    return mark | {"task": {name: polled.plain(task[name]) for name in _KEPT if task.get(name) is not None}}


def _is_active(mark: Any) -> bool:
    return "task" in mapping(mark)


def _gone(mark: Mapping[str, Any]) -> Document:
    """Return what is left of a task, one version later: what EventBridge may have told of its end has a higher one."""
    task = mapping(mark["task"])
    return task | {
        "lastStatus": "DELETED",
        "desiredStatus": _STOPPED,
        "version": int(task.get("version", 0)) + 1,
        "stoppedReason": _FORGOTTEN,
    }
