"""Clusters, ECS services and tasks: of each the newest version that was heard of."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from taskscope.clock import from_datetime
from taskscope.errors import NotFoundError, UsageError
from taskscope.model.ecs import name_of
from taskscope.model.inventory import (
    ClusterEntry,
    ClusterPage,
    ContainerEntry,
    EcsServiceEntry,
    EcsServicePage,
    TaskEntry,
    TaskPage,
)
from taskscope.store.api import Reader

_NEWEST: Final = "ORDER BY Version DESC, IngestedAt DESC LIMIT 1 BY Arn"
"""Of one version there may be two: EventBridge tells it, and a poll adds the health of its containers."""
_CLUSTERS: Final = f"""
WITH
    tasks AS (SELECT ClusterArn, Account, Region, Name, Time FROM ecs_tasks {_NEWEST}),
    services AS (SELECT ClusterArn, Account, Region, Name, Time FROM ecs_services {_NEWEST}),
    clusters AS (SELECT ClusterArn, Account, Region, Name, Time FROM ecs_clusters {_NEWEST})
SELECT ClusterArn, any(Account), any(Region), countIf(kind = 'service' AND Name != 'INACTIVE'),
    countIf(kind = 'task' AND Name = 'RUNNING'),
    countIf(kind = 'task' AND Name IN ('PROVISIONING', 'PENDING', 'ACTIVATING')),
    countIf(kind = 'task' AND Name IN ('STOPPED', 'DELETED')),
    toUnixTimestamp64Nano(max(Time))
FROM (
    SELECT *, 'task' AS kind FROM tasks
    UNION ALL SELECT *, 'service' FROM services
    UNION ALL SELECT *, 'cluster' FROM clusters)
WHERE ClusterArn > {{after:String}}
GROUP BY ClusterArn ORDER BY ClusterArn LIMIT {{limit:UInt32}}
"""  # noqa: S608 (constants)
_SERVICES: Final = """
SELECT Arn, ClusterArn, Document, toUnixTimestamp64Nano(Time)
FROM (SELECT * FROM ecs_services WHERE Arn > {after:String} ORDER BY Version DESC, IngestedAt DESC LIMIT 1 BY Arn)
WHERE {cluster:String} = '' OR ClusterArn = {cluster:String} OR splitByChar('/', ClusterArn)[-1] = {cluster:String}
ORDER BY Arn LIMIT {limit:UInt32}
"""
_TASKS: Final = """
SELECT Arn, ClusterArn, ServiceArn, Name, Document, toUnixTimestamp64Nano(Time) AS changed
FROM (SELECT * FROM ecs_tasks ORDER BY Version DESC, IngestedAt DESC LIMIT 1 BY Arn)
WHERE ({cluster:String} = '' OR ClusterArn = {cluster:String} OR splitByChar('/', ClusterArn)[-1] = {cluster:String})
    AND ({service:String} = '' OR ServiceArn = {service:String} OR splitByChar('/', ServiceArn)[-1] = {service:String}
        OR JSONExtractString(Document, 'group') = concat('service:', {service:String}))
    AND ({status:String} = '' OR Name = upper({status:String}))
    AND (changed, Arn) < ({changed:Int64}, {after:String})
