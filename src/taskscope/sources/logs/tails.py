"""Sessions of live tail, each read by a thread of its own and begun again when it ends."""

import queue
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeAlias

from taskscope.aws.log_search import LIVE_TAIL_GROUPS, LogSearch, TailedEvent, TailUpdate
from taskscope.clock import MILLISECOND
from taskscope.errors import TaskscopeError, UnavailableError
from taskscope.model.log_reading import LogEntry
from taskscope.sources.logs.place import LogPlace
from taskscope.sources.logs.window import Search

MAX_SESSIONS: Final = 10
"""CloudWatch Logs allows 15 at once in an account and region; the places of more are polled."""

_WAITING: Final = 20
"""Updates that wait for the reader; beyond them CloudWatch Logs itself buffers, then samples and says so."""
_PREFIXES: Final = 100
_PAUSES: Final = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds before a session that broke is begun again; one that had begun starts over at the first."""


@dataclass(frozen=True, slots=True)
class Session:
    """What one session is to tell of."""

    region: str | None
    arns: tuple[str, ...]
    prefixes: tuple[str, ...]
    """Of streams, which only a session of a single group can be narrowed to."""
    places: tuple[LogPlace, ...]

    def entries(self, events: Sequence[TailedEvent]) -> Iterator[LogEntry]:
        """Yield the lines that belong to its places."""
        for event in events:
            stream, group = event["logStreamName"], event["logGroupIdentifier"].rpartition(":")[2]
            place = next((each for each in self.places if each.group == group and each.wants(stream)), None)
            if place is None:
                continue
            ingested = event.get("ingestionTime")
            yield LogEntry(
                event["timestamp"] * MILLISECOND,
                event["message"],
                place.group,
                stream,
                None if ingested is None else ingested * MILLISECOND,
                labels=place.labels_of(stream),
            )


@dataclass(frozen=True, slots=True)
class Begun:
    """A session tells of lines that arrive from now on: what came before is to be looked for."""

    session: Session


@dataclass(frozen=True, slots=True)
class Arrived:
    """Lines, in the order in which they arrived."""

    session: Session
    entries: list[LogEntry]
    sampled: bool


@dataclass(frozen=True, slots=True)
class Broken:
    """A session is over; another will be begun. Meanwhile nothing is told."""

    session: Session


@dataclass(frozen=True, slots=True)
class Refused:
    """A session cannot be had: its places are to be polled."""

    session: Session
    error: TaskscopeError


News: TypeAlias = Begun | Arrived | Broken | Refused


class Tails(Protocol):
    """The sessions of one follower."""

    def start(self) -> None:
        """Begin all of them."""

    def take(self, seconds: float) -> Sequence[News]:
        """Return what there is: at once what is there, else what comes within so long."""
        ...

    def close(self) -> None:
        """End them."""


def plan(places: Sequence[LogPlace]) -> list[Session]:
    """Return the sessions for those places that may have live tail."""
    by_region: dict[str | None, dict[str, list[LogPlace]]] = {}
    for each in places:
        if each.arn:
            by_region.setdefault(each.region, {}).setdefault(each.arn, []).append(each)
    sessions = []
    for region, by_arn in by_region.items():
        arns = sorted(by_arn)
        for start in range(0, len(arns), LIVE_TAIL_GROUPS):
            chosen = tuple(arns[start : start + LIVE_TAIL_GROUPS])
            of_session = tuple(place for arn in chosen for place in by_arn[arn])
            beginnings = [place.beginning for place in of_session]
            narrow = len(chosen) == 1 and all(beginnings) and len(beginnings) <= _PREFIXES
            sessions.append(Session(region, chosen, tuple(beginnings) if narrow else (), of_session))
    return sessions[:MAX_SESSIONS]


@dataclass
class LiveTails:
    """Sessions of CloudWatch Logs, begun again when they end."""

    sessions: Sequence[Session]
    search: Search
    pattern: str = ""
    pauses: Sequence[float] = _PAUSES
    _news: "queue.Queue[News]" = field(default_factory=lambda: queue.Queue(_WAITING))
    _over: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Begin all sessions."""
        for each in self.sessions:
            # Daemons: one that waits for its next update keeps no process from ending.
            threading.Thread(target=self._keep, args=(each,), name="live-tail", daemon=True).start()

    def close(self) -> None:
        """Let the threads end, each with its next update."""
        self._over.set()
        with suppress(queue.Empty):
            while True:
                self._news.get_nowait()

    def take(self, seconds: float) -> list[News]:
        """Return what there is: at once what is there, else what comes first within so long."""
        found: list[News] = []
        with suppress(queue.Empty):
            found.append(self._news.get(timeout=seconds))
            while True:
                found.append(self._news.get_nowait())
        return found

    def _keep(self, session: Session) -> None:
        """Read the session, and begin another when it ends, until the follower is closed or it is refused."""
        failures = 0
        while not self._over.is_set():
            try:
                for update in self._updates(session):
                    failures = 0
                    self._put(update)
                    if self._over.is_set():
                        return
            except UnavailableError:
                self._put(Broken(session))
                self._over.wait(self.pauses[min(failures, len(self.pauses) - 1)])
                failures += 1
            except TaskscopeError as error:
                self._put(Refused(session, error))
                return

    def _updates(self, session: Session) -> Iterator[News]:
        search: LogSearch = self.search(session.region)
        for update in search.live_tail(session.arns, prefixes=session.prefixes, pattern=self.pattern):
            yield Begun(session) if update is None else self._arrived(session, update)

    @staticmethod
    def _arrived(session: Session, update: TailUpdate) -> Arrived:
        return Arrived(session, list(session.entries(update.events)), update.sampled)

    def _put(self, news: News) -> None:
        while not self._over.is_set():
            with suppress(queue.Full):
                self._news.put(news, timeout=0.5)
                return
