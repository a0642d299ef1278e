"""A spool: its name, its lanes, its consumers, and what is deleted."""

import multiprocessing
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskscope.errors import SpoolFullError, UsageError
from taskscope.spool.cursor import Cursor, Cut
from taskscope.spool.frame import Frame
from taskscope.spool.segment import list_segments
from taskscope.spool.spool import Spool
from taskscope.spool.watermark import Watermark, read_watermark
from tests.unit.spool.doubles import HUGE, frames


def spool(folder: Path, *, max_bytes: int = HUGE, segment_bytes: int = 100) -> Spool:
    """Open a spool whose segments hold one long record."""
    return Spool(folder, max_bytes=max_bytes, segment_bytes=segment_bytes)


def fill(opened: Spool, lane: str, *sizes: int) -> int:
    """Write records and return where they end."""
    with opened.writer(lane) as writer:
        for size in sizes:
            writer.write(frames(bytes(size)))
        writer.sync()
        return writer.end


def test_name_stays_and_is_no_other_spools(tmp_path: Path) -> None:
    """It is part of every token, so a new spool never uses one of an old one again."""
    cut = Cut("otlp-0", 0, 10)

    assert spool(tmp_path / "a").token(cut) == spool(tmp_path / "a").token(cut)
    assert spool(tmp_path / "a").token(cut) != spool(tmp_path / "b").token(cut)
    assert spool(tmp_path / "a").token(cut).endswith(":otlp-0:0:10")


def _id(folder: Path) -> str:
    return spool(folder).id


def test_processes_that_start_together_agree_on_the_name(tmp_path: Path) -> None:
    """None of them sees it half written."""
    with multiprocessing.get_context("fork").Pool(8) as pool:
        for number in range(10):
            assert len(set(pool.map(_id, [tmp_path / str(number)] * 16, chunksize=1))) == 1


@pytest.mark.parametrize("content", ["2 abcdef\n", "", "x"])
def test_other_version_is_refused(tmp_path: Path, content: str) -> None:
    """With the folder and what to do."""
    spool(tmp_path)
    (tmp_path / "id").write_text(content)

    with pytest.raises(UsageError, match=r"version .*, this Taskscope writes 1 \(use the version"):
        spool(tmp_path)


def test_lanes_appear_when_they_are_written(tmp_path: Path) -> None:
    """A reader of one that is not there yet finds nothing."""
    opened = spool(tmp_path)
    assert opened.lanes() == []
    assert opened.reader("xray-0").end() == 0

    fill(opened, "xray-0", 10)
    fill(opened, "otlp-0", 10)

    assert opened.lanes() == ["otlp-0", "xray-0"]
    assert opened.used_bytes() > 20


def test_only_what_everybody_is_done_with_is_deleted(tmp_path: Path) -> None:
    """Ended segments, each when its last byte is confirmed; the last one stays."""
    opened = spool(tmp_path)
    fill(opened, "otlp-0", 80, 80, 80)
    segments = list_segments(tmp_path / "lanes" / "otlp-0")
    ends = [each.end for each in segments]
    with opened.cursor("store") as store, opened.cursor("xray") as xray:
        store.done(store.cut("otlp-0", ends[-1]))
        assert opened.trim([store, xray]) == 0
        xray.done(xray.cut("otlp-0", ends[1] - 1))
        assert opened.trim([store, xray]) == ends[0]
        assert [each.start for each in list_segments(tmp_path / "lanes" / "otlp-0")] == [
            each.start for each in segments[1:]
        ]
        xray.done(xray.cut("otlp-0", ends[1]))
        opened.trim([store, xray])
        opened.trim([store])
        assert opened.trim([]) == 0
    assert [each.start for each in list_segments(tmp_path / "lanes" / "otlp-0")] == [segments[-1].start]


def test_backlog_is_what_a_consumer_has_not_done(tmp_path: Path) -> None:
    """Over all lanes, whether cut or not; of a consumer that was killed, too."""
    opened = spool(tmp_path)
    fill(opened, "otlp-0", 80, 80)
    fill(opened, "xray-0", 40)
    ends = [opened.reader(each).end() for each in ("otlp-0", "xray-0")]
    first = list_segments(tmp_path / "lanes" / "otlp-0")[0].end
    with opened.cursor("store") as store:
        store.done(store.cut("otlp-0", first))
        store.cut("otlp-0", ends[0])

    assert opened.backlog_bytes("store") == sum(ends) - first
    assert opened.backlog_bytes("unknown") == sum(ends)


