"""Events cut into calls of PutLogEvents, by all of its rules."""

from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Final, NamedTuple

from taskscope.aws.log_writer import BATCH_BYTES, BATCH_EVENTS, BATCH_SPAN_MS, EVENT_OVERHEAD_BYTES, LogWriter
from taskscope.sinks.api import Rejected
from taskscope.sinks.partwise import divide_refused

TOO_OLD: Final = "too old for CloudWatch Logs: more than 14 days, or the group's retention"
TOO_NEW: Final = "too new for CloudWatch Logs: more than 2 hours ahead of its clock"


class Entry(NamedTuple):
    """An event and the rows of the batch that it stands for."""

    timestamp_ms: int
    message: str
    rows: Sequence[int]


class Call(NamedTuple):
    """The events of one PutLogEvents, ordered by time."""

    group: str
    stream: str
    entries: Sequence[Entry]


def cut_calls(group: str, stream: str, entries: Iterable[Entry]) -> Iterator[Call]:
    """Yield calls within the limits of PutLogEvents; events of equal times keep their order."""
    held: list[Entry] = []
    held_bytes = 0
    for entry in sorted(entries, key=attrgetter("timestamp_ms")):
        size = _utf8_bytes(entry.message) + EVENT_OVERHEAD_BYTES
        if held and (
            len(held) == BATCH_EVENTS
            or held_bytes + size > BATCH_BYTES
            or entry.timestamp_ms - held[0].timestamp_ms > BATCH_SPAN_MS
        ):
            yield Call(group, stream, held)
            held, held_bytes = [], 0
        held.append(entry)
        held_bytes += size
    if held:
        yield Call(group, stream, held)


def _utf8_bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def send_call(writer: LogWriter, call: Call) -> Sequence[Rejected]:
    """
    Write the events of a call; return the rows of those that CloudWatch Logs will never take.

    Raises:
        UnavailableError: A retry may help.
        AccessError: A permission is missing, or credentials are.
    """

    def send(entries: Sequence[Entry]) -> Sequence[Rejected]:
        events = [(entry.timestamp_ms, entry.message) for entry in entries]
        taken = writer.put(call.group, call.stream, events)
        return [
            *_rejected(entries[: taken.first], TOO_OLD),
            *_rejected(entries[taken.end :], TOO_NEW),
        ]

    return divide_refused(call.entries, send, lambda entry, reason: _rejected([entry], reason))


def _rejected(entries: Iterable[Entry], reason: str) -> list[Rejected]:
    return [Rejected(row, reason) for entry in entries for row in entry.rows]
