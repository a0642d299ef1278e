"""CloudWatch Logs in memory, whose clock goes on when a follower waits: what it asks for, and what live tail tells."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

import pytest

from taskscope.aws.log_search import FilteredEvent, LogGroup, LogSearch
from taskscope.clock import MILLISECOND, SECOND
from taskscope.errors import NotFoundError, TaskscopeError
from taskscope.model.log_reading import LogEntry
from taskscope.sources.logs.tails import Arrived, Begun, Broken, News, Refused, Session
from taskscope.sources.logs.window import Search


@dataclass
class MemorySearch(LogSearch):
    """Groups of one region; pages hold two events, and every other page is empty."""

    held: dict[str, list[FilteredEvent]] = field(default_factory=dict)
    failing: dict[str, list[TaskscopeError]] = field(default_factory=dict)
    """By group; each fails one call. An error under ``*`` fails DescribeLogGroups."""
    classes: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, int, int | None]] = field(default_factory=list)

    def groups(self, prefix: str = "") -> Iterator[LogGroup]:
        """Yield the groups in order of names."""
        if self.failing.get("*"):
            raise self.failing["*"][0]
        for name in sorted(self.held):
            if name.startswith(prefix):
                yield LogGroup(name, f"arn:aws:logs:eu-west-1:1:log-group:{name}", self.classes.get(name, "STANDARD"))

    def events(
        self, group: str, *, start: int, end: int | None, prefix: str = "", pattern: str = ""
    ) -> Iterator[list[FilteredEvent]]:
        """Yield the pages of a window in order of time and arrival; the pattern is a glob of the message."""
        self.asked.append((group, start, end))
        if self.failing.get(group):
            raise self.failing[group].pop(0)
        if group not in self.held:
            raise NotFoundError(f"no group {group}")
        found = sorted(
            (
                each
                for each in self.held[group]
                if start <= each["timestamp"] and (end is None or each["timestamp"] < end)
                and each["logStreamName"].startswith(prefix) and fnmatchcase(each["message"], pattern or "*")
            ),
            key=lambda each: each["timestamp"],
        )  # fmt: skip
        for first in range(0, len(found), 2):
            yield found[first : first + 2]
            yield []

    def put(self, group: str, stream: str, time_ns: int, message: str, *, ingested_ns: int) -> FilteredEvent:
        """Let a line arrive."""
        event = FilteredEvent(
            logStreamName=stream,
            timestamp=time_ns // MILLISECOND,
            message=message,
            ingestionTime=ingested_ns // MILLISECOND,
            eventId=str(len(self.held[group])),
        )
        self.held[group].append(event)
        return event


@dataclass
class World:
    """What happens second by second, and the follower's clock and live tail."""

    search: MemorySearch
    now: int = 1_000_000 * SECOND
    happens: dict[int, list[Callable[[], None]]] = field(default_factory=dict)
    """By seconds after the beginning."""
    news: list[News] = field(default_factory=list)
    sessions: Sequence[Session] = ()
    open: set[int] = field(default_factory=set)
    """Positions of the sessions that are connected."""
    loses: bool = False
    """Whether what arrives now is left out of live tail's samples."""
    seconds: int = 0
    closed: bool = False

    def make_tails(self, sessions: Sequence[Session], search: Search, pattern: str) -> "World":
        """Take the place of ``LiveTails``."""
        assert callable(search)
        assert isinstance(pattern, str)
        self.sessions = sessions
        return self

    def start(self) -> None:
        """Connect nothing: that happens at its time."""

    def close(self) -> None:
        """Note it."""
        self.closed = True

    def take(self, seconds: float) -> Sequence[News]:
        """Let time pass, and what is planned for this second happen; return what live tail told."""
        self.now += int(seconds * SECOND)
        self.seconds += 1
        for action in self.happens.get(self.seconds, ()):
            action()
        news, self.news = self.news, []
        return news

    def line(self, group: str, stream: str, age: float, message: str) -> None:
        """Let a line of that age arrive, and live tail tell of it."""
        event = self.search.put(group, stream, self.now - int(age * SECOND), message, ingested_ns=self.now)
        for number, session in enumerate(self.sessions):
            if number in self.open:
                told = {"logGroupIdentifier": f"1:{group}", "logStreamName": stream, "message": message,
                        "timestamp": event["timestamp"], "ingestionTime": event["ingestionTime"]}  # fmt: skip
                entries = [] if self.loses else list(session.entries([told]))  # type: ignore[list-item]
                self.news.append(Arrived(session, entries, sampled=self.loses))

    def connect(self) -> None:
        """Begin every session."""
        for number, session in enumerate(self.sessions):
            if number not in self.open:
                self.open.add(number)
                self.news.append(Begun(session))

    def break_off(self) -> None:
        """End every session for now."""
        self.news += [Broken(self.sessions[number]) for number in sorted(self.open)]
        self.open.clear()

    def refuse(self, error: TaskscopeError) -> None:
        """Let live tail not be allowed."""
        self.news += [Refused(each, error) for each in self.sessions]


@pytest.fixture(scope="session")
def make_search() -> Callable[..., MemorySearch]:
    """Give a factory ``make_search(groups)``."""

    def make(*groups: str) -> MemorySearch:
        return MemorySearch({name: [] for name in groups})

    return make


@pytest.fixture(scope="session")
def make_world() -> Callable[..., World]:
    """Give a factory ``make_world(groups)``."""
    return lambda *groups: World(MemorySearch({name: [] for name in groups}))


def entry(time_ns: int, message: str = "x", *, group: str = "/g", stream: str = "s") -> LogEntry:
    """Return a line."""
    return LogEntry(time_ns, message, group, stream)
