"""The log lines of a task's containers: many streams and stretches of time at once, each line exactly once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from taskscope.aws.logs import LogEvent, Logs
from taskscope.clock import MILLISECOND, SECOND
from taskscope.errors import DeniedError, NotFoundError, TaskscopeError
from taskscope.model.timeline import Kind, LogOrigin, TimelineEvent, Window
from taskscope.sources.log_streams import LogStream

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

SLICE: Final = 300 * SECOND
"""A window longer than this is cut in slices that are read side by side; a shorter one is rarely more than a page."""

SLICES: Final = 8
"""At most so many slices for each window: GetLogEvents allows 10 to 25 calls a second."""

Progress = Callable[[int], None]
"""Called with the number of lines of each page, from many threads."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A stream that could not be read, or not to its end."""

    stream: LogStream
    error: TaskscopeError

    @property
    def expected(self) -> bool:
        """Whether a retry is of no use: the stream does not exist, or may not be read."""
        return isinstance(self.error, NotFoundError | DeniedError)


@dataclass(slots=True)
class LogReading:
    """What the streams of one task hold in the windows that were asked for."""

    events: list[TimelineEvent] = field(default_factory=list)
    streams: set[LogStream] = field(default_factory=set)
    """All that were asked for."""
    gaps: list[Gap] = field(default_factory=list)


class LogReader:
    """Begins reading when it is told a stream, and gives all when it is asked."""

    def __init__(self, pool: "Executor", logs: Callable[[str | None], Logs], *, now: int, progress: Progress) -> None:
        self._pool = pool
        self._logs = logs
        self._now = now
        self._progress = progress
        self._pending: list[tuple[LogStream, Future[tuple[list[TimelineEvent], TaskscopeError | None]]]] = []

    def begin(self, stream: LogStream, windows: Sequence[Window]) -> None:
        """Start to read a stream in windows that are in order and disjoint; AWS refuses a window that holds nothing."""
        for window in windows:
            start, end = _milliseconds(window)
            if end is not None and end <= start:
                continue
            for part in slices(window, now=self._now):
                self._pending.append((stream, self._pool.submit(self._read, stream, part)))

    def _read(self, stream: LogStream, window: Window) -> tuple[list[TimelineEvent], TaskscopeError | None]:
        found: list[TimelineEvent] = []
        try:
            start, end = _milliseconds(window)
            for page in self._logs(stream.region).events(stream.group, stream.stream, start=start, end=end):
                # Here, because this thread and its neighbours wait for their next pages meanwhile.
                found.extend(timeline_events(page, stream))
                self._progress(len(page))
        except TaskscopeError as error:
            return found, error
        return found, None

    def finish(self) -> LogReading:
        """Wait for everything that was begun. A stream fails once, however many of its slices did."""
        reading = LogReading()
        failed: set[LogStream] = set()
        for stream, part in self._pending:
            found, error = part.result()
            reading.streams.add(stream)
            reading.events.extend(found)
            if error is not None and stream not in failed:
                failed.add(stream)
                reading.gaps.append(Gap(stream, error))
        return reading


def slices(window: Window, *, now: int) -> Iterator[Window]:
    """
    Cut a long window into disjoint parts that together are the window, to the whole millisecond.

    What lies after ``now`` stays one open part: late lines have times before it, and hardly any after.
    """
    end = max(window.start, now if window.end is None else min(window.end, now))
    count = min(SLICES, -(-(end - window.start) // SLICE)) or 1
    step = (end - window.start) // count // MILLISECOND * MILLISECOND
    edges = [window.start + step * number for number in range(count)]
    for start, stop in zip(edges, [*edges[1:], window.end], strict=True):
        yield Window(start, stop)


def _milliseconds(window: Window) -> tuple[int, int | None]:
    """Round both bounds up: events have whole milliseconds, so a window holds those at or after its start."""
    return -(-window.start // MILLISECOND), None if window.end is None else -(-window.end // MILLISECOND)


def timeline_events(page: Sequence[LogEvent], stream: LogStream) -> Iterator[TimelineEvent]:
    """Make the timeline's lines of a page of log events."""
    origin = LogOrigin(stream.group, stream.stream)
    for event in page:
        ingested = event.get("ingestionTime")
        yield TimelineEvent(
            event["timestamp"] * MILLISECOND,
            Kind.LOG,
            event["message"],
            container=stream.container,
            origin=origin,
            ingested_at=None if ingested is None else ingested * MILLISECOND,
        )
