"""Threads for calls that take long."""

import asyncio
import threading

import pytest

from taskscope.api import workers
from taskscope.api.workers import Workers
from taskscope.errors import ThrottledError, UsageError


def test_results_and_errors_come_back_to_the_caller() -> None:
    """As if it had called itself."""

    async def scenario() -> None:
        pool = Workers(1, "test")
        assert await pool.call(lambda: 7) == 7
        with pytest.raises(UsageError, match="no"):
            await pool.call(_fail)

    asyncio.run(scenario())


def _fail() -> None:
    raise UsageError("no")


def test_too_many_waiting_calls_are_refused_and_the_others_are_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """One runs, one waits, the third is told to come again."""
    monkeypatch.setattr(workers, "_MOST_WAITING", 2)
    go_on = threading.Event()

    async def scenario() -> None:
        pool = Workers(1, "test")
        first, second = (asyncio.create_task(pool.call(lambda: go_on.wait(10))) for _ in range(2))
        await asyncio.sleep(0)
        with pytest.raises(ThrottledError):
            await pool.call(lambda: None)
        go_on.set()
        assert all(await asyncio.gather(first, second))
        assert await pool.call(lambda: 7) == 7

    asyncio.run(scenario())


def test_the_loop_ends_without_waiting_for_a_call_under_way() -> None:
    """A question of minutes does not hold up a stop; its answer goes nowhere."""
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def slow() -> None:
        begun.set()
        go_on.wait(10)
        ended.set()

    async def scenario() -> None:
        task = asyncio.create_task(Workers(1, "test").call(slow))
        await asyncio.to_thread(begun.wait, 10)
        task.cancel()

    asyncio.run(scenario())
    go_on.set()
    assert ended.wait(10)


def test_a_call_that_was_given_up_while_it_waited_is_not_made() -> None:
    """Its caller has gone."""
    go_on, made = threading.Event(), threading.Event()

    async def scenario() -> None:
        pool = Workers(1, "test")
        first = asyncio.create_task(pool.call(lambda: go_on.wait(10)))
        second = asyncio.create_task(pool.call(made.set))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.sleep(0)
        go_on.set()
        await first
        await pool.call(lambda: None)

    asyncio.run(scenario())
    assert not made.is_set()
