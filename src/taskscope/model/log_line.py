"""Log records as they are shown, and joined to traces. Documents of the REST API."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class LogLine:
    """One log record."""

    cursor: str
    """Where it stands among all: for paging and for its context. Told again by a live tail it has the same."""
    time_ns: int
    service: str
    severity: str
    """``trace debug info warn error fatal``, or empty."""
    body: str
    trace_id: str = ""
    """Lowercase hex; as sent with the record or found in it."""
    span_id: str = ""
    group: str = ""
    """Log group or what stands for it."""
    stream: str = ""
    task_arn: str = ""
    container: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    resource: Mapping[str, str] = field(default_factory=dict)
    ingested_ns: int = 0


class Because(StrEnum):
    """Why a log record is said to belong to a trace or span, best reason first."""

    SPAN = "span"
    """It names the span."""
    TRACE = "trace"
    """It names the trace."""
    REQUEST = "request"
    """It names the Lambda request id that a span of the trace names."""
    TEXT = "text"
    """Its text holds the trace's id, in one of the two spellings."""
    TASK = "task"
    """It is of the same task or log group, and of the time of a span there."""


CONFIDENCE: Mapping[Because, float] = {
    Because.SPAN: 1.0,
    Because.TRACE: 1.0,
    Because.REQUEST: 0.95,
    Because.TEXT: 0.9,
    Because.TASK: 0.3,
}
"""How sure each reason is; ``TASK`` is a guess, and less of one the fewer requests ran at that time."""


@dataclass(frozen=True, slots=True)
class JoinedLog:
    """A log record beside a trace."""

    line: LogLine
    because: Because
    confidence: float
    """0 to 1."""


@dataclass(frozen=True, slots=True)
class JoinedLogs:
    """The log records of a trace or span."""

    logs: tuple[JoinedLog, ...]


@dataclass(frozen=True, slots=True)
class LogPage:
    """A page of log records."""

    lines: tuple[LogLine, ...]
    cursor: str = ""
    """For the next page; empty on the last one."""


@dataclass(frozen=True, slots=True)
class LogBin:
    """One bar of a histogram of log records."""

    start_ns: int
    counts: Mapping[str, int]
    """By severity."""


@dataclass(frozen=True, slots=True)
class LogGroup:
    """A log stream, and the group that it is in."""

    group: str
    stream: str
    service: str
    task_arn: str
    container: str
    lines: int
    first_ns: int
    """Time of its oldest line in the window."""
    last_ns: int


class TraceOfLog(NamedTuple):
    """A trace that a log record may belong to."""

    trace_id: str
    because: Because
    confidence: float
    """0 to 1."""
