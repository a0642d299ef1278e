from collections.abc import Iterator
from typing import Any

from taskscope.lab.client.watch import is_steady, until, why_stopped


def test_the_end_of_a_task_is_told_in_one_line() -> None:
    """Code, reason, and each container with its exit code and reason."""
    task = {
        "stopCode": "EssentialContainerExited",
        "stoppedReason": "Essential container in task exited",
        "containers": [{"name": "app", "exitCode": 137, "reason": "OutOfMemoryError"}, {"name": "side"}],
    }

    assert why_stopped(task) == (
        "EssentialContainerExited: Essential container in task exited; "
        "app exit code 137 (OutOfMemoryError); side never started"
    )


def test_a_reason_is_not_told_twice() -> None:
    """A failed pull is the reason of the task and of its container."""
    reason = "CannotPullContainerError: no"
    task = {
        "stopCode": "TaskFailedToStart",
        "stoppedReason": reason,
        "containers": [{"name": "app", "reason": reason}],
    }

    assert why_stopped(task) == f"TaskFailedToStart: {reason}; app never started"


def service(*, running: int = 1, rollout: str = "COMPLETED", more: int = 0) -> dict[str, Any]:
    """Make a service that wants one task."""
    primary = {"status": "PRIMARY", "rolloutState": rollout}
    return {"runningCount": running, "desiredCount": 1, "deployments": [primary, *[{"status": "ACTIVE"}] * more]}


def test_a_service_is_steady_when_its_only_deployment_is_complete() -> None:
    """Neither missing tasks, nor an older deployment, nor one that goes on will do."""
    assert is_steady(service())
    assert not is_steady(service(running=0))
    assert not is_steady(service(more=1))
    assert not is_steady(service(rollout="IN_PROGRESS"))


def test_until_asks_again() -> None:
    """It ends with the first yes."""
    answers: Iterator[bool] = iter([False, False, True])

    assert until(lambda: next(answers), pause=0.001)
    assert next(answers, None) is None


def test_until_gives_up_after_its_time() -> None:
    """No is the answer then."""
    assert not until(lambda: False, at_most=0.01, pause=0.001)
