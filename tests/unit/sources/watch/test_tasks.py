"""Which tasks are described, and what is given away of them."""

from datetime import timedelta
from typing import Any

import pytest

from taskscope.errors import SpoolFullError
from taskscope.sources.watch.tasks import TasksLook
from tests.unit.sources.watch.conftest import CLUSTER, START, MemoryAws, MemoryOutlet, Time, a_task


class Listener:
    """Who hears of tasks."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.lost: list[str] = []

    def described(self, tasks: Any) -> None:
        """Note them."""
        self.heard += [each["taskArn"] for each in tasks]

    def gone(self, arns: Any) -> None:
        """Note them."""
        self.lost += arns


@pytest.fixture
def listener() -> Listener:
    """Give one who hears of tasks."""
    return Listener()


def _hold(aws: MemoryAws, *tasks: dict[str, Any]) -> None:
    aws.held_tasks |= {each["taskArn"]: each for each in tasks}


def _look(aws: MemoryAws, outlet: MemoryOutlet, listener: Listener, time: Time) -> TasksLook:
    return TasksLook(aws, CLUSTER, outlet, listener, time)


def test_each_version_is_given_away_once(aws: MemoryAws, outlet: MemoryOutlet, listener: Listener, time: Time) -> None:
    """With the time of the last thing that happened, also after a restart."""
    _hold(aws, a_task(1), a_task(2, version=4))
    look = _look(aws, outlet, listener, time)
    look.look()
    look.look()
    envelopes = outlet.take()
    assert [each["detail"]["version"] for each in envelopes] == [1, 4]
    assert {each["time"] for each in envelopes} == {"2026-03-01T12:00:20.000Z"}

    _hold(aws, a_task(1, version=2))
    _look(aws, outlet, listener, time).look()

    assert [each["detail"]["version"] for each in outlet.take()] == [2]


def test_a_task_that_runs_for_days_is_given_away_once_a_day(
    aws: MemoryAws, outlet: MemoryOutlet, listener: Listener, time: Time
) -> None:
    """So that retention leaves what is still there; a stopped one is not."""
    _hold(aws, a_task(1), a_task(2, status="STOPPED"))
    look = _look(aws, outlet, listener, time)
    for _ in range(3 * 24):
        look.look()
        time.pass_by(3600)

    numbers = [each["detail"]["taskArn"][-1] for each in outlet.take()]
    assert (numbers.count("1"), numbers.count("2")) in {(3, 1), (4, 1)}


def test_health_that_changes_is_news_within_a_version(
    aws: MemoryAws, outlet: MemoryOutlet, listener: Listener, time: Time
) -> None:
    """EventBridge does not tell it, and ECS counts no version for it."""
    _hold(aws, a_task(1, healthStatus="HEALTHY"))
    look = _look(aws, outlet, listener, time)
    look.look()
    _hold(aws, a_task(1, healthStatus="UNHEALTHY"))
    look.look()

    assert [each["detail"]["healthStatus"] for each in outlet.take()] == ["HEALTHY", "UNHEALTHY"]


def test_a_stopped_task_is_described_once(aws: MemoryAws, outlet: MemoryOutlet, listener: Listener, time: Time) -> None:
    """And once more after a restart, so that its lines are read to their end."""
    _hold(aws, a_task(1, status="STOPPED"))
    look = _look(aws, outlet, listener, time)
    for _ in range(4):
        look.look()
    assert (aws.calls.count("DescribeTasks"), aws.calls.count("ListTasks")) == (1, 6)

    _look(aws, outlet, listener, time).look()

    assert aws.calls.count("DescribeTasks") == 2
    assert len(listener.heard) == 2
    assert len(outlet.take()) == 1


def test_a_hundred_tasks_are_described_at_once(
    aws: MemoryAws, outlet: MemoryOutlet, listener: Listener, time: Time
) -> None:
    """AWS takes no more."""
    _hold(aws, *(a_task(number) for number in range(250)))
    _look(aws, outlet, listener, time).look()

    assert aws.calls.count("DescribeTasks") == 3
    assert len(outlet.bodies) == 3
    assert len(outlet.take()) == 250


def test_a_task_whose_end_nobody_saw_is_said_to_be_gone(
    aws: MemoryAws, outlet: MemoryOutlet, listener: Listener, time: Time
) -> None:
    """ECS has forgotten it while the server was down: the store must not have it run for ever."""
    _hold(aws, a_task(1, version=3), a_task(2, status="STOPPED"))
    _look(aws, outlet, listener, time).look()
    outlet.take()
    aws.held_tasks.clear()
    time.pass_by(7200)

    again = _look(aws, outlet, listener, time)
    again.look()
    again.look()

    [gone] = outlet.take()
    assert gone["detail"]["lastStatus"] == "DELETED"
    assert gone["detail"]["version"] == 4
    assert gone["detail"]["group"] == "service:web"
    assert gone["time"] == "2026-03-01T14:00:00.000Z"
    assert sorted(listener.lost) == [a_task(1)["taskArn"], a_task(2)["taskArn"]]


def test_one_that_is_not_listed_but_known_is_not_gone(
    aws: MemoryAws, outlet: MemoryOutlet, listener: Listener, time: Time
) -> None:
    """ECS's lists are behind its descriptions at times."""
    _hold(aws, a_task(1))
    look = _look(aws, outlet, listener, time)
    look.look()
    aws.held_tasks[a_task(1)["taskArn"]]["desiredStatus"] = "in neither list"
    for _ in range(3):
        look.look()

    assert listener.lost == []
    assert {each["detail"]["lastStatus"] for each in outlet.take()} == {"RUNNING"}


def test_one_that_stops_between_two_looks_is_seen_stopped(
    aws: MemoryAws, outlet: MemoryOutlet, listener: Listener, time: Time
) -> None:
    """Its last version is what was given away last."""
    _hold(aws, a_task(1))
    look = _look(aws, outlet, listener, time)
    look.look()
    _hold(aws, a_task(1, version=5, status="STOPPED", stoppedReason="done"))
    look.look()

    last = outlet.take()[-1]
    assert (last["detail"]["lastStatus"], last["detail"]["stoppedReason"]) == ("STOPPED", "done")
    assert last["detail"]["stoppedAt"] == (START + timedelta(minutes=5)).isoformat(timespec="milliseconds")[:-6] + "Z"


def test_what_could_not_be_kept_is_news_again(
    aws: MemoryAws, outlet: MemoryOutlet, listener: Listener, time: Time
) -> None:
    """A full spool."""
    _hold(aws, a_task(1))
    look = _look(aws, outlet, listener, time)
    outlet.full = True
    with pytest.raises(SpoolFullError):
        look.look()
    outlet.full = False
    look.look()

    assert len(outlet.take()) == 1


def test_a_task_of_an_odd_shape_costs_no_other(
    aws: MemoryAws, outlet: MemoryOutlet, listener: Listener, time: Time, caplog: pytest.LogCaptureFixture
) -> None:
    """One without any time, which no table can take."""
    odd = {name: value for name, value in a_task(1).items() if not name.endswith("At")}
    _hold(aws, odd, a_task(2))
    _look(aws, outlet, listener, time).look()

    assert [each["detail"]["taskArn"] for each in outlet.take()] == [a_task(2)["taskArn"]]
    assert "is left out" in caplog.text
