"""What a log record's row means, in SQL: its level, its group and stream, its task; and rows as documents."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from taskscope.model.log_line import LogLine
from taskscope.query.logs.position import Position

LEVELS: Final = ("trace", "debug", "info", "warn", "error", "fatal")
"""OpenTelemetry's ranges of severity numbers, four to a level: 1 to 4 is ``trace``, 21 to 24 ``fatal``."""
_WORDS: Final = {
    "verbose": "trace", "finest": "trace", "fine": "debug", "information": "info", "informational": "info",
    "notice": "info", "warning": "warn", "err": "error", "severe": "error", "critical": "error", "crit": "error",
    "alert": "error", "panic": "fatal", "emergency": "fatal", "emerg": "fatal", **{level: level for level in LEVELS},
}  # fmt: skip
"""Of senders who give a word and no number."""


def _array(texts: Iterable[str]) -> str:
    return "['" + "', '".join(texts) + "']"


def _of_resource(name: str) -> str:
    return f"ResourceAttributes['{name}']"


def _listed(name: str) -> str:
    """Return the SQL of an attribute that holds one text, several with ``&`` between, or a list in JSON."""
    value = _of_resource(name)
    return f"if(startsWith({value}, '['), JSONExtract({value}, 'Array(String)'), splitByChar('&', {value}))"


LEVEL: Final = (
    f"if(SeverityNumber = 0, transform(lower(SeverityText), {_array(_WORDS)}, {_array(_WORDS.values())}, ''),"
    f" {_array(LEVELS)}[least(intDiv(SeverityNumber + 3, 4), 6)])"
)
GROUPS: Final = (
    f"if({_of_resource('aws.log.group.names')} != '', {_listed('aws.log.group.names')},"
    f" if({_of_resource('aws.log.group.arns')} != '',"
    f" arrayMap(arn -> splitByChar(':', arn)[7], {_listed('aws.log.group.arns')}), [toString(ServiceName)]))"
)
"""Log groups; a record without one is of the group that its service is called."""
TASK: Final = _of_resource("aws.ecs.task.arn")
CONTAINER: Final = _of_resource("container.name")
_TASK_ID: Final = f"splitByChar('/', {TASK})[-1]"
STREAMS: Final = (
    f"if({_of_resource('aws.log.stream.names')} != '', {_listed('aws.log.stream.names')},"
    f" [arrayStringConcat(arrayFilter(x -> x != '', [{CONTAINER}, {_TASK_ID}]), '/')])"
)
"""Log streams; else ``container/task id``, as far as these are known."""
_CONTENT: Final = (
    "cityHash64(IngestedAt, ServiceName, TraceId, SpanId, SeverityNumber, SeverityText, Body, EventName, ScopeName,"
    " LogAttributes, ResourceAttributes)"
)
_UID: Final = "LogAttributes['log.record.uid']"
_STREAM: Final = f"cityHash64(ServiceName, {_of_resource('aws.log.stream.names')}, {TASK}, {CONTAINER})"
HASH: Final = (
    f"if(match({_UID}, '^[0-9]{{1,76}}$'), bitOr(bitOr("
    f"bitShiftLeft(bitAnd({_STREAM}, 4095), 52),"
    f" bitShiftLeft(toUInt64(toUInt256OrZero({_UID}) % 1099511627776), 12)), bitAnd({_CONTENT}, 4095)), {_CONTENT})"
)
"""
Orders records of one time: those of a stream by their numbers, where they have some, else arbitrarily.

CloudWatch numbers the events of a batch one after another, and Fluent's records are numbered as they come in: lines of
a stack trace have one time, and are to stay in order. 12 bits of the stream, 40 of the number, 12 of what is said.
"""
TIME: Final = "toUnixTimestamp64Nano(Timestamp)"
ROW: Final = (
    f"{TIME}, {HASH} AS RowHash, toString(ServiceName), {LEVEL}, Body, TraceId, SpanId, {GROUPS}[1], {STREAMS}[1],"
    f" {TASK}, {CONTAINER}, LogAttributes, ResourceAttributes, toUnixTimestamp(IngestedAt)"
)
_SECOND: Final = 1_000_000_000


class Row(NamedTuple):
    """A record and its place."""

    position: Position
    line: LogLine


class Numbering:
    """Gives rows their positions; they come in the order of reading, those of equal time and hash one after another."""

    def __init__(self, last: Position | None = None) -> None:
        """Go on behind ``last``."""
        self._last = last or Position(-1, 0, 0)

    def rows(self, answer: Iterable[Sequence[Any]]) -> Iterator[Row]:
        """Make rows of what ``ROW`` selects."""
        for time_ns, number, *rest in answer:
            same = self._last[:2] == (time_ns, number)
            self._last = Position(time_ns, number, self._last.nth + 1 if same else 1)
            yield Row(self._last, _line(self._last, rest))


def _line(position: Position, rest: Sequence[Any]) -> LogLine:
    service, level, body, trace_id, span_id, group, stream, task, container, attributes, resource, ingested = rest
    return LogLine(
        cursor=str(position),
        time_ns=position.time_ns,
        service=service,
        severity=level,
        body=body,
        trace_id=trace_id,
        span_id=span_id,
        group=group,
        stream=stream,
        task_arn=task,
        container=container,
        attributes=attributes,
        resource=resource,
        ingested_ns=ingested * _SECOND,
    )
