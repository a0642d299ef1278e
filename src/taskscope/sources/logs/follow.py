"""Follow log groups: live tail where it may be had, looks at the newest stretch otherwise and in between."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from taskscope.clock import SECOND, Clock, system_clock
from taskscope.errors import NotFoundError, TaskscopeError, UnavailableError
from taskscope.model.log_reading import LogBatch, LogEntry
from taskscope.model.timeline import Window
from taskscope.sources.logs.ledger import Ledger
from taskscope.sources.logs.pace import DEFAULT_PACE, Pace
from taskscope.sources.logs.place import LogPlace, distinct
from taskscope.sources.logs.tails import Arrived, Begun, LiveTails, News, Refused, Session, Tails, plan
from taskscope.sources.logs.window import Ahead, Progress, Search, in_order, order

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

LIVE: Final = "live tail"
POLLING: Final = "polling"
_NEVER: Final = 2**63
_PIECE: Final = 1000
"""Lines of a batch, of those that are there already."""


@dataclass(slots=True)
class _Followed:
    """A place, and how far it has been read; times in nanoseconds."""

    place: LogPlace
    newest: int
    """The newest line that a look saw."""
    read_at: int
    """When the last look began that was answered."""
    deep_at: int
    """The same of looks that were deep. Live tail tells of late lines, so that with it every look counts as deep."""
    exists: bool
    live: bool = False
    due: int = 0
    """When the next look is."""
    deep_due: int = 0
    error: TaskscopeError | None = None
    """Why the last look failed."""


class LogFollower:
    """Follows places from a time on; every line is in one batch, however late it comes within ``Pace.late``."""

    def __init__(
        self,
        places: Sequence[LogPlace],
        start: int,
        *,
        search: Search,
        pool: "Executor",
        pattern: str = "",
        live: bool = True,
        pace: Pace = DEFAULT_PACE,
        clock: Clock = system_clock,
        progress: Progress = lambda _lines: None,
        find: Callable[[], Sequence[LogPlace]] | None = None,
        make_tails: Callable[[Sequence[Session], Search, str], Tails] = LiveTails,
    ) -> None:
        """
        Take the places.

        ``find`` finds them again, where others may come to be: groups that a glob fits, streams of tasks that start.
        """
        self._start = start
        self._late = int(pace.late * SECOND)
        self._search = search
        self._pool = pool
        self._pattern = pattern
        self._pace = pace
        self._clock = clock
        self._progress = progress
        self._tails = make_tails(plan(places) if live else [], search, pattern)
        self._ledger = Ledger()
        self._find = find
        self._found: Future[Sequence[LogPlace]] | None = None
        self._find_due = clock() + int(pace.find_interval * SECOND)
        self._followed = [
            _Followed(each, start, start, start, exists=bool(each.arn or each.required)) for each in places
        ]
        self._notices: list[str] = []
        self._said: set[LogPlace] = set()
        """Places whose looks fail, which has been said."""

    def follow(self) -> Iterator[LogBatch]:
        """
        Yield what there is since the start, in pieces, then what comes.

        Raises:
            NotFoundError: All that was followed is gone.
            TaskscopeError: It may not be read.
        """
        self._tails.start()
        try:
            yield from self._so_far(self._clock())
            while True:
                fresh = self._told(self._tails.take(self._pace.tick))
                self._join()
                fresh += self._looks()
                self._ledger.forget(min(each.deep_at for each in self._followed) - self._late)
                yield self._batch(fresh)
        finally:
            self._tails.close()

    def _batch(self, entries: list[LogEntry], *, is_backlog: bool = False) -> LogBatch:
        notices, self._notices = tuple(self._notices), []
        how = LIVE if self._followed and all(each.live for each in self._followed) else POLLING
        return LogBatch(sorted(entries, key=order), how, notices, is_backlog)

    def _so_far(self, now: int) -> Iterator[LogBatch]:
        """Yield what is there. Only what live tail or a later look may bring again is kept in mind."""
        kept = now - self._late
        recent = now - int(self._pace.overlap * SECOND)
        is_new = self._ledger.look(now)
        piece: list[LogEntry] = []
        for each in self._read(self._followed, [self._start] * len(self._followed)):
            if each.time_ns >= kept or each.ingested_ns is None or each.ingested_ns >= recent:
                is_new(each)
            piece.append(each)
            if len(piece) == _PIECE:
                yield self._batch(piece, is_backlog=True)
                piece = []
        for followed in self._followed:
            if followed.error is not None and not isinstance(followed.error, NotFoundError):
                raise followed.error
            self._plan_next(followed, now, deep=True)
        self._settle()
        yield self._batch(piece, is_backlog=True)

    def _told(self, news: Sequence[News]) -> list[LogEntry]:
        """Take in what live tail says; return what is new of it."""
        fresh: list[LogEntry] = []
        now = self._clock()
        for each in news:
            mine = [followed for followed in self._followed if followed.place in each.session.places]
            match each:
                case Arrived():
                    fresh += [
                        entry
                        for entry in each.entries
                        if entry.time_ns >= self._start and self._ledger.told(entry, now)
                    ]
                case Refused():
                    every = f"{self._interval() / SECOND:g}"
                    self._notices.append(f"live tail cannot be had, groups are looked at every {every} s: {each.error}")
            for followed in mine:
                self._retune(followed, each, now)
        return fresh

    def _retune(self, followed: _Followed, news: News, now: int) -> None:
        """Look for what arrived before a session began or after it broke at once, for what a sample leaves out soon."""
        if not isinstance(news, Arrived):
            followed.live = isinstance(news, Begun)
            followed.due = followed.deep_due = now
        elif news.sampled:
            followed.due = min(followed.due, now + int(self._interval()))
            followed.deep_due = min(followed.deep_due, now + int(self._pace.deep_interval * SECOND))

    def _join(self) -> None:
        """Take in, now and then, the places that have come to be; they are polled."""
        now = self._clock()
        if self._find is None or now < self._find_due:
            return
        if self._found is None:
            self._found = self._pool.submit(self._find)
        elif self._found.done():
            known = [each.place for each in self._followed]
            with suppress(TaskscopeError):  # it is tried again
                for place in distinct([*known, *self._found.result()]):
                    if place not in known:
                        start = self._start
                        self._followed.append(_Followed(place, start, start, start, exists=bool(place.arn)))
            self._found = None
            self._find_due = now + int(self._pace.find_interval * SECOND)

    def _looks(self) -> list[LogEntry]:
        """Look at the places whose time has come; return the lines that are new."""
        now = self._clock()
        due = [each for each in self._followed if min(each.due, each.deep_due) <= now]
        if not due:
            return []
        deep = [each.deep_due <= now for each in due]
        starts = [self._beginning(each, deep=is_deep) for each, is_deep in zip(due, deep, strict=True)]
        is_new = self._ledger.look(now)
        fresh = [each for each in self._read(due, starts) if is_new(each)]
        for each, is_deep in zip(due, deep, strict=True):
            self._plan_next(each, now, deep=is_deep)
        self._settle()
        return fresh

    def _beginning(self, followed: _Followed, *, deep: bool) -> int:
        """Return from where a look reads: what came since the last one may be older by ``late``, or by ``overlap``."""
        start = followed.deep_at - self._late
        if not deep:
            newest = min(followed.newest, followed.read_at) - int(self._pace.overlap * SECOND)
            start = max(start, newest)
        return max(start, self._start)

    def _read(self, due: Sequence[_Followed], starts: Sequence[int]) -> Iterator[LogEntry]:
        by_place = {each.place: each for each in due}

        def failed(place: LogPlace, error: TaskscopeError) -> None:
            by_place[place].error = error

        for each in due:
            each.error = None
        parts = [
            Ahead(
                each.place,
                Window(start),
                self._pattern,
                search=self._search,
                pool=self._pool,
                progress=self._progress,
                failed=failed,
            )
            for each, start in zip(due, starts, strict=True)
        ]
        return in_order(_noting(part, each) for part, each in zip(parts, due, strict=True))

    def _plan_next(self, followed: _Followed, began: int, *, deep: bool) -> None:
        now = self._clock()
        if followed.error is not None and not isinstance(followed.error, NotFoundError):
            followed.due = now + int(self._interval())
            followed.deep_due = followed.due if deep else followed.deep_due
            return
        followed.read_at = began
        followed.due = now + int(self._pace.live_interval * SECOND if followed.live else self._interval())
        if followed.live and followed.deep_due == _NEVER:
            followed.deep_at = began  # live tail told of late lines
        elif deep:
            followed.deep_at = began
            wait = max(self._pace.deep_interval * SECOND, (now - began) / self._pace.deep_share)
            followed.deep_due = _NEVER if followed.live else now + int(wait)

    def _interval(self) -> float:
        """Return the nanoseconds between two looks: longer where there are many places."""
        polled = sum(not each.live for each in self._followed)
        return max(self._pace.interval, polled / self._pace.places_a_second) * SECOND

    def _settle(self) -> None:
        """Draw the conclusions of looks that failed."""
        for each in list(self._followed):
            match each.error:
                case None:
                    each.exists = True
                    self._said.discard(each.place)
                case NotFoundError():
                    if each.exists:
                        self._notices.append(f"the log group {each.place.group} is gone")
                        self._followed.remove(each)
                case UnavailableError():
                    if each.place not in self._said:
                        self._notices.append(f"{each.error} (it is tried again)")
                    self._said.add(each.place)
                case _:
                    raise each.error
        if not self._followed:
            raise NotFoundError("every log group that was followed is gone")


def _noting(entries: Iterable[LogEntry], followed: _Followed) -> Iterator[LogEntry]:
    for each in entries:
        followed.newest = max(followed.newest, each.time_ns)
        yield each
