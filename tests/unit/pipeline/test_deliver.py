"""Delivery: again and again while that may help, and everything accounted for."""

import logging
import threading
from pathlib import Path

import pytest

from taskscope.counters import Counters
from taskscope.errors import DeniedError, TaskscopeError
from taskscope.model.batch import Batch, Encoded, EncodedBatch, Signal
from taskscope.pipeline import deliver
from taskscope.pipeline.deliver import Delivery
from taskscope.pipeline.piece import Piece
from taskscope.pipeline.quarantine import Quarantine, list_quarantined
from taskscope.sinks.api import Outcome, Rejected
from taskscope.sinks.testing import MemorySink
from tests.unit.pipeline.doubles import logs
from tests.unit.sinks.rows import log

ROWS = [log("1", time_ns=1), log("2", time_ns=2), log("3", time_ns=3)]
FRAMES = [logs("1", "2"), logs("3")]
PIECE = Piece(Batch(Signal.LOGS, ROWS, "token"), [FRAMES[0], FRAMES[0], FRAMES[1]])


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait shorter between two tries."""
    monkeypatch.setattr(deliver, "_FIRST_WAIT_SECONDS", 0.001)
    monkeypatch.setattr(deliver, "_LONGEST_WAIT_SECONDS", 0.002)


class Bench:
    """A delivery to a sink, and what it left."""

    def __init__(self, folder: Path, sink: MemorySink) -> None:
        self.counters = Counters()
        self.folder = folder
        self.stop = threading.Event()
        self.delivery = Delivery(sink, Quarantine(folder, self.counters), self.counters, self.stop)

    def quarantined(self) -> list[str]:
        """Return why bodies are in quarantine."""
        return [each.reason for each in list_quarantined(self.folder)]


class Failing(MemorySink):
    """Raises an error so many times."""

    error: Exception = RuntimeError("broken")
    times: int = 0

    def consume(self, batch: Batch | EncodedBatch) -> Outcome:
        """Take a batch when there are no errors left."""
        if self.times > 0:
            self.times -= 1
            raise self.error
        return super().consume(batch)


def failing(error: Exception, times: int) -> Failing:
    """Return a sink that raises an error so many times."""
    sink = Failing()
    sink.error, sink.times = error, times
    return sink


@pytest.mark.parametrize(("name", "counter"), [("store", "stored.logs"), ("xray", "forwarded.xray.logs")])
def test_what_a_sink_took_is_counted(tmp_path: Path, name: str, counter: str) -> None:
    """By signal; a range of nothing is delivered."""
    bench = Bench(tmp_path, MemorySink(name=name))

    assert bench.delivery.deliver([])
    assert bench.delivery.deliver([PIECE])

    assert bench.counters.value(counter) == 3


def test_sink_that_is_away_is_waited_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is said once that it is, and once that it is back; each try is counted."""
    caplog.set_level(logging.WARNING)
    bench = Bench(tmp_path, MemorySink(failures=7))

    assert bench.delivery.deliver([PIECE])

    assert bench.delivery.trouble is None
    assert bench.counters.value("retries.memory") == 7
    assert [each.getMessage().partition(" ")[2][:13] for each in caplog.records] == ["takes nothing", "takes batches"]


def test_missing_permission_is_waited_for(tmp_path: Path) -> None:
    """It says nothing about the batch, and is put right elsewhere."""
    bench = Bench(tmp_path, failing(DeniedError("xray:PutTraceSegments is missing"), 12))

    assert bench.delivery.deliver([PIECE])

    assert bench.counters.value("forwarded.memory.logs") == 3
    assert bench.quarantined() == []


def test_end_of_the_process_ends_the_waiting(tmp_path: Path) -> None:
    """Nothing is sent any more, nothing is noted."""
    bench = Bench(tmp_path, MemorySink(failures=10**9))
    threading.Timer(0.01, bench.stop.set).start()

    assert not bench.delivery.deliver([PIECE])
    assert bench.delivery.trouble == "told to fail"
    assert not bench.delivery.deliver([PIECE])


def test_fault_of_ours_is_tried_again_and_then_set_aside(tmp_path: Path) -> None:
    """So that the rest is not held up; each frame is kept once, with what happened."""
    bench = Bench(tmp_path, failing(RuntimeError("broken"), 5))

    assert bench.delivery.deliver([PIECE])

    assert bench.counters.value("rejected.memory.logs") == 3
    assert bench.counters.value("faults.memory") == 4
    assert len(bench.quarantined()) == 2
    assert bench.quarantined()[0].startswith("memory cannot take it: RuntimeError: broken (consume, line ")


def test_fault_that_goes_away_costs_nothing(tmp_path: Path) -> None:
    """The batch comes again with its token."""
    bench = Bench(tmp_path, failing(TaskscopeError("odd"), 4))

    assert bench.delivery.deliver([PIECE])
    assert bench.counters.value("forwarded.memory.logs") == 3


@pytest.mark.parametrize(("name", "kept"), [("store", ["the store refuses it: too odd"]), ("otlp", [])])
def test_rejected_rows_are_counted_and_the_stores_are_kept(
    tmp_path: Path, name: str, kept: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """The body that they came in goes to quarantine; what another sink refuses the store has."""
    caplog.set_level(logging.WARNING)
    sink = MemorySink(name=name, reject=lambda row: "too odd" if row is ROWS[2] else "")
    bench = Bench(tmp_path, sink)

    assert bench.delivery.deliver([PIECE])

    assert bench.counters.value(f"rejected.{name}.logs") == 1
    assert bench.quarantined() == kept
    assert ("refuses 1 of logs: too odd" in caplog.text) == (name == "otlp")


def test_rejected_body_counts_as_its_rows(tmp_path: Path) -> None:
    """As many as the sink says."""

    class Half(MemorySink):
        def consume(self, batch: Batch | EncodedBatch) -> Outcome:
            del batch
            return Outcome(0, [Rejected(0, "no", rows=41)])

    bench = Bench(tmp_path, Half(name="store"))
    piece = Piece(EncodedBatch(Encoded.OTLP_LOGS, [b"body"], "token"), [FRAMES[0]])

    assert bench.delivery.deliver([piece])
    assert bench.counters.all() == {"rejected.store.logs": 41, "quarantined.otlp_logs_json": 1}


def test_what_a_sink_could_not_read_is_no_refusal(tmp_path: Path) -> None:
    """Nobody knows of a row in it: it is in quarantine for what is wrong with it, as if it had been read before."""

    class Reading(MemorySink):
        """Cannot read the second body."""

        def consume(self, batch: Batch | EncodedBatch) -> Outcome:
            """Take the first."""
            return Outcome(len(batch.token), [Rejected(1, "no JSON", 0)])

    bench = Bench(tmp_path, Reading(name="store"))
    piece = Piece(EncodedBatch(Encoded.XRAY_SPANS, [b"1", b"2"], "token", [1, 2]), FRAMES)

    assert bench.delivery.deliver([piece])
    assert bench.quarantined() == ["no JSON"]
    assert bench.counters.all() == {"stored.spans": 5, "quarantined.otlp_logs_json": 1}
