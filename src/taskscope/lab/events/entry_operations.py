"""EventBridge's operations on events: PutEvents and TestEventPattern."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Any, Final

from taskscope.lab.events.bus import Bus
from taskscope.lab.events.rule_operations import read_pattern
from taskscope.lab.events.rules import DEFAULT_BUS
from taskscope.lab.gateway.service import ApiError, Call, Document, Operation

_MAX_ENTRIES: Final = 10
_MAX_BYTES: Final = 1_048_576  # of one entry and of one request
_TIME_BYTES: Final = 14  # what the time of an entry counts
_MANDATORY: Final = ("id", "account", "source", "time", "region", "resources", "detail-type")


class EntryOperations:
    """Events that come through the API."""

    def __init__(self, bus: Bus, new_id: Callable[[], str]) -> None:
        self._bus = bus
        self._new_id = new_id
        self.operations: Mapping[str, Operation] = {
            "PutEvents": self.put_events,
            "TestEventPattern": self.test_event_pattern,
        }

    def put_events(self, call: Call) -> Document:
        """Put up to ten events on the bus; a bad one fails alone."""
        entries = call.params["Entries"]
        if not 1 <= len(entries) <= _MAX_ENTRIES:
            raise ApiError("ValidationException", f"PutEvents takes 1 to {_MAX_ENTRIES} entries, not {len(entries)}.")
        if sum(map(_size, entries)) > _MAX_BYTES:
            raise ApiError(
                "ValidationException",
                f"Total size of the entries in the request is over the limit of {_MAX_BYTES} bytes.",
            )
        answers = [self._put(call, entry) for entry in entries]
        return {"FailedEntryCount": sum("ErrorCode" in answer for answer in answers), "Entries": answers}

    def test_event_pattern(self, call: Call) -> Document:
        """Say whether a pattern matches a complete event."""
        matches = read_pattern(call.params["EventPattern"])
        try:
            event = json.loads(call.params["Event"])
        except (ValueError, RecursionError) as error:
            raise ApiError("ValidationException", f"Parameter Event is not valid. Reason: no JSON: {error}") from None
        missing = [name for name in _MANDATORY if not isinstance(event, dict) or name not in event]
        if missing:
            raise ApiError(
                "ValidationException", f"Parameter Event is not valid. Reason: it lacks {', '.join(missing)}."
            )
        return {"Result": matches(event)}

    def _put(self, call: Call, entry: Document) -> Document:
        detail, problem = _check(entry)
        if problem is None and entry.get("EventBusName", DEFAULT_BUS) not in {DEFAULT_BUS, self._bus.arn(call.region)}:
            problem = ("ResourceNotFoundException", f"Event bus {entry['EventBusName']} does not exist.")
        if problem is not None:
            return {"ErrorCode": problem[0], "ErrorMessage": problem[1]}
        event_id = self._new_id()
        self._bus.accept(call.region, self._envelope(call, entry, event_id, detail))
        return {"EventId": event_id}

    def _envelope(self, call: Call, entry: Document, event_id: str, detail: Document) -> dict[str, Any]:
        moment = entry.get("Time")
        return {
            "version": "0",
            "id": event_id,
            "detail-type": entry["DetailType"],
            "source": entry["Source"],
            "account": call.account,
            "time": f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else self._bus.now(),
            "region": call.region,
            "resources": entry.get("Resources", []),
            "detail": detail,
        }


def _size(entry: Document) -> int:
    """Count the bytes of an entry as EventBridge documents it."""
    texts = [entry.get(name, "") for name in ("Source", "DetailType", "Detail")] + entry.get("Resources", [])
    return sum(len(text.encode()) for text in texts) + (_TIME_BYTES if "Time" in entry else 0)


def _check(entry: Document) -> tuple[Document, tuple[str, str] | None]:
    """Return the parsed detail of an entry, and the code and message of what is wrong with it."""
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            return {}, ("InvalidArgument", f"Parameter {name} is not valid. Reason: {name} is a required argument.")
    if entry["Source"].startswith("aws."):
        return {}, ("NotAuthorizedForSourceException", "Not authorized for the source.")
    try:
        detail = json.loads(entry["Detail"])
    except (ValueError, RecursionError):
        detail = None
    if not isinstance(detail, dict):
        return {}, ("MalformedDetail", "Detail is malformed.")
    return detail, None