def test_full_spool_takes_again_after_it_was_emptied(tmp_path: Path) -> None:
    """Even if its cap is less than a segment would be."""
    opened = spool(tmp_path, max_bytes=64_000, segment_bytes=1 << 20)
    with opened.writer("otlp-0") as writer, opened.cursor("store") as cursor, opened.reader("otlp-0") as reader:
        with pytest.raises(SpoolFullError):  # noqa: PT012 (as many as fit)
            for _ in range(100):
                writer.write(frames(bytes(1000)))
                writer.sync()
        cursor.done(cursor.cut("otlp-0", reader.end()))
        assert opened.trim([cursor]) > 0
        writer._space._looked = -1.0
        writer.write(frames(bytes(1000)))


def test_offset_is_never_given_to_other_bytes(tmp_path: Path) -> None:
    """Not even if the disk lost what was not synced, and the consumer that had read it is not asked for any more."""
    opened = spool(tmp_path)
    end = fill(opened, "otlp-0", 80)
    with opened.cursor("store") as cursor:
        cursor.cut("otlp-0", end)
    for segment in list_segments(tmp_path / "lanes" / "otlp-0"):
        segment.path.unlink()
    (tmp_path / "lanes" / "otlp-0" / "published").unlink()

    assert opened.forget_consumers([]) == ["store"]
    with opened.writer("otlp-0") as writer:
        assert writer.end == end


def test_forgotten_consumer_goes_on_where_it_was(tmp_path: Path) -> None:
    """It is told of once; what was taken stays taken."""
    opened = spool(tmp_path)
    for name in ("store", "xray"):
        with opened.cursor(name) as cursor:
            cursor.done(cursor.cut("otlp-0", 10))

    assert opened.forget_consumers(["store"]) == ["xray"]
    assert opened.forget_consumers(["store"]) == []
    with opened.cursor("xray") as cursor:
        assert cursor.position("otlp-0") == 10
    assert opened.forget_consumers(["store", "xray"]) == []


def test_new_consumer_begins_with_what_is_there(tmp_path: Path) -> None:
    """From the first byte on."""
    opened = spool(tmp_path)
    fill(opened, "otlp-0", 10, 20)
    cursor: Cursor = opened.cursor("late")

    assert cursor.position("otlp-0") == 0
    assert [len(each.body) for each in opened.reader("otlp-0").read(0, max_bytes=99).frames] == [10, 20]
    cursor.close()


def test_lane_whose_writer_does_not_come_back_is_settled(tmp_path: Path) -> None:
    """After a crash of the machine its watermark is as old as the disk has it, and its records are there."""
    opened = spool(tmp_path)
    end = fill(opened, "otlp-3", 10, 20)
    mark = Watermark(tmp_path / "lanes" / "otlp-3")
    mark.value = 0
    mark.close()

    with opened.writer("otlp-0"):  # which somebody writes, and is let alone
        opened.settle()

    assert read_watermark(tmp_path / "lanes" / "otlp-3") == end
    assert [len(each.body) for each in opened.reader("otlp-3").read(0, max_bytes=99).frames] == [10, 20]


_APPEND = """
import asyncio, sys
from pathlib import Path
from taskscope.spool.frame import Frame
from taskscope.spool.group_commit import GroupCommit
from taskscope.spool.spool import Spool

async def main():
    spool = Spool(Path(sys.argv[1]), max_bytes=1 << 30, segment_bytes=20_000)
    lane = GroupCommit(spool.writer("otlp-0"), always_sync=sys.argv[3] == "always")

    async def send(worker):
        for number in range(10**9):
            body = f"{sys.argv[2]}.{worker}.{number} ".encode()
            await lane.append([Frame(1, 7, body + bytes(500))])
            sys.stdout.buffer.write(body)
            sys.stdout.flush()

    await asyncio.gather(*map(send, range(5)))

asyncio.run(main())
"""


@pytest.mark.parametrize("policy", ["always", "interval"])
def test_killed_writer_has_lost_nothing_that_it_acknowledged(tmp_path: Path, policy: str) -> None:
    """Three times over: what was answered is there, once, in the order of its sender."""
    told: list[bytes] = []
    for start in range(3):
        command = [sys.executable, "-c", _APPEND, str(tmp_path), str(start), policy]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as writing:
            assert writing.stdout is not None
            content = writing.stdout.read(1000)
            writing.kill()
            content += writing.stdout.read()
        told += content.split(b" ")[:-1]

    opened = spool(tmp_path)
    opened.settle()
    found = [each.body.partition(b" ")[0] for each in _everything(opened)]
    assert len(found) == len(set(found))
    assert set(told) <= set(found)
    for sender in {each.rpartition(b".")[0] for each in found}:
        numbers = [int(each.rpartition(b".")[2]) for each in found if each.rpartition(b".")[0] == sender]
        assert numbers == list(range(len(numbers)))


def _everything(opened: Spool) -> Iterator[Frame]:
    """Yield all frames of a lane."""
    with opened.reader("otlp-0") as reader:
        for chunk in reader.read_range(0, reader.end()):
            yield from chunk.frames
