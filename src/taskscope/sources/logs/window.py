"""A window of many log groups in one order, with a page or two of each in memory."""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from taskscope.aws.log_search import FilteredEvent, LogSearch
from taskscope.clock import MILLISECOND
from taskscope.errors import NotFoundError, TaskscopeError
from taskscope.model.log_reading import LogEntry
from taskscope.model.timeline import Window
from taskscope.sources.logs.place import LogPlace

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

Search: TypeAlias = Callable[[str | None], LogSearch]
"""Gives CloudWatch Logs of a region."""
Progress: TypeAlias = Callable[[int], None]
"""Called with the number of lines of each page, from many threads."""

Failed: TypeAlias = Callable[[LogPlace, TaskscopeError], None]
"""Told that a place cannot be read, or not to its end; it may raise."""

_END: Final[list[LogEntry]] = []


def order(entry: LogEntry) -> tuple[int, str, str]:
    """Return what lines are sorted by; the sort is stable, so that those of one stream and time stay as they came."""
    return entry.time_ns, entry.group, entry.stream


def read_window(
    places: Sequence[LogPlace],
    window: Window,
    pattern: str,
    *,
    search: Search,
    pool: "Executor",
    progress: Progress = lambda _lines: None,
) -> Iterator[LogEntry]:
    """
    Yield the lines of a window in order of ``order``; all places are read at once, each a page ahead.

    Places that are not required may be missing.
    """
    return in_order([Ahead(each, window, pattern, search=search, pool=pool, progress=progress) for each in places])


def in_order(parts: Iterable[Iterable[LogEntry]]) -> Iterator[LogEntry]:
    """Merge lines that are in order."""
    return heapq.merge(*parts, key=order)


def read_place(place: LogPlace, window: Window, pattern: str, search: Search) -> Iterator[list[LogEntry]]:
    """
    Yield the pages of one place.

    Raises:
        NotFoundError: The group does not exist, also where it is not required.
    """
    start, end = _milliseconds(window)
    if end is not None and end <= start:
        return
    pages = search(place.region).events(place.group, start=start, end=end, prefix=place.beginning, pattern=pattern)
    for page in pages:
        yield [entry(event, place) for event in page if place.wants(event["logStreamName"])]


def entry(event: FilteredEvent, place: LogPlace) -> LogEntry:
    """Return the line of an event."""
    ingested = event.get("ingestionTime")
    stream = event["logStreamName"]
    return LogEntry(
        event["timestamp"] * MILLISECOND,
        event["message"],
        place.group,
        stream,
        None if ingested is None else ingested * MILLISECOND,
        event.get("eventId", ""),
        place.labels_of(stream),
    )


def _may_be_missing(place: LogPlace, error: TaskscopeError) -> None:
    if place.required or not isinstance(error, NotFoundError):
        raise error


class Ahead:
    """The lines of one place in order; the next page is asked for while one is used."""

    def __init__(
        self,
        place: LogPlace,
        window: Window,
        pattern: str,
        *,
        search: Search,
        pool: "Executor",
        progress: Progress,
        failed: Failed = _may_be_missing,
    ) -> None:
        self._place = place
        self._pages = read_place(place, window, pattern, search)
        self._pool = pool
        self._progress = progress
        self._failed = failed
        self._next = self._ask()

    def _ask(self) -> "Future[list[LogEntry]]":
        return self._pool.submit(next, self._pages, _END)

    def _answer(self) -> list[LogEntry]:
        try:
            return self._next.result()
        except TaskscopeError as error:
            self._failed(self._place, error)
            return _END

    def __iter__(self) -> Iterator[LogEntry]:
        held: list[LogEntry] = []
        while (page := self._answer()) is not _END:
            self._next = self._ask()
            self._progress(len(page))
            # CloudWatch Logs sorts by time and ingestion, we by time and stream: lines of the newest time wait.
            held = sorted([*held, *page], key=order)
            newest = held[-1].time_ns if held else 0
            ready = next((number for number, each in enumerate(held) if each.time_ns == newest), 0)
            yield from held[:ready]
            held = held[ready:]
        yield from held


def _milliseconds(window: Window) -> tuple[int, int | None]:
    """Round both bounds up: events have whole milliseconds, so a window holds those at or after its start."""
    return -(-window.start // MILLISECOND), None if window.end is None else -(-window.end // MILLISECOND)
