"""The observer: it sees every span once and ahead of the consumers, and takes nothing."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from taskscope.model.span import Span
from taskscope.pipeline.observe import Observer, carries_spans
from taskscope.spool.cursor import Cursor
from taskscope.spool.frame import Frame, Kind
from taskscope.spool.segment import list_segments
from tests.unit.pipeline.doubles import NOW, Rig, logs, span, spans


class Seen:
    """Remembers the names of spans."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __call__(self, shown: Iterable[Span]) -> None:
        """Remember."""
        self.names += [each.name for each in shown]


@pytest.fixture
def seen() -> Seen:
    """Remember what is shown."""
    return Seen()


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    """Open a spool."""
    return Rig(tmp_path)


def observer(rig: Rig, seen: Seen, clock: int = NOW) -> Observer:
    """Return an observer of a spool."""
    return Observer(rig.spool, seen, clock=lambda: clock)


def test_every_span_is_shown_once(rig: Rig, seen: Seen) -> None:
    """In lanes that appear later too; what holds none, or cannot be read, is passed by."""
    watching = observer(rig, seen)
    rig.append("otlp-0", [spans(span(1)), logs("1"), Frame(Kind.OTLP_TRACES_JSON, NOW, b"{"), spans(span(2))])
    watching.look()
    rig.append("otlp-0", [spans(span(3)), Frame(99, NOW, b"")])
    rig.append("xray-tcp-0", [spans(span(4))])
    rig.append("fluent-0", [spans(span(5))])
    watching.look()
    watching.look()

    assert seen.names == ["1.1", "2.1", "3.1", "4.1"]
    assert rig.counters.all() == {}


def test_time_of_what_was_seen_is_that_before_the_look(rig: Rig, seen: Seen) -> None:
    """What came during it may not be in it."""
    watching = observer(rig, seen, clock=NOW + 5)
    assert watching.seen_ns == 0
    assert not watching.wait(0)

    watching.look()

    assert watching.seen_ns == NOW + 5
    assert watching.wait(0)


def test_start_begins_where_the_slowest_consumer_is(rig: Rig, seen: Seen) -> None:
    """What all have taken is over; what one has not, may belong to a trace that it is about to choose."""
    rig.append("otlp-0", [spans(span(1)), spans(span(2)), spans(span(3))])
    with rig.spool.reader("otlp-0") as reader:
        ends = [reader.read(0, max_bytes=1).end, reader.end()]
    slow, fast = rig.spool.cursor("slow"), rig.spool.cursor("fast")
    slow.done(slow.cut("otlp-0", ends[0]))
    fast.done(fast.cut("otlp-0", ends[1]))
    watching = observer(rig, seen)
    watching.start([slow, fast])
    assert watching.wait(10)
    watching.stop()
    slow.close()
    fast.close()

    assert seen.names == ["2.1", "3.1"]


def test_segment_that_is_deleted_meanwhile_ends_nothing(
    rig: Rig, seen: Seen, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """At a flush consumers may pass the observer, and what they took is deleted: it goes on behind that."""
    rig.append("otlp-0", [spans(span(1))])
    rig.append("otlp-0", [spans(span(2))])
    list_segments(rig.spool._lanes / "otlp-0")[0].path.unlink()
    fails = iter([OSError(2, "No such file or directory")])
    cursor: Cursor = rig.spool.cursor("store")
    real = cursor.confirmed

    def confirmed(lane: str) -> int:
        for error in fails:
            raise error
        return real(lane)

    monkeypatch.setattr(cursor, "confirmed", confirmed)
    watching = observer(rig, seen)
    watching.start([cursor])
    assert watching.wait(10)
    watching.stop()
    cursor.close()

    assert seen.names == ["2.1"]
    assert "sampling cannot read the spool" in caplog.text


def test_observer_that_never_began_can_be_stopped(rig: Rig, seen: Seen) -> None:
    """A start may have failed before it."""
    observer(rig, seen).stop()


def test_lanes_of_receivers_without_spans_are_known() -> None:
    """Others may have some, those of a later version too."""
    assert not any(map(carries_spans, ["statsd-0", "fluent-0", "events-1"]))
    assert all(map(carries_spans, ["otlp-0", "xray-1", "xray-tcp-0", "new-0"]))
