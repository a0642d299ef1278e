"""What a range means: frame by frame, or as one window that builds upon the one before."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from taskscope.clock import SECOND
from taskscope.model.batch import Batch, Row, Signal
from taskscope.model.metric import Datapoint
from taskscope.model.resource import Resource
from taskscope.pipeline.aggregate.config import AggregateConfig
from taskscope.pipeline.quarantine import list_quarantined
from taskscope.pipeline.ranges import RangeReader, receiver_of
from taskscope.sinks.testing import MemorySink
from taskscope.spool.frame import Frame
from tests.unit.pipeline.doubles import NOW, Rig, logs, statsd


def read(ranges: RangeReader, lane: str, frames: Sequence[Frame], state: Any = None) -> tuple[list[Batch], Any]:
    """Return the batches of a range, and what it leaves."""
    contents = ranges.read(lane, iter(frames), "token", state)
    batches = [each.batch for each in contents.pieces]
    assert all(isinstance(each, Batch) for each in batches)
    return [each for each in batches if isinstance(each, Batch)], contents.state


def plain(rows: Sequence[Row]) -> list[tuple[Any, ...]]:
    """Return rows without their resources, which compare by identity."""
    return [row._replace(resource=None) for row in rows]  # type: ignore[arg-type,call-arg]


def test_receiver_is_named_in_the_lane() -> None:
    """Before its number."""
    assert receiver_of("otlp-1") == "otlp"
    assert RangeReader.in_turn("statsd-0")
    assert not RangeReader.in_turn("xray-0")


def test_frames_of_most_lanes_are_decoded_one_by_one(tmp_path: Path) -> None:
    """And leave nothing for the next range."""
    [batch], state = read(Rig(tmp_path).ranges(), "otlp-0", [logs("1", "2"), logs("3")])

    assert (batch.signal, len(batch.rows), state) == (Signal.LOGS, 3, None)


def test_range_of_statsd_is_one_window(tmp_path: Path) -> None:
    """Of its first frame's time; gauges go on from the window before."""
    ranges = Rig(tmp_path).ranges()
    frames = [statsd("hits:1|c\nlevel:+2|g"), statsd("hits:2|c")]

    [batch], state = read(ranges, "statsd-0", frames)
    [later], _ = read(ranges, "statsd-0", [statsd("level:+3|g", received_ns=NOW + 10 * SECOND)], state)

    rows = [row for row in [*batch.rows, *later.rows] if isinstance(row, Datapoint)]
    assert [(row.metric.name, row.value) for row in rows] == [("hits", 3.0), ("level", 2.0), ("level", 5.0)]
    assert rows[0].start_ns == NOW - NOW % (10 * SECOND)
    assert rows[0].time_ns - rows[0].start_ns == 10 * SECOND


def test_replay_makes_the_same(tmp_path: Path) -> None:
    """Rows, order and names, from the same frames and state: also events, in a piece of their own."""
    frames = [statsd("level:+2|g\nhits:1|c|#a:b"), statsd("_e{5,4}:title|text\nsize:3|h")]
    ranges = Rig(tmp_path).ranges()
    _, state = read(ranges, "statsd-0", [statsd("level:7|g")])

    first, left = read(ranges, "statsd-0", frames, state)
    again, left_again = read(Rig(tmp_path).ranges(), "statsd-0", frames, state)

    assert left == left_again
    assert [(each.signal, each.token) for each in first] == [(each.signal, each.token) for each in again]
    assert [plain(each.rows) for each in first] == [plain(each.rows) for each in again]
    assert [each.signal for each in first] == [Signal.METRICS, Signal.LOGS]


def test_range_that_was_lost_leaves_the_state(tmp_path: Path) -> None:
    """Nothing to aggregate: what the range before left stays in force."""
    assert read(Rig(tmp_path).ranges(), "statsd-0", [], "state") == ([], None)


@pytest.mark.parametrize(("signals", "made"), [({Signal.SPANS}, []), ({Signal.LOGS}, [Signal.LOGS])])
def test_sink_gets_the_signals_that_it_takes(tmp_path: Path, signals: set[Signal], made: list[Signal]) -> None:
    """A window is not even aggregated for one that takes neither metrics nor logs."""
    ranges = Rig(tmp_path, MemorySink(signals=frozenset(signals))).ranges()

    batches, _ = read(ranges, "statsd-0", [statsd("hits:1|c\n_e{5,4}:title|text")])

    assert [each.signal for each in batches] == made


def test_lines_that_do_not_read_are_kept_and_the_rest_counted(tmp_path: Path) -> None:
    """A thousand of a window are kept; more are counted."""
    rig = Rig(tmp_path)
    lines = "\n".join(f"no line {number}" for number in range(1003))

    batches, _ = read(rig.ranges(), "statsd-0", [statsd(lines + "\nhits:1|c")])

    assert len(batches[0].rows) == 1
    assert len(list(list_quarantined(tmp_path / "quarantine"))) == 1000
    assert rig.counters.value("quarantine.full") == 3


def test_series_beyond_the_limit_are_counted(tmp_path: Path) -> None:
    """Whoever sends them."""
    rig = Rig(tmp_path)
    ranges = rig.ranges()
    ranges._config = replace(AggregateConfig(), max_series=2)

    [batch], _ = read(ranges, "statsd-0", [statsd("a:1|c\nb:1|c\nc:1|c")])

    assert len(batch.rows) == 2
    assert rig.counters.value("dropped.statsd.limits") == 1


def test_state_that_does_not_read_begins_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Another version may have left it; the lane goes on."""
    caplog.set_level(logging.ERROR)

    [batch], _ = read(Rig(tmp_path).ranges(), "statsd-0", [statsd("level:+1|g")], "{no json")

    assert isinstance(batch.rows[0], Datapoint)
    assert batch.rows[0].value == 1.0
    assert "gauges begin anew" in caplog.text


def test_senders_of_statsd_are_enriched(tmp_path: Path) -> None:
    """By their address, which is all that they say of themselves."""

    class Known:
        def knows(self, sender: str) -> bool:
            return bool(sender)

        def enrich(self, resource: Resource, sender: str) -> Resource:
            return Resource({**resource.attributes, "aws.ecs.task.arn": f"task of {sender}"})

    ranges = Rig(tmp_path).ranges()
    ranges._enrichment = Known()

    [batch], _ = read(ranges, "statsd-0", [statsd("hits:1|c")])

    assert isinstance(batch.rows[0], Datapoint)
    assert batch.rows[0].resource.attributes["aws.ecs.task.arn"] == "task of 10.0.0.1"


def test_frames_that_are_set_aside_are_in_quarantine(tmp_path: Path) -> None:
    """Each of them."""
    rig = Rig(tmp_path)

    rig.ranges().set_aside([statsd("a:1|c"), statsd("b:1|c")], "a fault")

    assert [each.reason for each in list_quarantined(tmp_path / "quarantine")] == ["a fault", "a fault"]
