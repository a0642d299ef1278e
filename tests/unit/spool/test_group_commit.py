"""Group commit: who is told yes has it on disk, whoever waits beside it, leaves, or closes."""

import asyncio
import functools
import os
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import ParamSpec

import pytest

from taskscope.errors import SpoolFullError
from taskscope.spool.group_commit import GroupCommit
from taskscope.spool.lane import LaneWriter
from tests.unit.spool.doubles import bodies, fail, frames, writer

P = ParamSpec("P")


def on_a_loop(test: Callable[P, Coroutine[None, None, None]]) -> Callable[P, None]:
    """Run a test on an event loop of its own."""

    @functools.wraps(test)
    def run(*args: P.args, **options: P.kwargs) -> None:
        asyncio.run(test(*args, **options))

    return run


def gate(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Make the first sync wait until the function that is returned is called."""
    opened = threading.Event()
    real = os.fdatasync

    def slow(handle: int) -> None:
        opened.wait(10)
        real(handle)

    monkeypatch.setattr(os, "fdatasync", slow)
    return opened.set


async def started(*appends: "asyncio.Task[None]") -> None:
    """Wait until the loop has seen some jobs."""
    for _ in range(3 + len(appends)):
        await asyncio.sleep(0)


@on_a_loop
async def test_what_waits_is_synced_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred senders cost three syncs at most: one under way, one for all others, one at the end."""
    calls: list[int] = []
    monkeypatch.setattr(os, "fdatasync", calls.append)
    commit = GroupCommit(writer(tmp_path))

    await asyncio.gather(*(commit.append(frames(b"%d" % number, b"-")) for number in range(100)))

    assert len(calls) <= 2
    await commit.close()
    expected = [body for number in range(100) for body in (b"%d" % number, b"-")]
    assert bodies(tmp_path) == expected


@on_a_loop
async def test_answer_comes_after_the_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never before."""
    release = gate(monkeypatch)
    commit = GroupCommit(writer(tmp_path))
    job = asyncio.create_task(commit.append(frames(b"one")))
    await started(job)

    assert not job.done()
    assert bodies(tmp_path) == []
    release()
    await job
    assert bodies(tmp_path) == [b"one"]
    await commit.close()


@on_a_loop
async def test_sender_that_leaves_disturbs_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it sent may be kept, as it does when a connection breaks before the answer."""
    release = gate(monkeypatch)
    commit = GroupCommit(writer(tmp_path))
    jobs = [asyncio.create_task(commit.append(frames(body))) for body in (b"one", b"two", b"three")]
    await started(*jobs)
    jobs[0].cancel()
    jobs[1].cancel()
    release()

    await jobs[2]

    await commit.close()
    assert bodies(tmp_path)[-1] == b"three"


@on_a_loop
async def test_full_spool_refuses_only_those_that_do_not_fit(tmp_path: Path) -> None:
    """Each sender gets its own answer."""
    commit = GroupCommit(writer(tmp_path, max_bytes=500))

    answers = await asyncio.gather(
        *(commit.append(frames(bytes(size))) for size in (100, 1000, 100)), return_exceptions=True
    )

    assert [type(each) for each in answers] == [type(None), SpoolFullError, type(None)]
    await commit.close()
    assert [len(each) for each in bodies(tmp_path)] == [100, 100]


@on_a_loop
async def test_failed_sync_is_told_to_all_that_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of theirs is kept, and the next one is."""
    commit = GroupCommit(writer(tmp_path))
    fail(monkeypatch, os, "fdatasync")

    answers = await asyncio.gather(*(commit.append(frames(body)) for body in (b"1", b"2")), return_exceptions=True)
    await commit.append(frames(b"3"))

    assert [type(each).__mro__[1] for each in answers] == [SpoolFullError, SpoolFullError]
    await commit.close()
    assert bodies(tmp_path) == [b"3"]


@on_a_loop
async def test_sync_that_fails_between_two_segments_is_told_to_those_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their frames are taken back with the tail, though the last sync of the group succeeds."""
    commit = GroupCommit(writer(tmp_path, segment_bytes=100))
    fail(monkeypatch, os, "fdatasync")

    answers = await asyncio.gather(
        *(commit.append(frames(each)) for each in (b"a" * 60, b"b" * 60, b"c" * 60)), return_exceptions=True
    )

    await commit.close()
    told = [body for body, answer in zip((b"a" * 60, b"b" * 60, b"c" * 60), answers, strict=True) if answer is None]
    assert told == bodies(tmp_path) == [b"c" * 60]


@on_a_loop
async def test_other_faults_are_told_to_their_sender(tmp_path: Path) -> None:
    """A frame that cannot be written does not end the job of the others."""
    commit = GroupCommit(writer(tmp_path))
    wrong = frames(b"x")[0]._replace(kind=1000)

    answers = await asyncio.gather(
        commit.append([wrong]), commit.append(frames(b"good")), commit.append([]), return_exceptions=True
    )

    assert isinstance(answers[0], Exception)
    assert list(answers[1:]) == [None, None]
    await commit.close()
    assert bodies(tmp_path) == [b"good"]


@on_a_loop
async def test_closing_answers_all_that_wait_and_refuses_those_that_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is left without an answer."""
    release = gate(monkeypatch)
    commit = GroupCommit(writer(tmp_path))
    jobs = [asyncio.create_task(commit.append(frames(body))) for body in (b"one", b"two")]
    await started(*jobs)
    closing = asyncio.create_task(commit.close())
    await started(closing)

    with pytest.raises(SpoolFullError, match="being closed"):
        await commit.append(frames(b"late"))
    release()
    await asyncio.gather(*jobs)
    await closing
    await commit.close()
    assert bodies(tmp_path) == [b"one", b"two"]


@on_a_loop
async def test_interval_answers_before_the_sync_and_syncs_under_load_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock for it runs while senders come without a pause."""
    monkeypatch.setattr("taskscope.spool.group_commit._INTERVAL_SECONDS", 0.01)
    synced = asyncio.Event()
    loop = asyncio.get_running_loop()
    lane = writer(tmp_path)
    real = lane.sync
    monkeypatch.setattr(lane, "sync", lambda: (real(), loop.call_soon_threadsafe(synced.set)))
    commit = GroupCommit(lane, always_sync=False)

    async def load() -> None:
        while not synced.is_set():
            await commit.append(frames(b"x"))

    await commit.append(frames(b"first"))
    assert bodies(tmp_path) == [b"first"]
    await asyncio.wait_for(asyncio.gather(load(), load(), load()), 10)
    await commit.close()


@on_a_loop
async def test_interval_keeps_what_was_answered_when_its_sync_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Consumers have seen it: its offsets belong to it for good."""
    monkeypatch.setattr("taskscope.spool.group_commit._INTERVAL_SECONDS", 0.0)
    lane: LaneWriter = writer(tmp_path)
    commit = GroupCommit(lane, always_sync=False)
    failed = threading.Event()
    real = os.fdatasync

    def broken(handle: int) -> None:
        if not failed.is_set():
            failed.set()
            raise OSError(5, "told to fail")
        real(handle)

    monkeypatch.setattr(os, "fdatasync", broken)
    await commit.append(frames(b"one"))
    await asyncio.to_thread(failed.wait, 10)
    await commit.append(frames(b"two"))

    await commit.close()
    assert bodies(tmp_path) == [b"one", b"two"]
