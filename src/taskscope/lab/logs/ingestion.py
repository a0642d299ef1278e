"""PutLogEvents with every rule of AWS (logs-and-lambda, section 10)."""

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Final

from taskscope.clock import MILLISECOND, Clock
from taskscope.lab.gateway.service import Call, Document, Operation
from taskscope.lab.logs.errors import invalid
from taskscope.lab.logs.groups import RegionOf
from taskscope.lab.logs.identifiers import asked_group
from taskscope.lab.logs.store import Group, StoredEvent, Stream, size_of

BATCH_BYTES: Final = 1_048_576
"""Most bytes of a batch: UTF-8 of all messages and 26 for each event; also the most of one event."""

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
OLDEST_MS: Final = 14 * DAY_MS
NEWEST_MS: Final = 2 * HOUR_MS

_ENTITY_TYPES: Final = frozenset({"Service", "RemoteService", "AWS::Service", "Resource", "AWS::Resource"})
_ENTITY_KEYS: Final = frozenset({"Type", "ResourceType", "Identifier", "Name", "Environment", "AwsAccountId"})


class IngestionOperations:
    """PutLogEvents; ``arrived`` hears of everything that is stored, for live tails."""

    def __init__(
        self, region_of: RegionOf, clock: Clock, arrived: Callable[[str, Group, Stream, list[StoredEvent]], None]
    ) -> None:
        self._region_of = region_of
        self._clock = clock
        self._arrived = arrived
        self.operations: Mapping[str, Operation] = {"PutLogEvents": self._put}

    def _put(self, call: Call) -> Document:
        region = self._region_of(call)
        group = asked_group(call, region)
        stream = group.stream(call.params["logStreamName"])
        batch = [(event["timestamp"], event["message"]) for event in call.params["logEvents"]]
        _check_size(batch)
        now = self._clock() // MILLISECOND
        first, end, rejected = _window(batch, group, now)
        kept = batch[first:end]
        if kept and kept[-1][0] - kept[0][0] > DAY_MS:
            raise invalid("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
        events = region.make_events((timestamp, message, now) for timestamp, message in kept)
        stream.insert(events)
        self._arrived(call.region, group, stream, events)
        return {
            "nextSequenceToken": f"{len(stream.events) + 1:056d}",
            "rejectedLogEventsInfo": rejected or None,
            "rejectedEntityInfo": _rejected_entity(call.params.get("entity")),
        }


def _check_size(batch: list[tuple[int, str]]) -> None:
    size = sum(size_of(message) for _, message in batch)
    if size > BATCH_BYTES:
        raise invalid(f"Upload too large: {size} bytes exceeds limit of {BATCH_BYTES}")
    if any(later[0] < earlier[0] for earlier, later in pairwise(batch)):
        raise invalid("Log events in a single PutLogEvents request must be in chronological order.")


def _window(batch: list[tuple[int, str]], group: Group, now: int) -> tuple[int, int, dict[str, int]]:
    """Return which events are stored, as start and end index, and what is said of the others."""
    too_old = sum(timestamp < now - OLDEST_MS for timestamp, _ in batch)
    too_new = next((i for i, (timestamp, _) in enumerate(batch) if timestamp > now + NEWEST_MS), len(batch))
    expired = 0
    if group.retention is not None:
        expired = sum(timestamp < now - group.retention * DAY_MS for timestamp, _ in batch)
    rejected = {}
    if too_new < len(batch):
        rejected["tooNewLogEventStartIndex"] = too_new
    if too_old:
        rejected["tooOldLogEventEndIndex"] = too_old
    if expired > too_old:
        rejected["expiredLogEventEndIndex"] = expired
    return max(too_old, expired), too_new, rejected


def _rejected_entity(entity: Document | None) -> Document | None:
    """Say why an entity is not taken; its events are stored all the same."""
    if entity is None:
        return None
    keys: dict[str, str] = entity.get("keyAttributes", {})
    if "Type" not in keys:
        return {"errorType": "MissingRequiredFields"}
    if keys["Type"] not in _ENTITY_TYPES:
        return {"errorType": "InvalidTypeValue"}
    return None if keys.keys() <= _ENTITY_KEYS else {"errorType": "InvalidKeyAttributes"}
