"""A consumer against a model of what it promises: it may end between any two of its steps."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from taskscope.clock import SECOND
from taskscope.model.batch import Batch, EncodedBatch
from taskscope.pipeline import piece
from taskscope.pipeline.consumer import Consumer, _Work
from taskscope.sinks.api import Outcome
from taskscope.sinks.testing import MemorySink
from tests.unit.pipeline.doubles import NOW, Rig, bodies, logs, numbers, statsd, values


class Crash(BaseException):
    """The process ends here."""


class CrashingSink(MemorySink):
    """Lets the process end before or after it has taken a batch."""

    crash_in: int = -1
    after: bool = False

    def consume(self, batch: Batch | EncodedBatch) -> Outcome:
        """Take a batch, or end."""
        self.crash_in -= 1
        if self.crash_in == 0 and not self.after:
            raise Crash
        outcome = super().consume(batch)
        if self.crash_in == 0:
            raise Crash
        return outcome


class ConsumerMachine(RuleBasedStateMachine):
    """
    A consumer of two workers, stepped by hand, that ends between any two of its steps and is started again.

    Promised: each record once, each count added once, each change of a gauge made once and in its order.
    """

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="consumer-"))
        self.appended = 0
        self.time = 0

    @initialize(piece_bytes=st.integers(1, 500))
    def open(self, piece_bytes: int) -> None:
        """Begin with an empty spool, and pieces of a few records."""
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(piece, "PIECE_BYTES", piece_bytes)
        for sync in ("fsync", "fdatasync"):  # a process ends here, not the machine; syncs are most of the time
            self.patch.setattr(os, sync, lambda _: None)
        self.sink = CrashingSink()
        self.rig = Rig(self.folder, self.sink)
        self.start()

    def start(self) -> None:
        """Start the process."""
        self.consumer: Consumer = self.rig.consumer()
        self.held: list[_Work] = []
        self.delivered: list[tuple[_Work, Any]] = []

    def teardown(self) -> None:
        """Remove the folder."""
        self.consumer.stop()
        self.patch.undo()
        shutil.rmtree(self.folder)

    @rule(lane=st.sampled_from(["otlp-0", "otlp-1"]), counts=st.lists(st.integers(1, 3), min_size=1, max_size=6))
    def receive_logs(self, lane: str, counts: list[int]) -> None:
        """Requests of some records each."""
        frames = []
        for count in counts:
            frames.append(logs(*(str(self.appended + number) for number in range(count))))
            self.appended += count
        self.rig.append(lane, frames)

    @rule(gaps=st.lists(st.integers(0, 12), min_size=1, max_size=5))
    def receive_statsd(self, gaps: list[int]) -> None:
        """Datagrams that count by one and raise a gauge by one."""
        for gap in gaps:
            self.time += gap
            self.rig.append("statsd-0", [statsd("hits:1|c\nlevel:+1|g", received_ns=NOW + self.time * SECOND)])

    @precondition(lambda self: len(self.held) < 2)
    @rule()
    def take(self) -> None:
        """A worker takes a range."""
        if (work := self.consumer._next()) is not None:
            self.held.append(work)

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def deliver(self, data: st.DataObject) -> None:
        """A worker delivers its range."""
        work = self.held.pop(data.draw(st.integers(0, len(self.held) - 1)))
        contents = self.consumer._deliver(work)
        assert contents is not None
        self.delivered.append((work, contents.state))

    @precondition(lambda self: self.delivered)
    @rule(data=st.data())
    def note(self, data: st.DataObject) -> None:
        """A worker notes its range as done."""
        work, state = self.delivered.pop(data.draw(st.integers(0, len(self.delivered) - 1)))
        self.consumer._note(work.cut, state)

    @rule()
    def end(self) -> None:
        """The process ends, with whatever is under way."""
        self.consumer._cursor.close()
        self.start()

    @precondition(lambda self: self.held)
    @rule(calls=st.integers(1, 4), after=st.booleans())
    def end_amid_a_delivery(self, calls: int, after: bool) -> None:  # noqa: FBT001 (hypothesis passes it)
        """Some pieces are taken, others are not; of one it is not known."""
        self.sink.crash_in, self.sink.after = calls, after
        work = self.held.pop()
        try:
            contents = self.consumer._deliver(work)
        except Crash:
            self.end()
        else:
            assert contents is not None
            self.delivered.append((work, contents.state))
        self.sink.crash_in = -1

    @rule()
    def trim(self) -> None:
        """What is confirmed is deleted."""
        self.rig.spool.trim([self.consumer])

    @invariant()
    def nothing_is_there_twice(self) -> None:
        """No record, and no count."""
        if not hasattr(self, "sink"):
            return
        found = numbers(bodies(self.sink))
        assert len(found) == len(set(found))

    @rule()
    def catch_up(self) -> None:
        """In the end everything is there."""
        while self.held or self.delivered or self.consumer._again or (work := self.consumer._next()) is not None:
            if self.held or self.consumer._again:
                work = self.held.pop() if self.held else self.consumer._next()
            elif self.delivered:
                self.consumer._note(*self._first())
                continue
            if work is None:  # its lane is busy
                self.consumer._note(*self._first())
                continue
            contents = self.consumer._deliver(work)
            assert contents is not None
            self.consumer._note(work.cut, contents.state)
        assert numbers(bodies(self.sink)) == list(range(self.appended))
        assert self.consumer.backlog_bytes() == 0
        hits = values(self.sink, "hits")
        assert values(self.sink, "level")[-1:] == [float(sum(hits))][: len(hits)]

    def _first(self) -> tuple[Any, Any]:
        work, state = self.delivered.pop(0)
        return work.cut, state


TestConsumer = ConsumerMachine.TestCase
TestConsumer.settings = settings(max_examples=40, stateful_step_count=40)
