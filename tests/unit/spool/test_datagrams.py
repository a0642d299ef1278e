"""Datagrams: written at once, synced in the background, and counted where there is no room."""

import os
import threading
from pathlib import Path

import pytest

from taskscope.spool import datagrams
from taskscope.spool.datagrams import DatagramWriter
from tests.unit.spool.doubles import bodies, fail, frame, writer


def test_committed_datagrams_are_there_at_once(tmp_path: Path) -> None:
    """Held ones are not; a commit of nothing drops nothing."""
    lane = DatagramWriter(writer(tmp_path))
    assert lane.commit() == 0
    for body in (b"one", b"two"):
        lane.add(frame(body))
    assert bodies(tmp_path) == []

    assert lane.commit() == 0

    assert bodies(tmp_path) == [b"one", b"two"]
    lane.close()


def test_close_writes_what_is_held(tmp_path: Path) -> None:
    """And may come twice."""
    lane = DatagramWriter(writer(tmp_path))
    lane.add(frame(b"one"))

    lane.close()
    lane.close()

    assert bodies(tmp_path) == [b"one"]


def test_dropped_datagrams_are_told(tmp_path: Path) -> None:
    """Those of one commit together; the next are taken when there is room."""
    lane = DatagramWriter(writer(tmp_path, max_bytes=200))
    for body in (b"a" * 100, b"b" * 100):
        lane.add(frame(body))
    assert lane.commit() == 2
    lane.add(frame(b"c" * 100))
    assert lane.commit() == 0
    lane.close()
    assert bodies(tmp_path) == [b"c" * 100]


def test_another_thread_syncs_and_survives_a_failing_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a handle of its own, so that nobody who adds waits for it."""
    monkeypatch.setattr(datagrams, "_SYNC_SECONDS", 0.001)
    fail(monkeypatch, os, "dup", code=24)
    tries: list[int] = []
    enough = threading.Event()

    def sync(handle: int) -> None:
        tries.append(handle)
        if len(tries) > 2:
            enough.set()
        raise OSError(5, "told to fail")

    monkeypatch.setattr(os, "fdatasync", sync)
    lane = DatagramWriter(writer(tmp_path))
    lane.add(frame(b"one"))
    lane.commit()

    assert enough.wait(10)
    monkeypatch.undo()
    lane.close()
    assert bodies(tmp_path) == [b"one"]


def test_new_segment_on_a_failing_disk_loses_no_datagram_that_was_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that could not be written are counted; those that consumers may have read stay."""
    lane = DatagramWriter(writer(tmp_path, segment_bytes=100))
    lane.add(frame(b"a" * 60))
    lane.commit()
    with monkeypatch.context() as patch:
        patch.setattr(lane, "_sync", lambda: None)
        fail(patch, os, "fdatasync", times=99)
        lane.add(frame(b"b" * 60))
        assert lane.commit() == 1
    lane.add(frame(b"c" * 60))
    assert lane.commit() == 0
    lane.close()

    assert bodies(tmp_path) == [b"a" * 60, b"c" * 60]
