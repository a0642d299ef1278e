"""Log lines of many streams: each exactly once, in the order of its stream, in spite of slices and failures."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.aws.logs import LogEvent, Logs
from taskscope.clock import MILLISECOND, SECOND
from taskscope.errors import DeniedError, NotFoundError, UnavailableError
from taskscope.model.timeline import LogOrigin, Window
from taskscope.sources.container_logs import SLICE, SLICES, Gap, LogReader, LogReading, slices
from taskscope.sources.log_streams import LogStream

WEB = LogStream("web", "/ecs/web", "p/web/1", None)
PROXY = LogStream("proxy", "/ecs/proxy", "p/proxy/1", None)


def _line(timestamp: int, message: str = "", ingested: int | None = None) -> LogEvent:
    line = LogEvent(timestamp=timestamp, message=message)
    if ingested is not None:
        line["ingestionTime"] = ingested
    return line


@pytest.fixture(scope="module")
def pool() -> Iterator[ThreadPoolExecutor]:
    """Give threads to read with."""
    with ThreadPoolExecutor(4) as executor:
        yield executor


def _read(pool: ThreadPoolExecutor, logs: Logs, asked: dict[LogStream, list[Window]], now: int) -> LogReading:
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
    pool: ThreadPoolExecutor, make_logs: Callable[..., Logs], times: list[int], edges: list[int], now: int
) -> None:
    """Any stream, any disjoint windows with any nanosecond for a bound: no line is lost, doubled or moved."""
    windows = [Window(*pair) for pair in pairwise(edges)]
    lines = [_line(each, f"line {number}") for number, each in enumerate(sorted(times))]

    reading = _read(pool, make_logs({WEB.stream: list(lines)}), {WEB: windows}, now)

    expected = [each["message"] for each in lines if edges[0] <= each["timestamp"] * MILLISECOND < edges[-1]]
    assert [each.message for each in reading.events] == expected
    assert reading.gaps == []


def test_streams_keep_their_order_and_lines_say_where_they_were_read(make_logs: Callable[..., Logs]) -> None:
    """Rule 13: log lines in stream order; each line keeps group, stream and time of ingestion."""
    logs = make_logs({WEB.stream: [_line(1, "a", 2)], PROXY.stream: [_line(1, "b")]})

    with ThreadPoolExecutor(2) as executor:
        reading = _read(executor, logs, {WEB: [Window(0)], PROXY: [Window(0)]}, 10 * SECOND)

    [first, second] = reading.events
    assert (first.container, first.message, second.container, second.message) == ("web", "a", "proxy", "b")
    assert first.origin == LogOrigin("/ecs/web", "p/web/1")
    assert first.ingested_at == 2_000_000
    assert second.origin is not None
    assert second.ingested_at is None


def test_stream_that_fails_is_one_gap_and_the_rest_is_there(
    pool: ThreadPoolExecutor, make_logs: Callable[..., Logs]
) -> None:
    """However many slices of it fail; the other stream's lines come."""
    logs = make_logs({WEB.stream: NotFoundError("gone"), PROXY.stream: [_line(1, "b")]})

    reading = _read(pool, logs, {WEB: [Window(0)], PROXY: [Window(0)]}, 100 * SLICE)

    assert [each.message for each in reading.events] == ["b"]
    assert [(each.stream, str(each.error)) for each in reading.gaps] == [(WEB, "gone")]


def test_window_that_holds_nothing_is_not_asked_for(pool: ThreadPoolExecutor, make_logs: Callable[..., Logs]) -> None:
    """AWS refuses an end before the start: ``--until`` before the task's time."""
    asked: list[tuple[int, int | None]] = []
    logs = make_logs({WEB.stream: [_line(1, "a")]}, asked=asked)

    assert _read(pool, logs, {WEB: [Window(5 * SECOND, SECOND), Window(SECOND, SECOND)]}, 0) == LogReading()
    assert asked == []


def test_progress_counts_the_lines_of_each_page(pool: ThreadPoolExecutor, make_logs: Callable[..., Logs]) -> None:
    """What is shown while many pages are read."""
    counts: list[int] = []
    logs = make_logs({WEB.stream: [_line(each, "") for each in range(5)]})
    reader = LogReader(pool, lambda _region: logs, now=SECOND, progress=counts.append)

    reader.begin(WEB, [Window(0)])
    reader.finish()

    assert sum(counts) == 5


def test_a_retry_is_of_no_use_where_the_stream_is_missing_or_denied() -> None:
    """Only an unavailable AWS may answer later."""
    assert Gap(WEB, NotFoundError("x")).expected
    assert Gap(WEB, DeniedError("x")).expected
    assert not Gap(WEB, UnavailableError("x")).expected
