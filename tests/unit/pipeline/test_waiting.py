"""Ranges that wait: they end before the first frame that is too young."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from taskscope.clock import MILLISECOND, SECOND
from taskscope.pipeline.cutting import BatchCutter, Planned
from taskscope.pipeline.waiting import WaitingCutter
from taskscope.spool.frame import Frame, Kind
from taskscope.spool.reader import LaneReader
from taskscope.spool.segment import list_segments
from taskscope.spool.spool import Spool
from tests.unit.pipeline.doubles import NOW

WAIT = 10 * SECOND


class Bench:
    """A lane, a clock, and how far the observer is."""

    def __init__(self, folder: Path) -> None:
        self.now = NOW
        self.seen: int | None = None
        self.spool = Spool(folder, max_bytes=1 << 40)
        self.reader = LaneReader(folder / "lanes" / "otlp-0")
        clock = lambda: self.now  # noqa: E731 (the same for both)
        inner = BatchCutter(self.reader, enough_bytes=1, most_bytes=1000, wait_ns=0, clock=clock)
        self.cutter = WaitingCutter(
            inner,
            self.reader,
            wait_ns=WAIT,
            seen_ns=lambda: self.now if self.seen is None else self.seen,
            clock=clock,
        )

    def append(self, *ages: float) -> int:
        """Write frames that were received so many seconds ago; return where they end."""
        with self.spool.writer("otlp-0") as writer:
            writer.write([Frame(Kind.XRAY_DATAGRAM, self.now - round(age * SECOND), b"x" * 79) for age in ages])
            writer.sync()
            return writer.end

    def plan(self, position: int = 0, *, flush: bool = False) -> tuple[int, int] | None:
        """Return where a cut ends and how many frames it has."""
        planned: Planned | None = self.cutter.plan(position, flush=flush)
        assert planned is None or planned.chunk is not None
        return None if planned is None or planned.chunk is None else (planned.end, len(planned.chunk.frames))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Stand ready."""
    made = Bench(tmp_path)
    yield made
    made.reader.close()


def test_cut_ends_before_the_first_young_frame(bench: Bench) -> None:
    """An old one behind it waits with it: a lane is cut in its order."""
    bench.append(12, 11, 9, 11)

    assert bench.plan() == (200, 2)


def test_young_frames_wait_and_are_not_read_all_the_time(bench: Bench) -> None:
    """A look each second is enough."""
    assert bench.plan() is None
    end = bench.append(9, 8)
    assert bench.plan() is None
    bench.now += 999 * MILLISECOND
    bench.reader.close()
    assert bench.plan() is None
    bench.now += MILLISECOND
    assert bench.plan() == (100, 1)
    bench.now += SECOND
    assert bench.plan(100) == (end, 1)


def test_backlog_of_old_frames_goes_without_a_pause(bench: Bench) -> None:
    """As the inner cutter divides it."""
    bench.append(*[60] * 25)

    assert [bench.plan(position) for position in (0, 1000, 2000)] == [(1000, 10), (2000, 10), (2500, 5)]


def test_frames_wait_for_the_observer_too(bench: Bench) -> None:
    """What it has not looked at may keep a trace."""
    bench.seen = 0
    end = bench.append(60)
    assert bench.plan() is None
    bench.seen = bench.now - 50 * SECOND
    bench.now += SECOND
    assert bench.plan() == (end, 1)


def test_observer_that_steps_back_makes_no_empty_cut(bench: Bench) -> None:
    """Its time goes back with the clock, between two questions."""
    bench.append(60)
    answers = iter([bench.now, 0])
    bench.cutter._seen = lambda: next(answers)

    assert bench.plan() is None


def test_flush_does_not_wait(bench: Bench) -> None:
    """The process ends."""
    end = bench.append(1, 0)

    assert bench.plan() is None
    assert bench.plan(flush=True) == (end, 2)


def test_clock_that_was_set_back_makes_nobody_wait_for_it(bench: Bench) -> None:
    """Frames of the hour before it are old, wherever it stands."""
    end = bench.append(1)
    bench.now -= 3600 * SECOND

    assert bench.plan() == (end, 1)


def test_damage_is_passed_by(bench: Bench) -> None:
    """There is nothing in it that could wait."""
    end = bench.append(1)
    [segment] = list_segments(bench.spool._lanes / "otlp-0")
    segment.path.write_bytes(bytes(segment.size))

    assert bench.plan() == (end, 0)
