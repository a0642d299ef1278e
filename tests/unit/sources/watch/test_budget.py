"""A rate that holds, a burst that is bounded."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.counters import Counters
from taskscope.sources.watch.budget import Budget, StoppedError


class Turned(threading.Event):
    """An event that is never set; waiting turns the clock on."""

    now = 0.0

    def wait(self, timeout: float | None = None) -> bool:
        """Let the time pass."""
        self.now += timeout or 0
        return False


def _budget(per_minute: float, turned: Turned, counters: Counters | None = None) -> Budget:
    return Budget(per_minute, counters=counters or Counters(), stopped=turned, clock=lambda: turned.now)


@given(st.integers(6, 6_000), st.lists(st.floats(0, 30), min_size=1, max_size=80))
def test_no_more_than_the_rate_passes_after_a_burst(per_minute: int, idle: list[float]) -> None:
    """However long nothing was asked in between."""
    turned = Turned()
    budget = _budget(per_minute, turned)
    passed: list[float] = []
    for seconds in idle:
        turned.now += seconds
        budget.spend("ListTasks")
        passed.append(turned.now)

    burst = max(5.0, per_minute / 6)
    for first in range(len(passed)):
        took = passed[-1] - passed[first]
        assert len(passed) - first <= burst + took * per_minute / 60 + 1e-3


def test_requests_are_counted_by_operation() -> None:
    """Those that waited as well."""
    turned, counters = Turned(), Counters()
    budget = _budget(60, turned, counters)
    for _ in range(12):
        budget.spend("DescribeTasks")
    budget.spend("ListTasks")

    assert counters.all() == {"watch.calls.DescribeTasks": 12, "watch.calls.ListTasks": 1}
    assert turned.now == pytest.approx(3)
    assert budget.waited_at > 0


def test_nothing_passes_while_it_is_closed() -> None:
    """AWS throttles: also what was not spent waits."""
    turned = Turned()
    budget = _budget(600, turned)
    budget.close_for(20)
    budget.spend("ListTasks")

    assert turned.now == pytest.approx(20)


def test_who_waits_is_let_go_when_watching_ends() -> None:
    """And makes no request."""
    stopped, counters = threading.Event(), Counters()
    stopped.set()
    budget = Budget(60, counters=counters, stopped=stopped)

    with pytest.raises(StoppedError):
        budget.spend("ListTasks")
    assert counters.all() == {}
