"""Upkeep of the store: what is done when, and again after it failed."""

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import cast

import pytest

from taskscope.app.store import upkeep
from taskscope.app.store.upkeep import Upkeep
from taskscope.counters import Counters
from taskscope.errors import UnavailableError
from taskscope.model.batch import Signal
from taskscope.store.engine import Store
from taskscope.store.retention import Partition

_STORE = cast("Store", object())
_KEPT = {Signal.LOGS: 7}


class Work:
    """What was done to the store, and how often it fails before."""

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        *,
        failures: int = 0,
        error: Exception | None = None,
        enough_sizes: int = 0,
    ) -> None:
        self.retention: list[Mapping[Signal, int]] = []
        self.sizes: list[int] = []
        self.tries = 0
        self.rounds = 0
        self.enough = threading.Event()
        """Set by the first retention, or by so many looks at the size."""
        self._enough_sizes = enough_sizes
        self._failures = failures
        self._error = error or UnavailableError("away")
        monkeypatch.setattr(upkeep, "apply_retention", self._apply)
        monkeypatch.setattr(upkeep, "enforce_size", self._enforce)
        monkeypatch.setattr(upkeep, "Rollups", lambda _store: self)

    def _apply(self, _store: Store, seconds: Mapping[Signal, int]) -> Sequence[str]:
        self.tries += 1
        if self.tries <= self._failures:
            raise self._error
        self.retention.append(seconds)
        if not self._enough_sizes:
            self.enough.set()
        return ["otel_logs"]

    def refresh(self, _now_ns: int, *, busy: Callable[[], bool]) -> int:
        """Compute two minutes each time."""
        assert not busy()
        self.rounds += 1
        return 2

    def _enforce(self, _store: Store, max_bytes: int) -> Sequence[Partition]:
        self.sizes.append(max_bytes)
        if len(self.sizes) == self._enough_sizes:
            self.enough.set()
        return [Partition("otel_logs", "20260101", 5)]


def _upkeep(
    store: Callable[[], Store],
    *,
    counters: Counters | None = None,
    backlog_bytes: int = 0,
    max_bytes: int = 0,
    minute_seconds: float = 60,
) -> Upkeep:
    return Upkeep(
        store,
        _KEPT,
        counters=counters or Counters(),
        backlog_bytes=lambda: backlog_bytes,
        max_bytes=max_bytes,
        minute_seconds=minute_seconds,
    )


def _run(job: Upkeep, enough: threading.Event) -> None:
    async def scenario() -> None:
        await job.start()
        assert await asyncio.to_thread(enough.wait, 10)
        await job.stop()
        await job.stop()

    asyncio.run(scenario())


def test_retention_is_applied_at_the_start_and_then_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    """For an hour, while the size is looked at each minute."""
    work = Work(monkeypatch, enough_sizes=3)
    _run(_upkeep(lambda: _STORE, max_bytes=9, minute_seconds=0.01), work.enough)

    assert work.retention == [_KEPT]
    assert set(work.sizes) == {9}


@pytest.mark.parametrize("error", [UnavailableError("away"), RuntimeError("a mistake")])
def test_what_fails_is_tried_again_and_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    """Each minute until it goes well, whatever it was; what is known to pass is said once."""
    work = Work(monkeypatch, failures=3, error=error)
    with caplog.at_level(logging.WARNING):
        _run(_upkeep(lambda: _STORE, minute_seconds=0.01), work.enough)

    assert work.retention == [_KEPT]
    said = [record for record in caplog.records if "retention cannot be kept" in record.message]
    assert len(said) == (1 if isinstance(error, UnavailableError) else 3)


def test_others_have_their_work_done_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve times a minute, beside what is always done."""
    work, times, enough = Work(monkeypatch), [], threading.Event()

    def do(store: Store) -> None:
        times.append(store)
        if len(times) == 3:
            enough.set()

    job = Upkeep(
        lambda: _STORE,
        _KEPT,
        counters=Counters(),
        backlog_bytes=lambda: 0,
        others={"a list": do},
        minute_seconds=0.012,
    )
    _run(job, enough)

    assert set(times) == {_STORE}
    assert work.retention == [_KEPT]


def test_a_store_that_is_away_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may open later."""
    work = Work(monkeypatch)
    asked = iter([UnavailableError("away"), UnavailableError("away")])

    def store() -> Store:
        for error in asked:
            raise error
        return _STORE

    _run(_upkeep(store, minute_seconds=0.01), work.enough)

    assert work.retention == [_KEPT]


def test_without_a_cap_the_size_is_nobodys_business(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server's disk is its own."""
    work = Work(monkeypatch)
    _run(_upkeep(lambda: _STORE, minute_seconds=0.01), work.enough)

    assert work.sizes == []


def test_what_is_deleted_for_size_is_said(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Nobody asked for just that to go."""
    work = Work(monkeypatch, enough_sizes=1)
    with caplog.at_level(logging.WARNING):
        _run(_upkeep(lambda: _STORE, max_bytes=9, minute_seconds=0.01), work.enough)

    assert "20260101 of otel_logs, 5 bytes, is deleted" in caplog.text


def test_stopping_what_never_started_is_no_mistake() -> None:
    """The store's process may fail before."""
    asyncio.run(_upkeep(lambda: _STORE).stop())


def test_minutes_are_computed_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """In each round; not while much waits for the store."""
    counters = Counters()
    work = Work(monkeypatch, enough_sizes=2)
    _run(_upkeep(lambda: _STORE, counters=counters, max_bytes=9, minute_seconds=0.01), work.enough)
    assert counters.value("computed.minutes") == 2 * work.rounds > 0

    work = Work(monkeypatch, enough_sizes=2)
    _run(_upkeep(lambda: _STORE, backlog_bytes=1 << 30, max_bytes=9, minute_seconds=0.01), work.enough)
    assert work.rounds == 0
