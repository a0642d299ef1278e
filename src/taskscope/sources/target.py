"""Which task is meant: an id, the beginning of one, an ARN or the address of a console page."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from taskscope.aws.ecs import Ecs
from taskscope.errors import AmbiguousError, NotFoundError, TaskscopeError, UsageError
from taskscope.model.ecs import Task, name_of

_ARN: Final = re.compile(r"arn:[\w-]+:ecs:(?P<region>[\w-]+):\d*:task/(?:(?P<cluster>[^/]+)/)?(?P<task>[\w-]+)")
_CLUSTER_ARN: Final = re.compile(r"arn:[\w-]+:ecs:(?P<region>[\w-]+):\d*:cluster/(?P<cluster>[^/]+)")
_CONSOLE: Final = re.compile(
    r"clusters/(?P<cluster>[^/?#]+)/(?:services/[^/]+/)?tasks/(?:(?P=cluster)/)?(?P<task>[\w-]+)"
)
_CONSOLE_REGION: Final = re.compile(r"[?&#]region=([\w-]+)|[/.]([a-z]{2,4}(?:-[a-z]+)+-\d)\.console\.")
"""In the query, or in the host, where an account may stand before it."""
_ID: Final = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SHOWN: Final = 5
"""Names that an error suggests at the most."""


@dataclass(frozen=True, slots=True)
class Target:
    """What the user named; what is None follows from settings, or is to be listed."""

    cluster: str | None = None
    task: str | None = None
    region: str | None = None


def parse(cluster: str | None, task: str | None) -> Target:
    """
    Read CLUSTER and TASK. A task's ARN or console address says its cluster by itself and may stand alone.

    Raises:
        UsageError: CLUSTER and TASK name different clusters, or an address is not that of a task.
    """
    if cluster == "" or task == "":
        raise UsageError("CLUSTER or TASK is empty", hint="is a variable of your script not set?")
    alone = task is None and cluster is not None and (":task/" in cluster or "://" in cluster)
    target = _parse_task(cluster if alone else task)
    if alone or cluster is None:
        return target
    found = _CLUSTER_ARN.fullmatch(cluster)
    name, region = (found["cluster"], found["region"]) if found else (cluster, None)
    if target.cluster not in {None, name}:
        raise UsageError(
            f"the task is of cluster {target.cluster}, not of {name}",
            hint="leave the cluster out, or name the other one",
        )
    return Target(name, target.task, region or target.region)


def _parse_task(text: str | None) -> Target:
    if text is None:
        return Target()
    if found := _ARN.fullmatch(text):
        return Target(found["cluster"], found["task"], found["region"])
    if "://" not in text:
        return Target(task=text)
    if not (found := _CONSOLE.search(text)):
        raise UsageError(f"{text} is not the address of a task", hint="copy it from the task's page of the ECS console")
    region = _CONSOLE_REGION.search(text)
    return Target(found["cluster"], found["task"], (region[1] or region[2]) if region else None)


def find_task(ecs: Ecs, cluster: str, task: str) -> Task:
    """
    Return the task of a full id, or the one whose id begins with ``task``.

    Raises:
        NotFoundError: The cluster or the task is not known; the message names the nearest.
        AmbiguousError: More than one id begins so; the message names them.
    """
    try:
        if _ID.fullmatch(task) and (found := ecs.tasks(cluster, [task])):
            return found[0]
        arns = list(ecs.task_arns(cluster))
    except NotFoundError:
        raise unknown_cluster(ecs, cluster) from None
    matching = [arn for arn in arns if name_of(arn).startswith(task)]
    if len(matching) > 1:
        raise AmbiguousError(
            f"{len(matching)} tasks of cluster {cluster} begin with {task}: {_some(matching)}",
            hint="give more of the id",
        )
    if matching and (found := ecs.tasks(cluster, matching)):
        return found[0]
    raise _unknown_task(cluster, task, [arn for arn in arns if arn not in matching])


def list_tasks(ecs: Ecs, cluster: str) -> list[Task]:
    """
    Return all tasks that ECS still knows in a cluster: those that live first, each group by its creation.

    Raises:
        NotFoundError: There is no such cluster; the message names the nearest.
    """
    try:
        tasks = ecs.tasks(cluster, list(ecs.task_arns(cluster)))
    except NotFoundError:
        raise unknown_cluster(ecs, cluster) from None
    return sorted(tasks, key=lambda task: (task.stopped, task.created_at))


def unknown_cluster(ecs: Ecs, cluster: str) -> NotFoundError:
    """Return the error for a cluster that does not exist, with the nearest names where they may be listed."""
    message = f"there is no cluster {cluster} in this account and region"
    try:
        names = ecs.clusters()
    except TaskscopeError:
        return NotFoundError(message, hint="check --region and --profile")
    if near := difflib.get_close_matches(cluster, names, n=_SHOWN, cutoff=0.5):
        return NotFoundError(message, hint=f"did you mean {' or '.join(near)}?")
    shown = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
    return NotFoundError(message, hint=f"there are: {shown}" if names else "there is none: check --region")


def _unknown_task(cluster: str, task: str, arns: Sequence[str]) -> NotFoundError:
    ids = [name_of(arn) for arn in arns]
    near = difflib.get_close_matches(task, ids, n=_SHOWN, cutoff=0.7)
    hint = f"did you mean {' or '.join(near)}?" if near else f"leave the task out to list the {len(ids)} that there are"
    return NotFoundError(
        f"ECS knows no task {task} in cluster {cluster}: the id is wrong,"
        " or the task stopped more than an hour ago, when ECS forgets it",
        hint=hint,
    )


def _some(arns: Sequence[str]) -> str:
    shown = ", ".join(sorted(name_of(arn) for arn in arns)[:_SHOWN])
    return f"{shown}, …" if len(arns) > _SHOWN else shown
