"""Where ranges end: by bytes and time, or at the end of a window, and there again at a replay."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.clock import MILLISECOND, SECOND
from taskscope.pipeline.cutting import BatchCutter, Planned, WindowCutter, window_of
from taskscope.spool import record
from taskscope.spool.frame import Frame, Kind
from taskscope.spool.reader import LaneReader
from taskscope.spool.segment import list_segments
from taskscope.spool.spool import Spool

WINDOW = 10 * SECOND
START = 1_700_000_000 * SECOND


class Watch:
    """A clock that is turned by hand."""

    now = START

    def __call__(self) -> int:
        """Return the time."""
        return self.now


@pytest.fixture
def watch() -> Watch:
    """Stand at the start of a window."""
    return Watch()


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    """Open a spool."""
    return Spool(tmp_path, max_bytes=1 << 40, segment_bytes=500)


@pytest.fixture
def reader(spool: Spool) -> Iterator[LaneReader]:
    """Read its only lane."""
    with spool.reader("statsd-0") as opened:
        yield opened


def frame(offset_ns: int = 0, body: bytes = b"x") -> Frame:
    """Return a datagram that came so long after the start."""
    return Frame(Kind.STATSD_DATAGRAM, START + offset_ns, body)


def append(spool: Spool, *frames: Frame) -> int:
    """Write frames and return where they end."""
    with spool.writer("statsd-0") as writer:
        writer.write(frames)
        writer.sync()
        return writer.end


def batch(reader: LaneReader, watch: Watch, *, enough: int = 100, most: int = 200) -> BatchCutter:
    """Return a cutter that waits 200 ms."""
    return BatchCutter(reader, enough_bytes=enough, most_bytes=most, wait_ns=200 * MILLISECOND, clock=watch)


def window(reader: LaneReader, watch: Watch) -> WindowCutter:
    """Return a cutter of windows of 10 s."""
    return WindowCutter(reader, window_ns=WINDOW, clock=watch)


def end_of(planned: Planned | None) -> int | None:
    """Return where a planned cut ends."""
    return None if planned is None else planned.end


def test_little_waits_and_then_goes(spool: Spool, reader: LaneReader, watch: Watch) -> None:
    """From when it was first seen."""
    cutter = batch(reader, watch)
    assert cutter.plan(0, flush=False) is None
    end = append(spool, frame())
    assert cutter.plan(0, flush=False) is None
    watch.now += 199 * MILLISECOND
    assert cutter.plan(0, flush=False) is None
    watch.now += MILLISECOND

    planned = cutter.plan(0, flush=False)

    assert end_of(planned) == end
    assert planned is not None
    assert planned.chunk is not None
    assert planned.chunk.frames == [frame()]
    assert cutter.plan(end, flush=False) is None


def test_enough_goes_at_once_and_a_backlog_in_parts(spool: Spool, reader: LaneReader, watch: Watch) -> None:
    """Each of about the most."""
    end = append(spool, *(frame(body=b"x" * 79) for _ in range(10)))
    cutter = batch(reader, watch)
    ends = [0]
    while (planned := cutter.plan(ends[-1], flush=False)) is not None:
        ends.append(planned.end)

    assert ends == [0, 200, 400, 600, 800, 1000]
    assert end == 1000


def test_what_was_there_with_a_cut_does_not_wait_again(spool: Spool, reader: LaneReader, watch: Watch) -> None:
    """A cut ends with its segment: what waited in the next ones goes at once, not 200 ms later for each segment."""
    end = [append(spool, frame(body=b"x" * 279)) for _ in range(3)][-1]
    cutter = batch(reader, watch, enough=10_000, most=10_000)
    assert cutter.plan(0, flush=False) is None
    watch.now += 200 * MILLISECOND
    ends = [0]
    while (planned := cutter.plan(ends[-1], flush=False)) is not None:
        ends.append(planned.end)

    assert len(ends) > 2
    assert ends[-1] == end
    append(spool, frame())
    assert cutter.plan(end, flush=False) is None


def test_little_goes_when_the_process_ends_or_the_clock_was_set(spool: Spool, reader: LaneReader, watch: Watch) -> None:
    """Back: nobody waits until it is that late again. Forward: it has waited, as far as anybody can tell."""
    end = append(spool, frame())
    assert end_of(batch(reader, watch).plan(0, flush=True)) == end
    for turn in (-SECOND, SECOND):
        cutter = batch(reader, watch)
        assert cutter.plan(0, flush=False) is None
        watch.now += turn
        assert end_of(cutter.plan(0, flush=False)) == end


def test_window_ends_at_the_first_frame_behind_it(spool: Spool, reader: LaneReader, watch: Watch) -> None:
    """Without waiting for the clock; frames that came late stay in it."""
    end = append(spool, frame(SECOND), frame(9 * SECOND), frame(-SECOND), frame(WINDOW - 1))
    append(spool, frame(WINDOW))

    assert end_of(window(reader, watch).plan(0, flush=False)) == end


def test_window_ends_by_the_clock_when_nothing_follows(spool: Spool, reader: LaneReader, watch: Watch) -> None:
    """A moment after its end, for those that were stamped before they were written."""
    cutter = window(reader, watch)
    assert cutter.plan(0, flush=False) is None
    append(spool, frame(SECOND))
    watch.now = START + WINDOW
    assert cutter.plan(0, flush=False) is None
    end = append(spool, frame(WINDOW - 1))
    watch.now += 200 * MILLISECOND
    assert end_of(cutter.plan(0, flush=False)) == end
    assert cutter.plan(end, flush=False) is None


def test_window_goes_when_the_process_ends_or_the_clock_was_set_back(
    spool: Spool, reader: LaneReader, watch: Watch
) -> None:
    """Far back: nobody waits for an hour that was there already."""
    end = append(spool, frame())
    assert end_of(window(reader, watch).plan(0, flush=True)) == end
    assert window(reader, watch).plan(0, flush=False) is None
    watch.now -= 3600 * SECOND
    assert end_of(window(reader, watch).plan(0, flush=False)) == end


def test_what_is_damaged_before_a_window_is_passed_by_at_once(spool: Spool, reader: LaneReader, watch: Watch) -> None:
    """There is no frame whose time it could wait for."""
    end = append(spool, frame())
    [segment] = list_segments(spool._lanes / "statsd-0")
    segment.path.write_bytes(bytes(segment.size))

    assert end_of(window(reader, watch).plan(0, flush=False)) == end


@given(
    times=st.lists(st.integers(-(10**10), 6 * 10**10), min_size=1, max_size=30),
    looks=st.lists(st.integers(1, 8), max_size=10),
)
def test_windows_do_not_depend_on_when_somebody_looks(
    tmp_path_factory: pytest.TempPathFactory, times: list[int], looks: list[int]
) -> None:
    """As long as the clock has not come to their end: a new process finds the same, whatever was there when."""
    spool = Spool(tmp_path_factory.mktemp("spool"), max_bytes=1 << 40, segment_bytes=500)
    frames = [frame(offset) for offset in times]
    watch = Watch()
    watch.now = START - 2 * WINDOW
    with spool.reader("statsd-0") as reader, spool.writer("statsd-0") as writer:
        cutter = window(reader, watch)
        seen, ends = 0, [0]
        for count in [*looks, len(frames)]:
            writer.write(frames[seen : seen + count])
            writer.sync()
            seen += count
            while (planned := _without_clock(cutter, ends[-1])) is not None:
                ends.append(planned)
        fresh, again = window(reader, watch), [0]
        while (planned := _without_clock(fresh, again[-1])) is not None:
            again.append(planned)

    assert again == ends == _expected(frames)


def _without_clock(cutter: WindowCutter, position: int) -> int | None:
    """Plan a cut that only frames can end."""
    cutter.plan(position, flush=False)
    return cutter._scan()


def _expected(frames: list[Frame]) -> list[int]:
    """Cut in the obvious way."""
    at, ends, closes = 0, [0], window_of(frames[0].received_ns, WINDOW)[1]
    for each in frames:
        if each.received_ns >= closes:
            ends.append(at)
            closes = window_of(each.received_ns, WINDOW)[1]
        at += record.size(each)
    return ends


def test_windows_begin_at_multiples_since_the_epoch() -> None:
    """So all lanes and processes have the same ones."""
    assert window_of(25, 10) == (20, 30)
    assert window_of(30, 10) == (30, 40)
