"""GetLogEvents: pages of one stream, in both directions (embedded-aws, section 5)."""

from collections.abc import Mapping, Sequence
from typing import Final

from taskscope.lab.gateway.service import Call, Document, Operation
from taskscope.lab.logs.groups import RegionOf
from taskscope.lab.logs.identifiers import asked_group
from taskscope.lab.logs.store import Gap, StoredEvent, Stream
from taskscope.lab.logs.tokens import read_position, write_position

PAGE_EVENTS: Final = 10_000
PAGE_BYTES: Final = 1_048_576
"""Most of a page, counted as PutLogEvents counts: UTF-8 of the messages and 26 bytes for each event."""

LATEST_MS: Final = 2**63 - 1
"""The end of time on the wire."""


class ReadingOperations:
    """GetLogEvents. A token is a position in the stream, so lines that arrive meanwhile shift no page."""

    def __init__(self, region_of: RegionOf) -> None:
        self._region_of = region_of
        self.operations: Mapping[str, Operation] = {"GetLogEvents": self._get}

    def _get(self, call: Call) -> Document:
        params = call.params
        token = params.get("nextToken")
        forward, position = params.get("startFromHead", False), None
        if token is not None:
            direction, position = read_position(token)
            forward = direction == "f"
        stream = asked_group(call, self._region_of(call)).stream(params["logStreamName"])
        window = min(params.get("startTime", 0), LATEST_MS), min(params.get("endTime", LATEST_MS), LATEST_MS)
        first, end = _page(stream, window, position=position, forward=forward, limit=params.get("limit", PAGE_EVENTS))
        before, after = _edges(stream.events[first:end], position or (window[0], 0))
        return {
            "events": [
                {"timestamp": event.timestamp, "message": event.message, "ingestionTime": event.ingestion_time}
                for event in stream.events[first:end]
            ],
            "nextForwardToken": write_position("f", after),
            "nextBackwardToken": write_position("b", before),
        }


def _page(
    stream: Stream, window: tuple[int, int], *, position: Gap | None, forward: bool, limit: int
) -> tuple[int, int]:
    """Return start and end index of the page: the head of what is left, or its tail when reading backward."""
    first, end = stream.index((window[0], 0)), stream.index((window[1], 0))
    if position is not None:
        here = stream.index(position)
        first, end = (max(first, here), end) if forward else (first, min(end, here))
    if first >= end:
        return first, first
    if forward:
        return first, first + _fitting(stream.events[first : min(end, first + limit)])
    return end - _fitting(stream.events[max(first, end - limit) : end][::-1]), end


def _fitting(events: Sequence[StoredEvent]) -> int:
    """Return how many of these events a page holds; at least one, however large."""
    size = 0
    for number, event in enumerate(events):
        size += event.size
        if size > PAGE_BYTES and number:
            return number
    return len(events)


def _edges(page: Sequence[StoredEvent], here: Gap) -> tuple[Gap, Gap]:
    """Return the positions before and after a page; an empty one stands where the reader stood."""
    if not page:
        return here, here
    first, last = page[0], page[-1]
    return (first.timestamp, first.sequence), (last.timestamp, last.sequence + 1)
