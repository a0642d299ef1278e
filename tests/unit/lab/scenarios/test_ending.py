from typing import Any

from taskscope.lab.scenarios.ending import fits, unmet
from taskscope.lab.scenarios.scenario import Ending

KILLED = {
    "lastStatus": "STOPPED",
    "stopCode": "EssentialContainerExited",
    "stoppedReason": "Essential container in task exited",
    "containers": [{"name": "app", "exitCode": 137}],
}
RUNNING = {"lastStatus": "RUNNING", "healthStatus": "UNKNOWN", "containers": [{"name": "app"}]}


def service(*messages: str, definition: str = "d:1", rollout: str = "COMPLETED") -> dict[str, Any]:
    """Make a service with events and one deployment."""
    return {
        "events": [{"message": message} for message in messages],
        "deployments": [{"status": "PRIMARY", "taskDefinition": definition, "rolloutState": rollout}],
    }


def missing(ending: Ending, *tasks: dict[str, Any], of: dict[str, Any] | None = None) -> list[str]:
    """Return what is missing, with ``d:1`` as the first definition."""
    return unmet(ending, tasks=tasks, service=of, first_definition="d:1")


def test_a_stopped_task_fits_by_code_reason_and_exit_codes() -> None:
    """All that the ending names must be so; the case of the reason does not matter."""
    ending = Ending(stop_code="EssentialContainerExited", reason="essential container", exit_codes={"app": [1, 137]})

    assert fits(ending, KILLED)
    assert not fits(ending, RUNNING)
    assert not fits(ending, KILLED | {"stopCode": "UserInitiated"})
    assert not fits(ending, KILLED | {"stoppedReason": "x"})
    assert not fits(ending, KILLED | {"containers": [{"name": "app", "exitCode": 0}]})


def test_stopped_tasks_are_counted() -> None:
    """As long as too few have stopped the ending says how many there are."""
    assert missing(Ending(stopped=2), KILLED) == ["2 stopped as expected, now 1"]
    assert missing(Ending(stopped=2), KILLED, KILLED) == []


def test_running_tasks_must_be_there_and_healthy() -> None:
    """Health counts only where the ending asks for it."""
    assert missing(Ending(running=1), RUNNING) == []
    assert missing(Ending(running=2), RUNNING) == ["2 running, now 1"]
    assert missing(Ending(running=1, healthy=True), RUNNING) == ["all of them HEALTHY, 1 not yet"]
    assert missing(Ending(running=1, healthy=True), RUNNING | {"healthStatus": "HEALTHY"}) == []


def test_events_are_looked_for_by_a_part_of_their_text() -> None:
    """The wording around the part may differ."""
    ending = Ending(events=("steady", "rolling back"))

    assert missing(ending, of=service("(service a) has reached a steady state.")) == ["event 'rolling back'"]


def test_a_rollback_is_over_when_the_first_definition_is_deployed_again() -> None:
    """Neither a deployment of another definition nor one that is going on will do."""
    ending = Ending(rolled_back=True)

    assert missing(ending, of=service()) == []
    assert missing(ending, of=service(definition="d:2")) == ["back to d:1"]
    assert missing(ending, of=service(rollout="IN_PROGRESS")) == ["back to d:1"]
