"""The history of the task's ECS service, as far as it concerns the time of the task."""

from collections.abc import Iterator, Sequence

from taskscope.model.ecs import ServiceEvent, Task
from taskscope.model.timeline import Kind, TimelineEvent, Window


def service_events(events: Sequence[ServiceEvent], task: Task, windows: Sequence[Window]) -> Iterator[TimelineEvent]:
    """
    Yield the service's events inside any of the windows, bounds excluded, oldest first.

    An event that names the task is marked as its own. ``events`` come newest first.
    """
    for event in reversed(events):
        if any(window.encloses(event.created_at) for window in windows):
            yield TimelineEvent(event.created_at, Kind.SERVICE_EVENT, event.message, own=task.id in event.message)
