"""A task's own story: its lifecycle, and how each container ended."""

from collections.abc import Iterator

from taskscope.model.ecs import Container, Task
from taskscope.model.timeline import Kind, TimelineEvent


def lifecycle(task: Task) -> Iterator[TimelineEvent]:
    """Yield a line for each time that ECS gives, and why the task was stopped."""
    for time, message in (
        (task.created_at or None, "Created"),
        (task.connected_at, "Connected"),
        (task.pull_started_at, "Pull started"),
        (task.pull_stopped_at, "Pull stopped"),
        (task.started_at, "Started"),
        (task.stopping_at, "Stopping"),
    ):
        if time is not None:
            yield TimelineEvent(time, Kind.LIFECYCLE, message)
    yield from _stop(task)
    for time, message in (
        (task.execution_stopped_at, "Execution stopped"),
        (task.stopped_at, "Stopped"),
    ):
        if time is not None:
            yield TimelineEvent(time, Kind.LIFECYCLE, message)


def _stop(task: Task) -> Iterator[TimelineEvent]:
    """Yield reason and code; ECS gives them no time: stoppingAt is right, but a task may never have come that far."""
    time = task.stopping_at or task.stopped_at or task.created_at
    inferred = task.stopping_at is None
    if task.stopped_reason:
        yield TimelineEvent(time, Kind.LIFECYCLE, f"StoppedReason:{task.stopped_reason}", inferred=inferred)
    if task.stop_code:
        yield TimelineEvent(time, Kind.LIFECYCLE, f"StoppedCode:{task.stop_code}", inferred=inferred)


def container_states(task: Task, *, now: int) -> Iterator[TimelineEvent]:
    """
    Yield the state of each container, in the order of DescribeTasks.

    ECS gives containers no times: the line stands where the task stopped, or at ``now`` while it runs.
    """
    for container in task.containers:
        yield TimelineEvent(
            task.stopped_at or now, Kind.CONTAINER_STATE, _state(container), container=container.name, inferred=True
        )


def _state(container: Container) -> str:
    code = "" if container.exit_code is None else f" (exit code: {container.exit_code})"
    reason = f" (reason: {container.reason})" if container.reason else ""
    return f"{container.last_status}{code}{reason}"