ORDER BY changed DESC, Arn DESC LIMIT {limit:UInt32}
"""
_TASK: Final = """
SELECT Arn, ClusterArn, ServiceArn, Name, Document, toUnixTimestamp64Nano(Time)
FROM ecs_tasks WHERE Arn = {task:String} OR endsWith(Arn, concat('/', {task:String}))
ORDER BY Version DESC, IngestedAt DESC LIMIT 1 BY Arn LIMIT 2
"""
_LAST: Final = (1 << 63) - 1


def list_clusters(reader: Reader, *, limit: int = 100, cursor: str = "") -> ClusterPage:
    """Return the clusters that tasks or services were heard of."""
    rows = reader.query(_CLUSTERS, {"after": cursor, "limit": limit + 1}).rows
    entries = tuple(ClusterEntry(arn, name_of(arn), *rest) for arn, *rest in rows[:limit])
    return ClusterPage(entries, entries[-1].arn if len(rows) > limit else "")


def list_services(reader: Reader, *, cluster: str = "", limit: int = 100, cursor: str = "") -> EcsServicePage:
    """Return ECS services, of one cluster (name or ARN) or of all."""
    rows = reader.query(_SERVICES, {"cluster": cluster, "after": cursor, "limit": limit + 1}).rows
    entries = tuple(_service(*row) for row in rows[:limit])
    return EcsServicePage(entries, entries[-1].arn if len(rows) > limit else "")


def list_tasks(
    reader: Reader, *, cluster: str = "", service: str = "", status: str = "", limit: int = 100, cursor: str = ""
) -> TaskPage:
    """
    Return tasks, those that changed last first; cluster and service by name or ARN.

    Raises:
        UsageError: The cursor is none of ours.
    """
    changed, after = _place(cursor)
    parameters = {"cluster": cluster, "service": service, "status": status, "changed": changed, "after": after}
    rows = reader.query(_TASKS, {**parameters, "limit": limit + 1}).rows
    entries = tuple(_task(*row, whole=False) for row in rows[:limit])
    return TaskPage(entries, f"{entries[-1].changed_ns}:{entries[-1].arn}" if len(rows) > limit else "")


def find_task(reader: Reader, task: str) -> TaskEntry:
    """
    Return a task by its id or ARN, with all that ECS said of it.

    Raises:
        NotFoundError: Nothing was heard of it.
    """
    rows = reader.query(_TASK, {"task": task}).rows
    if not rows:
        raise NotFoundError(f"nothing was heard of a task {task[:200]!r}")
    return _task(*rows[0], whole=True)


def _place(cursor: str) -> tuple[int, str]:
    if not cursor:
        return _LAST, "~"
    changed, _, arn = cursor.partition(":")
    if not (changed.isascii() and changed.isdigit() and len(changed) < 20 and int(changed) <= _LAST and arn):  # noqa: PLR2004 (digits of 2**63)
        raise UsageError(f"{cursor[:80]!r} is no cursor of this list")
    return int(changed), arn


def _service(arn: str, cluster_arn: str, text: str, changed_ns: int) -> EcsServiceEntry:
    document = _read(text)
    return EcsServiceEntry(
        arn=arn,
        name=_text(document, "serviceName") or name_of(arn),
        cluster_arn=cluster_arn,
        status=_text(document, "status"),
        desired_count=_count(document, "desiredCount"),
        running_count=_count(document, "runningCount"),
        pending_count=_count(document, "pendingCount"),
        task_definition=_text(document, "taskDefinition"),
        launch_type=_text(document, "launchType"),
        changed_ns=changed_ns,
    )


def _task(
    arn: str, cluster_arn: str, service_arn: str, status: str, text: str, changed_ns: int, *, whole: bool
) -> TaskEntry:
    document = _read(text)
    containers = document.get("containers")
    return TaskEntry(
        arn=arn,
        id=name_of(arn),
        cluster_arn=cluster_arn,
        service_arn=service_arn,
        group=_text(document, "group"),
        last_status=status,
        desired_status=_text(document, "desiredStatus"),
        task_definition=_text(document, "taskDefinitionArn"),
        launch_type=_text(document, "launchType"),
        changed_ns=changed_ns,
        started_ns=_time(document, "startedAt"),
        stopped_ns=_time(document, "stoppedAt"),
        stop_code=_text(document, "stopCode"),
        stopped_reason=_text(document, "stoppedReason"),
        containers=tuple(_container(each) for each in containers) if isinstance(containers, list) else (),
        document=document if whole else {},
    )


def _container(document: Mapping[str, Any]) -> ContainerEntry:
    code = document.get("exitCode")
    return ContainerEntry(
        name=_text(document, "name"),
        last_status=_text(document, "lastStatus"),
        health=_text(document, "healthStatus"),
        reason=_text(document, "reason"),
        exit_code=code if isinstance(code, int) else None,
    )


def _read(text: str) -> dict[str, Any]:
    document = json.loads(text or "{}")
    return document if isinstance(document, dict) else {}


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    return value if isinstance(value, str) else ""


def _count(document: Mapping[str, Any], name: str) -> int:
    value = document.get(name)
    return value if isinstance(value, int) else 0


def _time(document: Mapping[str, Any], name: str) -> int:
    """Read a time as EventBridge writes it; 0 where there is none that reads."""
    try:
        return from_datetime(datetime.fromisoformat(_text(document, name)))
    except (ValueError, TypeError):
        return 0
