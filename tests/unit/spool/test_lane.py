"""The writing end of a lane: wholly or not at all, and no offset twice."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskscope.errors import SpoolFullError, UsageError
from taskscope.spool import lane
from taskscope.spool.lane import LaneWriter, TailLostError
from taskscope.spool.segment import list_segments
from taskscope.spool.space import Space
from taskscope.spool.watermark import read_watermark
from tests.unit.spool.doubles import bodies, fail, frame, frames, mounted, writer


def test_readers_see_what_is_synced_or_published(tmp_path: Path) -> None:
    """And nothing that was only written."""
    with writer(tmp_path) as lane:
        lane.write(frames(b"one", b"two"))
        assert bodies(tmp_path) == []
        lane.sync()
        lane.write(frames(b"three"))
        assert bodies(tmp_path) == [b"one", b"two"]
        lane.publish()
        assert bodies(tmp_path) == [b"one", b"two", b"three"]


def test_second_writer_is_refused(tmp_path: Path) -> None:
    """Until the first has let go; closing twice is nothing more."""
    first = writer(tmp_path)

    with pytest.raises(UsageError, match="another process writes the lane"):
        writer(tmp_path)
    first.close()
    first.close()
    writer(tmp_path).close()


def test_segment_ends_before_it_grows_too_long(tmp_path: Path) -> None:
    """A single longer record has one of its own; offsets go on from file to file."""
    with writer(tmp_path, segment_bytes=100) as lane:
        for body in (b"a" * 40, b"b" * 40, b"c" * 400, b"d"):
            lane.write(frames(body))
        lane.sync()

    segments = list_segments(tmp_path / "lane")
    assert [each.end for each in segments[:-1]] == [each.start for each in segments[1:]]
    assert len(segments) == 4
    assert bodies(tmp_path) == [b"a" * 40, b"b" * 40, b"c" * 400, b"d"]


def test_start_begins_behind_all_that_was_seen(tmp_path: Path) -> None:
    """The end of the files, the watermark, what consumers have cut: whatever is highest."""
    with writer(tmp_path) as lane:
        lane.write(frames(b"one"))
    end = list_segments(tmp_path / "lane")[-1].end
    with writer(tmp_path) as lane:
        assert lane.end == end
    with writer(tmp_path, floor=1000) as lane:
        assert lane.end == 1000
    list_segments(tmp_path / "lane")[-1].path.unlink()
    with writer(tmp_path) as lane:
        assert lane.end == 1000


def test_torn_tail_is_cut_at_the_start(tmp_path: Path) -> None:
    """And is no damage to readers."""
    with writer(tmp_path) as lane:
        lane.write(frames(b"one"))
    with list_segments(tmp_path / "lane")[-1].path.open("ab") as file:
        file.write(b"\xf5Tno record")

    with writer(tmp_path) as lane:
        assert lane.torn_bytes == 11
        lane.write(frames(b"two"))

    assert bodies(tmp_path) == [b"one", b"two"]


def test_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part that got onto the disk is taken back; what was written before stays."""
    with writer(tmp_path) as lane:
        lane.write(frames(b"before"))
        real = os.writev

        def half(handle: int, pieces: list[bytes]) -> int:
            monkeypatch.setattr(os, "writev", lambda *_: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
            return real(handle, pieces[:1])

        monkeypatch.setattr(os, "writev", half)
        with pytest.raises(SpoolFullError, match="cannot write to the spool"):
            lane.write(frames(b"lost"))
        monkeypatch.setattr(os, "writev", real)
        lane.write(frames(b"after"))
        lane.sync()

    assert bodies(tmp_path) == [b"before", b"after"]


def test_part_that_cannot_be_taken_back_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lane goes on in a new segment: bytes that nobody counted must not shift the offsets."""
    with writer(tmp_path) as lane:
        lane.write(frames(b"before"))
        real = os.writev
        monkeypatch.setattr(os, "writev", lambda handle, _: real(handle, [b"\xf5Ttorn"]) and 0)
        fail(monkeypatch, os, "ftruncate")
        left = iter([real])

        def torn(handle: int, _: list[bytes]) -> int:
            if next(left, None) is not None:
                return real(handle, [b"\xf5Ttorn"])
            raise OSError(errno.EIO, "broken")

        monkeypatch.setattr(os, "writev", torn)
        with pytest.raises(SpoolFullError):
            lane.write(frames(b"lost"))
        monkeypatch.setattr(os, "writev", real)
        lane.write(frames(b"after"))
        lane.sync()

    assert len(list_segments(tmp_path / "lane")) == 2
    assert bodies(tmp_path) == [b"before", b"after"]


def test_sync_that_fails_takes_back_what_nobody_saw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel gives up on such pages: another sync would say yes to bytes that are not there."""
    with writer(tmp_path) as lane:
        lane.write(frames(b"before"))
        lane.sync()
        lane.write(frames(b"lost"))
        fail(monkeypatch, os, "fdatasync")
        with pytest.raises(TailLostError, match="cannot sync"):
            lane.sync()
        lane.write(frames(b"after"))
        lane.sync()

    assert bodies(tmp_path) == [b"before", b"after"]


def test_sync_that_fails_never_takes_back_what_readers_saw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their offsets would be given to other bytes, under the name of a range that is stored already."""
    with writer(tmp_path) as lane:
        lane.write(frames(b"datagram"))
        lane.publish()
        seen = read_watermark(tmp_path / "lane")
        fail(monkeypatch, os, "fdatasync")
        with pytest.raises(TailLostError):
            lane.sync()
        assert lane.end == seen
        lane.write(frames(b"after"))
        lane.sync()

    assert bodies(tmp_path) == [b"datagram", b"after"]


def test_segment_that_cannot_begin_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file of it stays, for readers would take the one before it for ended; the next try goes on."""
    with writer(tmp_path, segment_bytes=100) as writing:
        writing.write(frames(b"a" * 60))
        fail(monkeypatch, lane, "sync_directory")
        with pytest.raises(SpoolFullError, match="cannot begin"):
            writing.write(frames(b"b" * 60))
        assert len(list_segments(tmp_path / "lane")) == 1
        writing.write(frames(b"c" * 60))
        writing.sync()

    assert bodies(tmp_path) == [b"a" * 60, b"c" * 60]


def test_full_spool_ends_its_segment(tmp_path: Path) -> None:
    """Only ended ones are deleted: else a cap below the length of a segment would be reached once and for all."""
    with writer(tmp_path, max_bytes=500) as lane:
        lane.write(frames(b"a" * 400))
        for _ in range(2):
            with pytest.raises(SpoolFullError, match="the spool is full"):
                lane.write(frames(b"b" * 400))
        assert len(list_segments(tmp_path / "lane")) == 2
        assert bodies(tmp_path) == [b"a" * 400]


def test_lane_that_cannot_open_is_not_locked_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same process may try again."""
    fail(monkeypatch, lane, "sync_directory", code=errno.ENOSPC)
    with pytest.raises(SpoolFullError, match="cannot open"):
        writer(tmp_path)
    fail(monkeypatch, os, "fsync")
    with pytest.raises(SpoolFullError, match="cannot open"):
        writer(tmp_path)

    writer(tmp_path).close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of 4 MiB."""
    with mounted(tmp_path / "disk", megabytes=4) as folder:
        yield folder


def test_full_disk_is_told_and_loses_nothing(small_disk: Path) -> None:
    """What was said to be kept is there, and it goes on when there is room again."""
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(2 << 20))
    kept: list[bytes] = []
    refused = 0
    with LaneWriter(small_disk / "lane", _NoReserve(), segment_bytes=300_000) as lane:
        for number in range(60):
            if number == 50:
                ballast.unlink()
            body = number.to_bytes(2, "big") * 25_000
            try:
                lane.write([frame(body)])
                lane.sync()
            except SpoolFullError:
                refused += 1
            else:
                kept.append(body)

    assert refused >= 5
    assert kept[-1][:2] == (59).to_bytes(2, "big")
    assert bodies(small_disk) == kept


class _NoReserve(Space):
    """Takes what the disk takes: the disk itself is to refuse."""

    def __init__(self) -> None:
        super().__init__(Path("/"), 0)

    def take(self, size: int) -> None:
        """Let everything pass."""
