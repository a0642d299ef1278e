"""The reading end of a lane: nothing beyond what is published, nothing lost to damage but what is damaged."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.spool import record
from taskscope.spool.reader import LaneReader
from taskscope.spool.segment import list_segments
from taskscope.spool.watermark import Watermark
from tests.unit.spool.doubles import bodies, frame, frames, writer

SIZE = record.size(frame(b"12345"))


@pytest.fixture
def lane(tmp_path: Path) -> Path:
    """Write five records of one size, in two segments."""
    with writer(tmp_path, segment_bytes=3 * SIZE) as writing:
        for number in range(5):
            writing.write(frames(b"%05d" % number))
    return tmp_path / "lane"


def damage(lane: Path, at: int, content: bytes = b"\xff") -> None:
    """Write over a byte of a lane."""
    segment = next(each for each in reversed(list_segments(lane)) if each.start <= at)
    with segment.path.open("r+b") as file:
        file.seek(at - segment.start)
        file.write(content)


@given(st.integers(1, 6 * SIZE))
def test_chunks_are_whole_records_one_after_another(tmp_path_factory: pytest.TempPathFactory, max_bytes: int) -> None:
    """As many as fit and the one that passes the limit; at least one."""
    folder = tmp_path_factory.getbasetemp() / "chunks"
    if not folder.exists():
        with writer(folder, segment_bytes=3 * SIZE) as writing:
            for number in range(5):
                writing.write(frames(b"%05d" % number))
    with LaneReader(folder / "lane") as reader:
        first = reader.read(0, max_bytes=max_bytes)
        second = reader.read(first.end, max_bytes=max_bytes)

    expected = min(3, -(-max_bytes // SIZE))
    assert [each.body for each in first.frames] == [b"%05d" % number for number in range(expected)]
    assert second.start == first.end == expected * SIZE
    assert second.frames[0].body == b"%05d" % expected


def test_lane_that_is_not_there_yet_has_nothing(tmp_path: Path) -> None:
    """It may come later; the same reader finds it then."""
    with LaneReader(tmp_path / "lane") as reader:
        assert (reader.first(), reader.end()) == (0, 0)
        assert reader.read(0, max_bytes=10) == ([], 0, 0, 0)
        with writer(tmp_path) as writing:
            writing.write(frames(b"one"))
            writing.sync()
            assert [each.body for each in reader.read(0, max_bytes=10).frames] == [b"one"]


def test_long_record_is_read_however_little_was_asked_for(tmp_path: Path) -> None:
    """It takes several reads, each larger."""
    with writer(tmp_path) as writing:
        writing.write(frames(bytes(3_000_000), b"next"))

    with LaneReader(tmp_path / "lane") as reader:
        assert [len(each.body) for each in reader.read(0, max_bytes=1).frames] == [3_000_000]


@given(at=st.integers(0, 5 * SIZE - 1))
def test_damage_costs_the_record_that_it_hit(tmp_path_factory: pytest.TempPathFactory, at: int) -> None:
    """It is stepped over and counted; a range over it reads the same in pieces."""
    folder = tmp_path_factory.mktemp("damage")
    with writer(folder, segment_bytes=3 * SIZE) as writing:
        for number in range(5):
            writing.write(frames(b"%05d" % number))
    lane = folder / "lane"
    damage(lane, at, b"\xfe")
    with LaneReader(lane) as reader:
        chunks = list(reader.read_range(0, 5 * SIZE))

    survivors = [b"%05d" % number for number in range(5) if number != at // SIZE]
    assert [each.body for chunk in chunks for each in chunk.frames] == survivors == bodies(folder)
    assert sum(chunk.damaged_bytes for chunk in chunks) == SIZE
    assert chunks[-1].end == 5 * SIZE


def test_offsets_that_no_byte_has_are_passed_by(tmp_path: Path) -> None:
    """Behind a crash of the machine a lane goes on further up, even before anything is written there."""
    with writer(tmp_path) as writing:
        writing.write(frames(b"one"))
    end = list_segments(tmp_path / "lane")[-1].end
    with writer(tmp_path, floor=1000) as writing, LaneReader(tmp_path / "lane") as reader:
        assert reader.read(end, max_bytes=10) == ([], end, 1000, 0)
        writing.write(frames(b"two"))
        writing.sync()
        chunk = reader.read(end, max_bytes=10)
        assert (chunk.start, chunk.frames[0].body) == (end, b"two")
        assert list(reader.read_range(end, 1000)) == [([], end, 1000, 0)]


def test_range_that_was_cut_is_read_whatever_the_watermark_says(lane: Path) -> None:
    """After a crash of the machine it may be older than what was published, until the lane's writer is back."""
    mark = Watermark(lane)
    mark.value = 4 * SIZE
    mark.close()

    with LaneReader(lane) as reader:
        assert reader.end() == 4 * SIZE
        assert sum(len(chunk.frames) for chunk in reader.read_range(0, 5 * SIZE)) == 5


def test_range_whose_end_was_lost_reads_what_is_left(lane: Path) -> None:
    """Published but not synced, and the machine crashed: nobody was promised more."""
    last = list_segments(lane)[-1]
    with last.path.open("r+b") as file:
        file.truncate(SIZE)

    with LaneReader(lane) as reader:
        assert sum(len(chunk.frames) for chunk in reader.read_range(0, 5 * SIZE)) == 4


def test_open_segment_is_read_on_after_it_was_deleted(lane: Path) -> None:
    """Who has it open has it; who comes later reads what follows."""
    with LaneReader(lane) as reader, LaneReader(lane) as later:
        reader.read(0, max_bytes=1)
        first, _ = list_segments(lane)
        first.path.unlink()
        assert later.first() == 3 * SIZE
        assert [each.body for each in later.read(0, max_bytes=1).frames] == [b"00003"]
        assert [each.body for each in reader.read(SIZE, max_bytes=1).frames] == [b"00003"]
        reader.close()
        reader.close()
