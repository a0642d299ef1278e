"""The service's history as far as it concerns the task."""

from taskscope.model.ecs import ServiceEvent, Task
from taskscope.model.timeline import Window
from taskscope.sources.service_events import service_events

TASK = Task("a/0123abcd", "a/c", "a/d:1", 1, "RUNNING", "RUNNING", group="service:web", started_by="ecs-svc/42")
WINDOWS = (Window(10, 20), Window(15, 30))


def _history(*times: int) -> list[ServiceEvent]:
    """Write events as ECS lists them: newest first."""
    return [ServiceEvent(str(time), time, f"event {time}") for time in sorted(times, reverse=True)]


def test_only_events_inside_a_window_are_told_bounds_excluded() -> None:
    """Rule 11: an event at a bound is outside."""
    found = service_events(_history(9, 10, 11, 29, 30, 31), TASK, WINDOWS)

    assert [each.time for each in found] == [11, 29]


def test_event_in_both_windows_is_told_once_and_oldest_comes_first() -> None:
    """Rule 12: overlapping windows double nothing; ECS's order is turned round."""
    assert [each.time for each in service_events(_history(16, 17, 18), TASK, WINDOWS)] == [16, 17, 18]


def test_events_that_name_the_task_are_its_own() -> None:
    """They are marked, so that the table and JSON forms can tell them apart."""
    messages = ["(task 0123abcd) started", "(deployment ecs-svc/42) completed", "(task ffff) started"]
    history = [ServiceEvent(str(number), 12, message) for number, message in enumerate(messages)]

    assert [each.own for each in reversed(list(service_events(history, TASK, WINDOWS)))] == [True, False, False]
