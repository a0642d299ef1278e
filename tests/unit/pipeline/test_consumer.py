"""Consumers: everything that was appended arrives, once by its token, whatever fails or ends meanwhile."""

import errno
import random
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from taskscope.clock import SECOND
from taskscope.errors import SpoolFullError
from taskscope.pipeline import consumer as module
from taskscope.pipeline import deliver
from taskscope.pipeline.consumer import Consumer, _Work
from taskscope.pipeline.quarantine import list_quarantined
from taskscope.pipeline.ranges import RangeReader
from taskscope.sinks.testing import MemorySink
from taskscope.spool.cursor import Cursor
from taskscope.spool.segment import list_segments
from tests.unit.pipeline.doubles import NOW, Rig, bodies, logs, numbers, statsd, values
from tests.unit.spool.doubles import mounted


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait shorter between two tries."""
    monkeypatch.setattr(module, "_AGAIN_SECONDS", 0.01)
    monkeypatch.setattr(module, "_IDLE_SECONDS", 0.001)
    monkeypatch.setattr(deliver, "_FIRST_WAIT_SECONDS", 0.001)


@pytest.mark.parametrize("seed", range(4))
def test_workers_deliver_everything_once_while_it_is_written(tmp_path: Path, seed: int) -> None:
    """With a sink that fails at random, lanes that appear later, and starts in between."""
    chance = random.Random(seed)  # noqa: S311 (no secret: a test that can be repeated)
    sink = MemorySink()
    rig = Rig(tmp_path, sink, workers=3)

    def receive(lane: str, numbers: Sequence[int]) -> None:
        with rig.spool.writer(lane) as writer:
            for number in numbers:
                writer.write([logs(str(number))])
                writer.sync()

    writers = [
        threading.Thread(target=receive, args=(f"otlp-{lane}", range(lane * 100, lane * 100 + 100)))
        for lane in range(3)
    ]
    for number, thread in enumerate(writers):
        thread.start()
        sink.failures = chance.randrange(5)
        rig.run(seconds=0.02 * number)
    for thread in writers:
        thread.join()

    assert rig.run()
    assert numbers(bodies(sink)) == list(range(300))


def test_order_of_a_lane_is_that_of_its_writer(tmp_path: Path) -> None:
    """As long as one worker delivers."""
    rig = Rig(tmp_path)
    rig.append("otlp-0", [logs(str(number)) for number in range(50)])

    assert rig.run()
    assert bodies(rig.sink) == [str(number) for number in range(50)]


def test_other_lanes_are_served_while_one_has_a_backlog(tmp_path: Path) -> None:
    """Those served longest ago come first."""
    rig = Rig(tmp_path, most_bytes=1)
    rig.append("otlp-0", [logs(str(number)) for number in range(20)])
    rig.append("otlp-1", [logs("other")])

    assert rig.run()
    assert bodies(rig.sink).index("other") <= 1


def test_range_that_comes_again_is_read_as_it_was_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What decided how its bodies are divided is part of the journal: later more or less may be known of senders."""
    rig = Rig(tmp_path)
    rig.append("otlp-0", [logs("1")])
    notes: list[Any] = []
    real = RangeReader.read

    def read(self: RangeReader, *args: Any) -> Any:
        notes.append(args[-1])
        return real(self, *args)

    monkeypatch.setattr(RangeReader, "read", read)
    monkeypatch.setattr(RangeReader, "note", lambda *_: ["10.0.0.9"])
    first = rig.consumer()
    assert first._next() is not None
    first.stop()
    monkeypatch.setattr(RangeReader, "note", lambda *_: [])

    assert rig.run()
    assert notes == [["10.0.0.9"]]


def test_dead_sink_loses_nothing(tmp_path: Path) -> None:
    """It is told, the process may end meanwhile, and the next one delivers."""
    rig = Rig(tmp_path, MemorySink(failures=10**9), workers=2)
    rig.append("otlp-0", [logs(str(number)) for number in range(9)])
    consumer = rig.consumer()
    consumer.start()
    assert not consumer.drain(0)
    while consumer.trouble is None:
        pass
    assert consumer.trouble == "told to fail"
    assert consumer.backlog_bytes() > 0
    consumer.stop()
    assert bodies(rig.sink) == []

    rig.sink.failures = 0
    assert rig.run()
    assert numbers(bodies(rig.sink)) == list(range(9))


