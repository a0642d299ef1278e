"""FilterLogEvents: the events of many streams that match a pattern, merged by time."""

import heapq
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

from taskscope.lab.gateway.service import Call, Document, Operation
from taskscope.lab.logs.errors import invalid, matcher
from taskscope.lab.logs.groups import RegionOf
from taskscope.lab.logs.identifiers import asked_group
from taskscope.lab.logs.reading import LATEST_MS, PAGE_BYTES, PAGE_EVENTS
from taskscope.lab.logs.store import Gap, Group, StoredEvent, Stream
from taskscope.lab.logs.tokens import read_key, write_key

SCAN_EVENTS: Final = 50_000
"""Most events that one page looks at: beyond it the page is short or empty and has a token, as AWS's pages are."""

DESCENDING_FROM_MS: Final = 1_704_067_200_000
"""2024-01-01: earlier start times cannot be read newest first."""

_Row: TypeAlias = tuple[int, str, int, StoredEvent]
"""Timestamp, stream and sequence, which order the answer and are unique, and the event."""

_Position: TypeAlias = tuple[int, str, int]


class FilteringOperations:
    """FilterLogEvents. A token is the last event that was looked at, so lines that arrive meanwhile shift no page."""

    def __init__(self, region_of: RegionOf) -> None:
        self._region_of = region_of
        self.operations: Mapping[str, Operation] = {"FilterLogEvents": self._filter}

    def _filter(self, call: Call) -> Document:
        params = call.params
        matches = matcher(params.get("filterPattern", ""))
        streams = _streams(asked_group(call, self._region_of(call)), params)
        descending, last = _direction(params)
        window = params.get("startTime", 0), params.get("endTime", LATEST_MS)
        rows = _rows(streams, window, last, descending=descending)
        events: list[Document] = []
        size, position, more = 0, last, False
        limit = params.get("limit", PAGE_EVENTS)
        for number, (timestamp, stream, sequence, event) in enumerate(rows):
            if number == SCAN_EVENTS or len(events) == limit:
                more = True
                break
            if matches(event.message):
                size += event.size
                if size > PAGE_BYTES and events:
                    more = True
                    break
                events.append(_document(stream, event))
            position = timestamp, stream, sequence
        token = write_key("b" if descending else "f", *position) if more and position else None
        return {"events": events, "searchedLogStreams": [], "nextToken": token}


def _document(stream: str, event: StoredEvent) -> Document:
    return {
        "logStreamName": stream,
        "timestamp": event.timestamp,
        "message": event.message,
        "ingestionTime": event.ingestion_time,
        "eventId": event.event_id,
    }


def _streams(group: Group, params: Mapping[str, Any]) -> list[Stream]:
    names, prefix = params.get("logStreamNames"), params.get("logStreamNamePrefix")
    if names is not None and prefix is not None:
        raise invalid("logStreamNames and logStreamNamePrefix are mutually exclusive.")
    if names is not None:
        return [group.stream(name) for name in dict.fromkeys(names)]
    return [stream for name, stream in group.streams.items() if name.startswith(prefix or "")]


def _direction(params: Mapping[str, Any]) -> tuple[bool, _Position | None]:
    """Return whether the newest come first, and the last event of the page before; a token decides it."""
    if token := params.get("nextToken"):
        direction, timestamp, stream, sequence = read_key(token, str, int, str, int)
        return direction == "b", (timestamp, stream, sequence)
    descending = not params.get("startFromHead", True)
    if descending and "startTime" in params and params["startTime"] < DESCENDING_FROM_MS:
        raise invalid("startFromHead can be false only for a startTime on or after 2024-01-01T00:00:00Z.")
    return descending, None


def _rows(
    streams: list[Stream], window: tuple[int, int], last: _Position | None, *, descending: bool
) -> Iterator[_Row]:
    """Merge the streams' events of a window, both ends included, from a position on."""
    parts = (_of_stream(stream, window, last, descending=descending) for stream in streams)
    return heapq.merge(*parts, reverse=descending)


def _of_stream(stream: Stream, window: tuple[int, int], last: _Position | None, *, descending: bool) -> Iterator[_Row]:
    first, stop = stream.index((window[0], 0)), stream.index((window[1] + 1, 0))
    if last is not None:
        here = stream.index(_gap(stream.name, last, descending=descending))
        first, stop = (first, min(stop, here)) if descending else (max(first, here), stop)
    for number in range(stop - 1, first - 1, -1) if descending else range(first, stop):
        event = stream.events[number]
        yield event.timestamp, stream.name, event.sequence, event


def _gap(stream: str, last: _Position, *, descending: bool) -> Gap:
    """Return where a stream goes on after an event, which may be another stream's of the same time."""
    timestamp, name, sequence = last
    if stream == name:
        return (timestamp, sequence) if descending else (timestamp, sequence + 1)
    return (timestamp + 1, 0) if stream < name else (timestamp, 0)
