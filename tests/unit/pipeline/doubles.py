"""Frames that decode to few rows, and a consumer of them, for the tests of the pipeline."""

import json
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from taskscope.clock import SECOND, Clock, fixed_clock
from taskscope.counters import Counters
from taskscope.model.batch import Signal
from taskscope.model.log import LogRecord
from taskscope.model.metric import Datapoint
from taskscope.pipeline.aggregate.config import AggregateConfig
from taskscope.pipeline.consumer import Consumer
from taskscope.pipeline.cutting import BatchCutter, Cutter, WindowCutter
from taskscope.pipeline.decode import Decoder, Selection
from taskscope.pipeline.deliver import Delivery
from taskscope.pipeline.quarantine import Quarantine
from taskscope.pipeline.ranges import RangeReader
from taskscope.sinks.testing import MemorySink
from taskscope.spool.frame import Encoding, Frame, Kind
from taskscope.spool.reader import LaneReader
from taskscope.spool.spool import Spool

NOW = 1_700_000_000 * SECOND
_LATER = fixed_clock(NOW + 3600 * SECOND)


def logs(*texts: str, received_ns: int = NOW, encoding: int = Encoding.IDENTITY) -> Frame:
    """Return an OTLP request with these log records."""
    records = [{"timeUnixNano": "1", "body": {"stringValue": text}} for text in texts]
    body = json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]}).encode()
    return Frame(Kind.OTLP_LOGS_JSON, received_ns, body, encoding, "10.0.0.1")


def span(trace: int, number: int = 1, *, seconds: float = 0.1, error: bool = False) -> dict[str, object]:
    """Return a span of OTLP in JSON; its name says its trace and number."""
    return {
        "traceId": f"{trace:032x}",
        "spanId": f"{trace * 1000 + number:016x}",
        "name": f"{trace}.{number}",
        "startTimeUnixNano": str(NOW),
        "endTimeUnixNano": str(NOW + round(seconds * SECOND)),
        "status": {"code": 2 if error else 0},
    }


def spans(*rows: dict[str, object], received_ns: int = NOW) -> Frame:
    """Return an OTLP request with these spans."""
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": rows}]}]}).encode()
    return Frame(Kind.OTLP_TRACES_JSON, received_ns, body, sender="10.0.0.1")


def statsd(lines: str, *, received_ns: int = NOW) -> Frame:
    """Return a datagram of StatsD."""
    return Frame(Kind.STATSD_DATAGRAM, received_ns, lines.encode(), sender="10.0.0.1")


def bodies(sink: MemorySink) -> list[str]:
    """Return the texts of all log records that a sink has."""
    return [str(row.body) for row in sink.rows(Signal.LOGS) if isinstance(row, LogRecord)]


def values(sink: MemorySink, name: str) -> list[float]:
    """Return the values of a metric that a sink has, by time."""
    rows = [row for row in sink.rows(Signal.METRICS) if isinstance(row, Datapoint) and row.metric.name == name]
    return [row.value for row in rows if isinstance(row.value, float | int)]


@dataclass
class Rig:
    """A spool with one consumer, which may be started again and again."""

    folder: Path
    sink: MemorySink = field(default_factory=MemorySink)
    clock: Clock = _LATER
    workers: int = 1
    most_bytes: int = 400
    selection: Selection | None = None
    counters: Counters = field(default_factory=Counters)

    def __post_init__(self) -> None:
        self.spool = Spool(self.folder / "spool", max_bytes=1 << 40, segment_bytes=2000)
        self.stop = threading.Event()
        self.quarantine = Quarantine(self.folder / "quarantine", self.counters)

    def append(self, lane: str, frames: Sequence[Frame]) -> None:
        """Write frames as a process does that starts, writes and ends."""
        with self.spool.writer(lane) as writer:
            writer.write(frames)
            writer.sync()

    def decoder(self) -> Decoder:
        """Make a decoder for the sink."""
        return Decoder(
            signals=self.sink.signals,
            encoded=self.sink.encoded,
            quarantine=self.quarantine,
            counters=self.counters,
            selection=self.selection,
        )

    def ranges(self) -> RangeReader:
        """Make the reader of ranges for the sink."""
        return RangeReader(
            self.decoder(),
            signals=self.sink.signals,
            config=AggregateConfig(),
            window_ns=10 * SECOND,
            quarantine=self.quarantine,
            counters=self.counters,
        )

    def consumer(self) -> Consumer:
        """Make a consumer, as a start does."""
        self.stop = threading.Event()
        return Consumer(
            self.sink.name,
            spool=self.spool,
            ranges=self.ranges(),
            delivery=Delivery(self.sink, self.quarantine, self.counters, self.stop),
            cutters=self.cutter,
            counters=self.counters,
            workers=self.workers,
            stop=self.stop,
        )

    def cutter(self, lane: str, reader: LaneReader) -> Cutter:
        """Make the cutter of a lane."""
        if RangeReader.in_turn(lane):
            return WindowCutter(reader, window_ns=10 * SECOND, clock=self.clock)
        return BatchCutter(reader, enough_bytes=1, most_bytes=self.most_bytes, wait_ns=0, clock=self.clock)

    def run(self, seconds: float = 20.0) -> bool:
        """Start a consumer, deliver everything, stop; return whether all was delivered."""
        consumer = self.consumer()
        consumer.start()
        drained = consumer.drain(time.monotonic() + seconds)
        consumer.stop()
        return drained


def numbers(texts: Iterable[str]) -> list[int]:
    """Return texts as numbers in their order."""
    return sorted(int(text) for text in texts)