def test_full_disk_under_the_journal_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a cut nor a note that cannot be written ends a thread, or delivers a range twice."""
    rig = Rig(tmp_path, workers=2)
    rig.append("otlp-0", [logs(str(number)) for number in range(30)])
    chance = random.Random(1)  # noqa: S311 (likewise)
    real = Cursor._write

    def write(self: Cursor, entry: dict[str, Any], *, sync: bool) -> None:
        if chance.random() < 0.3:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(self, entry, sync=sync)

    monkeypatch.setattr(Cursor, "_write", write)

    assert rig.run()
    assert numbers(bodies(rig.sink)) == list(range(30))


def test_full_disk_recovers_by_itself(tmp_path: Path) -> None:
    """Its journals have room, so when the sink is back the spool is emptied, and receivers go on."""
    with mounted(tmp_path / "disk", megabytes=4) as disk:
        rig = Rig(disk, MemorySink(failures=10**9), workers=2, most_bytes=100_000)
        writer = rig.spool.writer("otlp-0")
        kept, refused = 0, 0

        def receive() -> None:
            nonlocal kept, refused
            try:
                writer.write([logs(*[str(kept + number) for number in range(100)])])
                writer.sync()
            except SpoolFullError:
                refused += 1
            else:
                kept += 100

        consumer = rig.consumer()
        consumer.start()
        while refused < 50:
            receive()
        rig.sink.failures = 0
        full = kept
        while kept < full + 10_000:
            rig.spool.trim([consumer])
            receive()
        writer.close()
        assert consumer.drain(time.monotonic() + 20)
        consumer.stop()

    assert numbers(bodies(rig.sink)) == list(range(kept))


def test_range_that_cannot_be_read_for_now_is_read_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was cut, so nobody else takes it."""
    rig = Rig(tmp_path)
    rig.append("statsd-0", [statsd("hits:1|c")])
    left = iter([1, 1, 1])
    real = module.Consumer._frames

    def frames(self: Consumer, work: _Work) -> Any:
        if next(left, None):
            raise OSError(errno.EIO, "Input/output error")
        return real(self, work)

    monkeypatch.setattr(Consumer, "_frames", frames)

    assert rig.run()
    assert values(rig.sink, "hits") == [1.0]


def test_range_that_we_have_a_fault_with_is_set_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After some tries: its frames are in quarantine, and its lane goes on."""
    rig = Rig(tmp_path)
    rig.append("statsd-0", [statsd("hits:1|c")])
    rig.append("statsd-0", [statsd("hits:2|c", received_ns=NOW + 20 * SECOND)])
    real = RangeReader._gauges

    def broken(state: Any) -> Any:
        if state is None and not list_quarantined_reasons(rig):
            raise ZeroDivisionError("a fault of ours")
        return real(state)

    monkeypatch.setattr(RangeReader, "_gauges", staticmethod(broken))

    assert rig.run()
    assert values(rig.sink, "hits") == [2.0]
    [reason] = list_quarantined_reasons(rig)
    assert reason.startswith("a fault: ZeroDivisionError: a fault of ours (broken, line ")
    assert rig.counters.value("faults.memory") == 5


def list_quarantined_reasons(rig: Rig) -> list[str]:
    """Return why bodies are in quarantine."""
    return [each.reason for each in list_quarantined(rig.folder / "quarantine")]


def test_damaged_bytes_are_counted_and_passed_by(tmp_path: Path) -> None:
    """In the middle of a published segment; the records around them arrive."""
    rig = Rig(tmp_path)
    rig.append("otlp-0", [logs(str(number)) for number in range(5)])
    segment = list_segments(rig.spool._lanes / "otlp-0")[0]
    content = bytearray(segment.path.read_bytes())
    content[len(content) // 2] ^= 1
    segment.path.write_bytes(content)

    assert rig.run()
    assert bodies(rig.sink) == ["0", "1", "3", "4"]
    assert rig.counters.value("damaged_bytes.spool") > 100


@pytest.mark.parametrize("turn", [-(10**6), 10**6])
def test_clock_that_is_set_changes_nothing(tmp_path: Path, turn: int) -> None:
    """Back or forward, between the frames and at delivery."""
    rig = Rig(tmp_path, clock=lambda: NOW + turn * SECOND)
    rig.append("otlp-0", [logs("1", received_ns=NOW + turn * SECOND), logs("2")])
    rig.append("statsd-0", [statsd("hits:1|c"), statsd("hits:1|c", received_ns=NOW + turn * SECOND)])

    assert rig.run()
    assert bodies(rig.sink) == ["1", "2"]
    assert sum(values(rig.sink, "hits")) == 2.0


def test_stop_ends_the_waiting_for_a_sink(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process has 30 s; what was not delivered comes again."""
    monkeypatch.setattr(deliver, "_FIRST_WAIT_SECONDS", 600.0)
    rig = Rig(tmp_path, MemorySink(failures=1))
    rig.append("otlp-0", [logs("1")])
    consumer = rig.consumer()
    consumer.start()
    while consumer.trouble is None:
        pass
    consumer.stop()

    assert rig.run()
    assert bodies(rig.sink) == ["1"]
