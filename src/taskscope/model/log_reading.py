"""What ``taskscope logs`` asks for and gets, whoever answers: selection, entries, and the contracts of sources."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, NamedTuple, Protocol, TypeAlias

from taskscope.model.timeline import Window

NO_LABELS: Final[Mapping[str, str]] = MappingProxyType({})


class LogEntry(NamedTuple):
    """One line of a log. A tuple, because 10,000 of them come with a page."""

    time_ns: int
    message: str
    group: str
    """Log group, or what stands for it."""
    stream: str
    ingested_ns: int | None = None
    """When the log took it."""
    event_id: str = ""
    """What names this line alone; empty where its source gives none."""
    labels: Mapping[str, str] = NO_LABELS
    """What else is known of where it comes from: ``function``, ``cluster``, ``service``, ``task``, ``container``."""


class TraceNode(NamedTuple):
    """One row of a trace's tree."""

    depth: int
    name: str
    duration_ns: int | None
    """None while it is in progress."""
    status: int | None = None
    """Of HTTP."""
    outcome: str = ""
    """``error``, ``throttle`` or ``fault``; empty where all went well."""


class TraceEntry(NamedTuple):
    """A trace among log lines; it stands where it ended, after the lines that were written while it ran."""

    time_ns: int
    trace_id: str
    duration_ns: int
    revision: int | None = None
    """Grows while spans arrive; None where the source counts none."""
    nodes: tuple[TraceNode, ...] = ()
    """In pre-order."""


@dataclass(frozen=True, slots=True)
class LogSelection:
    """Which logs are meant; all that is named is read."""

    groups: tuple[str, ...] = ()
    """Names of log groups, or patterns with ``*``, ``?`` and ``[…]``."""
    functions: tuple[str, ...] = ()
    """Names or ARNs of Lambda functions; with ``stack`` its logical ids too."""
    stack: str | None = None
    """A CloudFormation stack: all its functions, or those of ``functions``."""
    cluster: str | None = None
    service: str | None = None
    task: str | None = None
    containers: tuple[str, ...] = ()

    @property
    def of_ecs(self) -> bool:
        """Whether tasks are meant."""
        return any((self.cluster, self.service, self.task, self.containers))

    @property
    def empty(self) -> bool:
        """Whether nothing is named."""
        return not (self.groups or self.functions or self.stack or self.of_ecs)


@dataclass(frozen=True, slots=True)
class LogQuestion:
    """What is asked of a source."""

    selection: LogSelection
    window: Window
    pattern: str = ""
    """Filter pattern of CloudWatch Logs (see ``wire.log_pattern``); empty: every line."""


@dataclass(frozen=True, slots=True)
class LogBatch:
    """What has come since the batch before; following yields one every second or two, also without lines."""

    entries: list[LogEntry] = field(default_factory=list)
    """In order of time. A line that came late is older than those of batches before."""
    how: str = ""
    """How the source hears of new lines, for people: ``live tail``, ``polling``."""
    notices: tuple[str, ...] = ()
    """What is to be said once: a group is gone, live tail is not allowed."""
    is_backlog: bool = False
    """Of what was there when following began."""


class LogSource(Protocol):
    """Something that has logs. It is asked from one thread; errors are ``TaskscopeError``s."""

    @property
    def name(self) -> str:
        """What ``--from`` calls it."""
        ...

    def describe(self, selection: LogSelection) -> str:
        """Say in a few words where the lines are: ``CloudWatch Logs: /ecs/web``."""
        ...

    def has(self, selection: LogSelection) -> bool:
        """Whether it has what is meant, as far as can be told without reading: what it cannot resolve it has not."""
        ...

    def end_of(self, selection: LogSelection) -> int | None:
        """Return when what is meant came to its end, such as a stopped task, in nanoseconds; None where it goes on."""
        ...

    def read(self, question: LogQuestion) -> Iterator[LogEntry]:
        """
        Yield the lines of the window in order of (time, group, stream), lines of one stream and time as they came.

        Memory does not grow with the window.

        Raises:
            NotFoundError: Something that was named does not exist; the hint names the nearest.
        """
        ...

    def follow(self, question: LogQuestion) -> Iterator[LogBatch]:
        """
        Yield the lines from the window's start on, each exactly once however late it comes, until the caller stops.

        Raises:
            NotFoundError: As ``read``; or all that was followed is gone.
        """
        ...

    def take_notices(self) -> list[str]:
        """Return, once, what is to be said: groups that do not exist yet, functions that wrote nothing."""
        ...


class TraceSource(Protocol):
    """Something that has traces."""

    def traces(self, selection: LogSelection, window: Window) -> Iterator[TraceEntry]:
        """
        Yield the traces that ended in a window, in order of their end.

        While following it is asked again for windows that overlap: the same object tells a trace again only if it has
        changed.
        """
        ...


class LogAndTraceSource(LogSource, TraceSource, Protocol):
    """Something that has both: the store."""


Entry: TypeAlias = LogEntry | TraceEntry
"""What is printed."""
