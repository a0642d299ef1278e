"""The spool against a model of what it promises: any order of appending, cutting, crashing and replaying."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from taskscope.errors import SpoolFullError
from taskscope.spool.cursor import Cursor, Cut
from taskscope.spool.frame import Frame, Kind
from taskscope.spool.lane import LaneWriter
from taskscope.spool.segment import list_segments
from taskscope.spool.spool import Spool
from taskscope.spool.watermark import Watermark

LANE = "otlp-0"
SEGMENT_BYTES = 300
"""A handful of records, so that segments end often."""


class SpoolMachine(RuleBasedStateMachine):
    """
    One writer and one consumer, who remembers deliveries by token as the store does.

    Promised: every acknowledged frame arrives, in order, once for each token; none arrives that was not appended.
    """

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="spool-model-"))
        self.patch = pytest.MonkeyPatch()
        for sync in (
            "fsync",
            "fdatasync",
        ):  # a power cut is made of what would be synced; real syncs are most of the time
            self.patch.setattr(os, sync, lambda _: None)
        self.acknowledged: list[bytes] = []
        self.offered: set[bytes] = set()
        self.stored: dict[str, list[bytes]] = {}
        self.under_way: list[Cut] = []

    @initialize()
    def open(self) -> None:
        """Begin with an empty spool."""
        self.spool = Spool(self.folder, max_bytes=10**9, segment_bytes=SEGMENT_BYTES)
        self.writer: LaneWriter = self.spool.writer(LANE)
        self.cursor: Cursor = self.spool.cursor("store")

    def teardown(self) -> None:
        """Remove the folder."""
        self.writer.close()
        self.cursor.close()
        self.patch.undo()
        shutil.rmtree(self.folder)

    def frames(self, lengths: list[int]) -> list[Frame]:
        """Make frames of distinct bodies."""
        bodies = [f"{len(self.offered) + index} ".encode().ljust(length, b"x") for index, length in enumerate(lengths)]
        self.offered.update(bodies)
        return [Frame(Kind.XRAY_DATAGRAM, 7, body, sender="10.0.0.1") for body in bodies]

    @rule(lengths=st.lists(st.integers(0, 120), min_size=1, max_size=4))
    def append(self, lengths: list[int]) -> None:
        """A receiver's way: written, synced, then acknowledged."""
        frames = self.frames(lengths)
        self.writer.write(frames)
        self.writer.sync()
        self.acknowledged += [each.body for each in frames]

    @rule(lengths=st.lists(st.integers(0, 120), min_size=1, max_size=3))
    def append_without_answer(self, lengths: list[int]) -> None:
        """Written and perhaps never synced: nobody was told that it is kept."""
        self.writer.write(self.frames(lengths))

    @rule(lengths=st.lists(st.integers(0, 120), min_size=1, max_size=3))
    def append_datagrams(self, lengths: list[int]) -> None:
        """Written and shown to consumers at once, synced later."""
        self.writer.write(self.frames(lengths))
        self.writer.publish()

    @rule(lengths=st.lists(st.integers(0, 60), min_size=2, max_size=3))
    def meet_a_full_disk(self, lengths: list[int]) -> None:
        """A part of the bytes gets onto the disk, then no more does."""
        frames = self.frames(lengths)
        real = LaneWriter.write.__globals__["write_all"]

        def fill(handle: int, pieces: list[bytes]) -> None:
            real(handle, [b"".join(pieces)[: sum(map(len, pieces)) - 3]])
            raise OSError(28, "No space left on device")

        LaneWriter.write.__globals__["write_all"] = fill
        try:
            self.writer.write(frames)
        except SpoolFullError:
            pass
        else:
            raise AssertionError("a full disk was not told")
        finally:
            LaneWriter.write.__globals__["write_all"] = real

    @rule(max_bytes=st.integers(1, 400))
    def cut(self, max_bytes: int) -> None:
        """A consumer takes a range; it is recorded before anything is done with it."""
        with self.spool.reader(LANE) as reader:
            chunk = reader.read(self.cursor.position(LANE), max_bytes=max_bytes)
        if chunk.frames:
            assert not chunk.damaged_bytes
            self.under_way.append(self.cursor.cut(LANE, chunk.end))

    @precondition(lambda self: self.under_way)
    @rule(data=st.data(), noted=st.booleans())
    def deliver(self, data: st.DataObject, noted: bool) -> None:  # noqa: FBT001 (hypothesis passes it)
        """One of the ranges under way is stored; a crash may come before it is noted."""
        cut = data.draw(st.sampled_from(self.under_way))
        self.store(cut)
        if noted:
            self.under_way.remove(cut)
            self.cursor.done(cut)

    def store(self, cut: Cut) -> None:
        """Deliver a range as the store does: its token is taken once."""
        with self.spool.reader(LANE) as reader:
            bodies = [each.body for chunk in reader.read_range(cut.start, cut.end) for each in chunk.frames]
        before = self.stored.setdefault(self.spool.token(cut), bodies)
        assert before[: len(bodies)] == bodies  # a power cut may have taken what nobody was promised
        assert not set(before[len(bodies) :]).intersection(self.acknowledged)

    @rule()
    def crash_of_the_consumer(self) -> None:
        """It comes back, and finds what it has cut and not noted as done."""
        self.cursor.close()
        self.cursor = self.spool.cursor("store")
        assert set(self.cursor.open_cuts()) == set(self.under_way)
        self.under_way = self.cursor.open_cuts()

    @rule(tail=st.binary(max_size=40))
    def crash_of_the_writer(self, tail: bytes) -> None:
        """A killed process leaves what it wrote, and perhaps a record that is not finished."""
        with list_segments(self.folder / "lanes" / LANE)[-1].path.open("ab") as file:
            file.write(b"\xf5T" + tail)
        self.reopen_writer()

    @rule(data=st.data(), consumer_first=st.booleans())
    def power_cut(self, data: st.DataObject, consumer_first: bool) -> None:  # noqa: FBT001 (hypothesis passes it)
        """The disk keeps what was synced, and any part of the rest; the watermark is as old as the disk has it."""
        self.cut(400)
        segment = list_segments(self.folder / "lanes" / LANE)[-1]
        kept = data.draw(st.integers(self.writer._synced - segment.start, segment.size))
        self.writer.close()
        with segment.path.open("r+b") as file:
            file.truncate(kept)
        mark = Watermark(self.folder / "lanes" / LANE)
        mark.value = data.draw(st.integers(0, mark.value))
        mark.close()
        self.crash_of_the_consumer()
        if consumer_first:
            for cut in self.under_way:
                self.store(cut)
        self.reopen_writer()

    def reopen_writer(self) -> None:
        """Start the writer's process again."""
        self.writer.close()
        self.writer = self.spool.writer(LANE)

    @rule()
    def trim(self) -> None:
        """Segments that are done with are deleted."""
        self.spool.trim([self.cursor])

    @invariant()
    def nothing_is_stored_twice_or_invented(self) -> None:
        """What is stored was offered, and is there once."""
        bodies = [body for batch in self.stored.values() for body in batch]
        assert len(bodies) == len(set(bodies))
        assert self.offered.issuperset(bodies)

    @rule()
    def catch_up(self) -> None:
        """In the end, everything that was acknowledged is there, in its order."""
        while True:
            with self.spool.reader(LANE) as reader:
                chunk = reader.read(self.cursor.position(LANE), max_bytes=200)
            if not chunk.frames:
                break
            self.under_way.append(self.cursor.cut(LANE, chunk.end))
        for cut in self.under_way:
            self.store(cut)
            self.cursor.done(cut)
        self.under_way = []
        by_place = sorted(self.stored.items(), key=lambda item: int(item[0].split(":")[2]))
        stored = [body for _, bodies in by_place for body in bodies]
        kept = set(self.acknowledged)
        assert [body for body in stored if body in kept] == self.acknowledged


TestSpool = SpoolMachine.TestCase
TestSpool.settings = settings(max_examples=150, stateful_step_count=40)
