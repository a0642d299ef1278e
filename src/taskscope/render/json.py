"""The timeline as JSON: a documented schema (docs/output.md) that scripts may rely on."""

from datetime import tzinfo
from typing import Any

from taskscope.model.ecs import Container, Task, name_of
from taskscope.model.timeline import Kind, TimelineEvent, Window
from taskscope.render.times import iso


def event_document(event: TimelineEvent, *, zone: tzinfo | None = None) -> dict[str, Any]:
    """Return one event; members that say nothing are left out, so that a stream of log lines stays small."""
    document: dict[str, Any] = {
        "time": iso(event.time, zone),
        "source": event.source,
        "kind": event.kind.value,
        "message": event.message,
    }
    if event.container is not None:
        document["container"] = event.container
    if event.kind is Kind.SERVICE_EVENT:
        document["own"] = event.own
    if event.inferred:
        document["inferred"] = True
    if event.origin is not None:
        document["log_group"] = event.origin.group
        document["log_stream"] = event.origin.stream
    if event.ingested_at is not None:
        document["ingested"] = iso(event.ingested_at, zone)
    return document


def task_document(task: Task, *, zone: tzinfo | None = None) -> dict[str, Any]:
    """Return a task: every member is there, null where ECS says nothing."""

    def moment(instant: int | None) -> str | None:
        return None if instant is None else iso(instant, zone)

    return {
        "id": task.id,
        "arn": task.arn,
        "cluster": task.cluster,
        "definition": name_of(task.definition_arn),
        "group": task.group,
        "launch_type": task.launch_type,
        "last_status": task.last_status,
        "desired_status": task.desired_status,
        "created": moment(task.created_at),
        "connected": moment(task.connected_at),
        "pull_started": moment(task.pull_started_at),
        "pull_stopped": moment(task.pull_stopped_at),
        "started": moment(task.started_at),
        "stopping": moment(task.stopping_at),
        "execution_stopped": moment(task.execution_stopped_at),
        "stopped": moment(task.stopped_at),
        "stop_code": task.stop_code,
        "stopped_reason": task.stopped_reason,
        "containers": [_container(each) for each in task.containers],
    }


def _container(container: Container) -> dict[str, Any]:
    return {
        "name": container.name,
        "last_status": container.last_status,
        "exit_code": container.exit_code,
        "reason": container.reason,
        "health": container.health,
        "runtime_id": container.runtime_id,
    }


def window_document(window: Window | None, *, zone: tzinfo | None = None) -> dict[str, Any] | None:
    """Return a stretch of time; null stays null."""
    if window is None:
        return None
    return {"start": iso(window.start, zone), "end": None if window.end is None else iso(window.end, zone)}
