"""
Log groups, streams and events of one region, in memory.

A stream keeps its events ordered by timestamp, and by arrival among equal ones: a late line takes its place.
Positions are found by binary search, so that a page of a long stream costs what the page holds.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count
from operator import attrgetter
from typing import Final, NamedTuple, TypeAlias

from taskscope.lab.logs.errors import no_group, no_stream

EVENT_OVERHEAD_BYTES: Final = 26
"""What CloudWatch Logs adds to each message when it counts bytes."""

Gap: TypeAlias = tuple[int, int]
"""A position between events: those of a smaller timestamp and sequence number lie before it, all others after it."""


class StoredEvent(NamedTuple):
    """One log event; ``sequence`` counts arrivals over all streams of the store, from 1."""

    timestamp: int
    sequence: int
    message: str
    ingestion_time: int
    size: int
    """UTF-8 bytes of the message with its overhead."""

    @property
    def event_id(self) -> str:
        """56 digits that name this event alone, in the order of the stream."""
        return f"{self.timestamp:020d}{self.sequence:036d}"


_BY_POSITION: Final = attrgetter("timestamp", "sequence")
_BY_TIME: Final = attrgetter("timestamp")


@dataclass(slots=True)
class Stream:
    """One log stream; times in epoch milliseconds."""

    name: str
    created: int
    events: list[StoredEvent] = field(default_factory=list)
    stored_bytes: int = 0
    last_ingestion: int | None = None

    def index(self, gap: Gap) -> int:
        """Return how many events lie before a position."""
        return bisect_left(self.events, gap, key=_BY_POSITION)

    def insert(self, events: list[StoredEvent]) -> None:
        """Add events in order of arrival; only what is later than the earliest of them is moved."""
        if not events:
            return
        earliest = min(event.timestamp for event in events)
        start = self.index((earliest + 1, 0))
        tail = self.events[start:] + events
        tail.sort(key=_BY_TIME)
        self.events[start:] = tail
        self.stored_bytes += sum(event.size for event in events)
        self.last_ingestion = max(event.ingestion_time for event in events)


@dataclass(slots=True)
class Group:
    """One log group; ``retention`` in days, None for ever."""

    name: str
    created: int
    group_class: str = "STANDARD"
    retention: int | None = None
    kms_key: str | None = None
    deletion_protection: bool = False
    tags: dict[str, str] = field(default_factory=dict)
    streams: dict[str, Stream] = field(default_factory=dict)

    def stream(self, name: str) -> Stream:
        """
        Return a stream.

        Raises:
            ApiError: ``ResourceNotFoundException``, there is none.
        """
        try:
            return self.streams[name]
        except KeyError:
            raise no_stream() from None


class Region:
    """All log groups of one region."""

    def __init__(self) -> None:
        self.groups: dict[str, Group] = {}
        self._sequence = count(1)

    def group(self, name: str) -> Group:
        """
        Return a group.

        Raises:
            ApiError: ``ResourceNotFoundException``, there is none.
        """
        try:
            return self.groups[name]
        except KeyError:
            raise no_group() from None

    def make_events(self, lines: Iterable[tuple[int, str, int]]) -> list[StoredEvent]:
        """Number events, given as timestamp, message and ingestion time, in order of arrival."""
        return [
            StoredEvent(timestamp, next(self._sequence), message, ingested, size_of(message))
            for timestamp, message, ingested in lines
        ]


def size_of(message: str) -> int:
    """Return what a message counts towards the limits: its UTF-8 bytes and 26 more."""
    return len(message.encode("utf-8", "surrogatepass")) + EVENT_OVERHEAD_BYTES
