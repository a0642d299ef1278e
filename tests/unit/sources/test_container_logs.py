"""Log lines of many streams: each exactly once, in the order of its stream, in spite of slices and failures."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.aws.logs import LogEvent, Logs
from taskscope.clock import MILLISECOND, SECOND
from taskscope.errors import DeniedError, NotFoundError, TaskscopeError, UnavailableError
from taskscope.model.timeline import Window
from taskscope.sources.container_logs import SLICE, SLICES, Gap, LogReader, LogReading, slices
from taskscope.sources.log_streams import LogStream

WEB = LogStream("web", "/ecs/web", "p/web/1", None)
PROXY = LogStream("proxy", "/ecs/proxy", "p/proxy/1", None)


class MemoryLogs(Logs):
    """CloudWatch Logs with its rules of time, in pages of two, without AWS."""

    def __init__(self, streams: dict[str, list[LogEvent] | TaskscopeError]) -> None:
        self._streams = streams
        self.asked: list[tuple[int, int | None]] = []

    def events(self, group: str, stream: str, *, start: int, end: int | None) -> Iterator[list[LogEvent]]:
        """Yield the pages of a stream: start included, end excluded; an empty page in between."""
        assert group
        self.asked.append((start, end))
        held = self._streams[stream]
        if isinstance(held, TaskscopeError):
            raise held
        found = [each for each in held if start <= each.timestamp and (end is None or each.timestamp < end)]
        for first in range(0, len(found), 2):
            yield found[first : first + 2]
            yield []


@pytest.fixture(scope="module")
def pool() -> Iterator[ThreadPoolExecutor]:
    """Give threads to read with."""
    with ThreadPoolExecutor(4) as executor:
        yield executor


def _read(pool: ThreadPoolExecutor, logs: MemoryLogs, asked: dict[LogStream, list[Window]], now: int) -> LogReading:
    reader = LogReader(pool, lambda _region: logs, now=now, progress=lambda _count: None)
    for stream, windows in asked.items():
        reader.begin(stream, windows)
    return reader.finish()


@given(st.integers(0, 10**15), st.none() | st.integers(0, 10**13), st.integers(0, 10**15))
def test_slices_are_the_window(start: int, length: int | None, now: int) -> None:
    """They begin and end with it, each where the one before ends, at whole milliseconds from the start on."""
    window = Window(start, None if length is None else start + length)

    parts = list(slices(window, now=now))

    assert 1 <= len(parts) <= SLICES
    assert (parts[0].start, parts[-1].end) == (window.start, window.end)
    assert [each.end for each in parts[:-1]] == [each.start for each in parts[1:]]
    assert all((each.start - start) % MILLISECOND == 0 for each in parts)


def test_short_window_is_not_cut_and_a_long_one_is() -> None:
    """A slice is at least SLICE long; what lies after the clock stays one part."""
    assert len(list(slices(Window(0, SLICE), now=10 * SLICE))) == 1
    assert len(list(slices(Window(0, SLICE + 1), now=10 * SLICE))) == 2
    assert len(list(slices(Window(0), now=100 * SLICE))) == SLICES
    assert list(slices(Window(5), now=0)) == [Window(5)]


@given(
    times=st.lists(st.integers(0, 8_000_000)),
    edges=st.lists(st.integers(0, 8_000_000 * MILLISECOND), min_size=2, max_size=6, unique=True).map(sorted),
    now=st.integers(0, 8_000_000 * MILLISECOND),
)
def test_each_line_in_a_window_comes_once_and_in_stream_order(
    pool: ThreadPoolExecutor, times: list[int], edges: list[int], now: int
) -> None:
    """Any stream, any disjoint windows with any nanosecond for a bound: no line is lost, doubled or moved."""
    windows = [Window(*pair) for pair in pairwise(edges)]
    lines = [LogEvent(each, f"line {number}", None) for number, each in enumerate(sorted(times))]

    reading = _read(pool, MemoryLogs({WEB.stream: list(lines)}), {WEB: windows}, now)

    expected = [each.message for each in lines if edges[0] <= each.timestamp * MILLISECOND < edges[-1]]
    assert [each.message for each in reading.events] == expected
    assert reading.gaps == []


def test_streams_keep_their_order_and_lines_say_where_they_were_read() -> None:
    """Rule 13: log lines in stream order; each line keeps group, stream and time of ingestion."""
    logs = MemoryLogs({WEB.stream: [LogEvent(1, "a", 2)], PROXY.stream: [LogEvent(1, "b", None)]})

    with ThreadPoolExecutor(2) as executor:
        reading = _read(executor, logs, {WEB: [Window(0)], PROXY: [Window(0)]}, 10 * SECOND)

    [first, second] = reading.events
    assert (first.container, first.message, second.container, second.message) == ("web", "a", "proxy", "b")
    assert first.origin is not None
    assert (first.origin.group, first.origin.stream, first.origin.ingested_at) == ("/ecs/web", "p/web/1", 2_000_000)
    assert second.origin is not None
    assert second.origin.ingested_at is None


def test_stream_that_fails_is_one_gap_and_the_rest_is_there(pool: ThreadPoolExecutor) -> None:
    """However many slices of it fail; the other stream's lines come."""
    logs = MemoryLogs({WEB.stream: NotFoundError("gone"), PROXY.stream: [LogEvent(1, "b", None)]})

    reading = _read(pool, logs, {WEB: [Window(0)], PROXY: [Window(0)]}, 100 * SLICE)

    assert [each.message for each in reading.events] == ["b"]
    assert [(each.stream, str(each.error)) for each in reading.gaps] == [(WEB, "gone")]


def test_window_that_holds_nothing_is_not_asked_for(pool: ThreadPoolExecutor) -> None:
    """AWS refuses an end before the start: ``--until`` before the task's time."""
    logs = MemoryLogs({WEB.stream: [LogEvent(1, "a", None)]})

    assert _read(pool, logs, {WEB: [Window(5 * SECOND, SECOND), Window(SECOND, SECOND)]}, 0) == LogReading()
    assert logs.asked == []


def test_progress_counts_the_lines_of_each_page(pool: ThreadPoolExecutor) -> None:
    """What is shown while many pages are read."""
    counts: list[int] = []
    logs = MemoryLogs({WEB.stream: [LogEvent(each, "", None) for each in range(5)]})
    reader = LogReader(pool, lambda _region: logs, now=SECOND, progress=counts.append)

    reader.begin(WEB, [Window(0)])
    reader.finish()

    assert sum(counts) == 5


def test_a_retry_is_of_no_use_where_the_stream_is_missing_or_denied() -> None:
    """Only an unavailable AWS may answer later."""
    assert Gap(WEB, NotFoundError("x")).expected
    assert Gap(WEB, DeniedError("x")).expected
    assert not Gap(WEB, UnavailableError("x")).expected
