"""Looks in the order in which they are due; later ones after failures."""

import logging
import threading
from collections.abc import Callable
from itertools import pairwise

import pytest

from taskscope.counters import Counters
from taskscope.errors import CredentialsError, DeniedError, TaskscopeError, ThrottledError
from taskscope.sources.watch.budget import Budget
from taskscope.sources.watch.schedule import Look, Schedule
from taskscope.sources.watch.troubles import Troubles


class Clockwork(threading.Event):
    """Time that passes by waiting; set at its end."""

    def __init__(self, end: float) -> None:
        super().__init__()
        self.now = 0.0
        self._end = end

    def wait(self, timeout: float | None = None) -> bool:
        """Let the time pass."""
        self.now += timeout or 0
        if self.now >= self._end:
            self.set()
        return self.is_set()


def _run(
    end: float, *looks: tuple[str, float, Callable[["Budget"], None]], per_minute: float = 6000
) -> list[tuple[float, str]]:
    """Run looks for so many seconds; return when each was made."""
    work = Clockwork(end)
    budget = Budget(per_minute, counters=Counters(), stopped=work, clock=lambda: work.now)
    schedule = Schedule(budget, Troubles(clock=lambda: work.now), stopped=work, clock=lambda: work.now)
    made: list[tuple[float, str]] = []

    def do(what: str, act: Callable[[Budget], None]) -> None:
        made.append((round(work.now, 3), what))
        act(budget)

    for what, every, act in looks:
        schedule.add(Look(what, lambda what=what, act=act: do(what, act), lambda every=every: every))  # type: ignore[misc]
    schedule.run()
    return made


def _nothing(_budget: Budget) -> None:
    """Ask nothing."""


def test_each_look_has_its_interval() -> None:
    """Three seconds and two."""
    made = _run(7, ("a", 2, _nothing), ("b", 3, _nothing))

    assert made == [(0, "a"), (0, "b"), (2, "a"), (3, "b"), (4, "a"), (6, "a"), (6, "b")]


def test_a_short_budget_is_said_once_and_shared(caplog: pytest.LogCaptureFixture) -> None:
    """Two looks of ten requests each in 20 s, where 30 a minute may be made: each has its turn, a bit later."""
    made = _run(400, ("a", 20, _ask(10)), ("b", 20, _ask(10)), per_minute=30)

    counts = [sum(what == each for _, what in made) for each in "ab"]
    assert abs(counts[0] - counts[1]) <= 1
    assert 8 <= counts[0] <= 12
    assert caplog.text.count("AWS may be asked too rarely") == 1


def _ask(times: int) -> Callable[[Budget], None]:
    def act(budget: Budget) -> None:
        for _ in range(times):
            budget.spend("ListTasks")

    return act


def _fail(*errors: TaskscopeError | Exception | None) -> Callable[[Budget], None]:
    left = list(errors)

    def act(_budget: Budget) -> None:
        error = left.pop(0) if left else None
        if error is not None:
            raise error

    return act


def test_a_look_that_fails_is_made_less_often(caplog: pytest.LogCaptureFixture) -> None:
    """It is named once, the others go on, and so does it when it works again."""
    caplog.set_level(logging.WARNING)
    denied = DeniedError("cannot list the alarms: the permission cloudwatch:DescribeAlarms is missing")
    made = _run(60, ("the alarms", 1, _fail(*[denied] * 4)), ("the tasks", 10, _nothing))

    assert [time for time, what in made if what == "the alarms"][:6] == [0, 2, 6, 14, 30, 31]
    assert [time for time, what in made if what == "the tasks"] == [0, 10, 20, 30, 40, 50]
    assert caplog.text.count("cloudwatch:DescribeAlarms") == 1
    assert caplog.text.count("the alarms: watched again") == 1


def test_a_fault_of_ours_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """An answer that nobody thought of."""
    made = _run(20, ("odd", 5, _fail(KeyError("taskArn"))), ("fine", 10, _nothing))

    assert made == [(0, "odd"), (0, "fine"), (10, "odd"), (10, "fine"), (15, "odd")]
    assert "odd cannot be watched" in caplog.text


@pytest.mark.parametrize(
    ("error", "said", "over"),
    [
        (CredentialsError("the AWS credentials have expired"), "watching waits", "credentials work again"),
        (ThrottledError("AWS throttles the requests"), "watching slows down", "does not throttle it any more"),
    ],
)
def test_what_all_looks_meet_is_said_once(
    error: TaskscopeError, said: str, over: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Twice each, and again within ten minutes."""
    _run(60, *((name, 1, _fail(error, error, None, error)) for name in "abc"))

    assert caplog.text.count(said) == 1
    assert caplog.text.count(over) == 1


def test_throttling_quiets_every_look() -> None:
    """No request passes for half an interval, then for a whole one."""
    throttled = ThrottledError("slow down")
    made = _run(30, ("a", 10, _fail(throttled)), ("b", 10, _ask(1)))

    assert made[:2] == [(0, "a"), (0, "b")]
    assert made[2][0] >= 10


def test_throttling_of_one_operation_does_not_blind_the_others() -> None:
    """Alarms, say, which others ask for all the time: after an hour of it the tasks are still looked at."""
    throttled = [ThrottledError("slow down")] * 100
    made = _run(7200, ("alarms", 60, _fail(*throttled)), ("tasks", 10, _ask(1)))
    times = [time for time, name in made if name == "tasks"]

    assert max(later - earlier for earlier, later in pairwise(times)) <= 75


def test_weeks_of_failures_do_not_end_watching() -> None:
    """A permission is missing for a thousand looks; then AWS throttles one."""
    denied, throttled = [DeniedError("no")] * 1100, [ThrottledError("slow down")] * 50
    made = _run(1200 * 300, ("alarms", 10, _fail(*denied, *throttled)))

    assert len(made) > len(denied) + len(throttled)


def test_one_that_is_removed_is_made_no_more() -> None:
    """A cluster that is gone."""
    work = Clockwork(10)
    budget = Budget(60, counters=Counters(), stopped=work, clock=lambda: work.now)
    schedule = Schedule(budget, Troubles(), stopped=work, clock=lambda: work.now)
    made: list[str] = []
    gone = Look("gone", lambda: made.append("gone"), lambda: 1)
    schedule.add(gone)
    schedule.add(Look("other", lambda: schedule.remove(gone), lambda: 3))
    schedule.run()

    assert made == ["gone"]
