"""Segment files: their names, their torn tails, and writes that take several calls."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.spool.record import encode
from taskscope.spool.segment import Segment, cut_torn_tail, list_segments, segment_path, write_all
from tests.unit.spool.doubles import frame

ONE = b"".join(encode(frame(b"one")))
TWO = b"".join(encode(frame(b"two")))


def segment(folder: Path, content: bytes) -> Segment:
    """Write a segment."""
    path = segment_path(folder, 10)
    path.write_bytes(content)
    return Segment(10, path)


def test_segments_are_in_the_order_of_their_offsets(tmp_path: Path) -> None:
    """Other files are no segments, and a missing folder has none."""
    for start in (9, 10, 10**18):
        segment_path(tmp_path, start).write_bytes(b"12345")
    (tmp_path / "lock").touch()

    assert [each.start for each in list_segments(tmp_path)] == [9, 10, 10**18]
    assert [each.end for each in list_segments(tmp_path)] == [14, 15, 10**18 + 5]
    assert list_segments(tmp_path / "none") == []
    assert Segment(3, tmp_path / "gone").end == 3


@pytest.mark.parametrize("tail", [TWO[:-1], TWO[:1], b"\0" * 4096, b"noise"])
def test_torn_tail_is_cut_off(tmp_path: Path, tail: bytes) -> None:
    """What was never finished, and what a file system leaves of blocks that were not written."""
    torn = segment(tmp_path, ONE + tail)

    assert cut_torn_tail(torn) == len(tail)
    assert torn.path.read_bytes() == ONE
    assert cut_torn_tail(torn) == 0


def test_damage_before_a_sound_record_stays(tmp_path: Path) -> None:
    """Offsets behind it keep their meaning."""
    damaged = segment(tmp_path, ONE + b"noise" + TWO + TWO[:5])

    assert cut_torn_tail(damaged) == 5
    assert damaged.path.read_bytes() == ONE + b"noise" + TWO


def test_what_a_killed_writer_left_is_synced_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is shown to readers then, whether or not anything was torn."""
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)

    cut_torn_tail(segment(tmp_path, ONE))

    assert len(synced) == 1


@given(st.lists(st.binary(max_size=20), max_size=30), st.integers(1, 7))
def test_all_pieces_are_written_however_many_calls_it_takes(pieces: list[bytes], most: int) -> None:
    """A disk may take any part of what it is given."""
    taken = bytearray()

    def writev(_handle: int, buffers: list[memoryview]) -> int:
        part = b"".join(buffers)[:most]
        taken.extend(part)
        return len(part)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "writev", writev)
        write_all(3, pieces)

    assert taken == b"".join(pieces)
