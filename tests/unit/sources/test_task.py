"""A task's own lines."""

from taskscope.model.ecs import Container, Task
from taskscope.model.timeline import Kind, TimelineEvent
from taskscope.sources.task import container_states, lifecycle

TASK = Task(
    "a/t", "a/c", "a/d:1", 1, "STOPPED", "STOPPED",
    connected_at=2, pull_started_at=3, pull_stopped_at=4, started_at=5, stopping_at=6, execution_stopped_at=7,
    stopped_at=8, stop_code="UserInitiated", stopped_reason="Scaling activity",
    containers=(Container("web", "STOPPED", exit_code=0), Container("proxy", "STOPPED", reason="OOM")),
)  # fmt: skip


def test_every_time_gives_its_line_and_stopping_gives_reason_and_code() -> None:
    """Rules 5 and 6: eight names, with reason and code after Stopping, at its time."""
    assert [(each.time, each.message) for each in lifecycle(TASK)] == [
        (1, "Created"),
        (2, "Connected"),
        (3, "Pull started"),
        (4, "Pull stopped"),
        (5, "Started"),
        (6, "Stopping"),
        (6, "StoppedReason:Scaling activity"),
        (6, "StoppedCode:UserInitiated"),
        (7, "Execution stopped"),
        (8, "Stopped"),
    ]
    assert {each.source for each in lifecycle(TASK)} == {"TASK"}
    assert not any(each.inferred for each in lifecycle(TASK))


def test_missing_time_gives_no_line() -> None:
    """Rule 5: a task that was only created has one line; one without any time has none."""
    assert [each.message for each in lifecycle(Task("a/t", "a/c", "a/d:1", 1, "PENDING", "RUNNING"))] == ["Created"]
    assert list(lifecycle(Task("a/t", "a/c", "a/d:1", 0, "PENDING", "RUNNING"))) == []


def test_reason_without_stopping_at_stands_at_the_end() -> None:
    """Where ECS gives no stoppingAt the reason is still told, and its time is said to be inferred."""
    task = Task("a/t", "a/c", "a/d:1", 1, "STOPPED", "STOPPED", stopped_at=8, stopped_reason="it broke")

    assert TimelineEvent(8, Kind.LIFECYCLE, "StoppedReason:it broke", inferred=True) in list(lifecycle(task))


def test_containers_end_with_exit_code_and_reason_where_there_are() -> None:
    """Rule 9: status, exit code and reason, in the order of DescribeTasks, at stoppedAt."""
    assert [(each.time, each.source, each.message) for each in container_states(TASK, now=99)] == [
        (8, "CONTAINER:web", "STOPPED (exit code: 0)"),
        (8, "CONTAINER:proxy", "STOPPED (reason: OOM)"),
    ]


def test_container_of_a_running_task_stands_at_the_clock() -> None:
    """Rule 9: while the task runs its containers' lines have the time of the report."""
    both = Container("web", "STOPPED", exit_code=137, reason="OutOfMemoryError: killed")
    task = Task("a/t", "a/c", "a/d:1", 1, "RUNNING", "RUNNING", containers=(both,))

    [state] = container_states(task, now=99)

    assert (state.time, state.inferred) == (99, True)
    assert state.message == "STOPPED (exit code: 137) (reason: OutOfMemoryError: killed)"
