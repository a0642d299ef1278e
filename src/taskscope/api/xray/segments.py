"""What clients send: segment documents, and telemetry of daemons."""

import json
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Final

from taskscope.api.workers import Workers
from taskscope.counters import Counters
from taskscope.errors import MalformedPayloadError
from taskscope.wire.xray.decode import decode_document

_LONGEST_ID: Final = 64


class SegmentOperations:
    """PutTraceSegments and PutTelemetryRecords."""

    def __init__(
        self, keep: Callable[[Sequence[str], str], Awaitable[None]], counters: Counters, workers: Workers
    ) -> None:
        self._keep = keep
        self._counters = counters
        self._call = workers.call

    async def put(self, given: dict[str, Any], sender: str) -> dict[str, Any]:
        """PutTraceSegments: what cannot be read is told of; the rest is durable before the answer."""
        documents = given["TraceSegmentDocuments"]
        refused = await self._call(partial(_refused, documents))
        if refused:
            self._counters.add("refused.xray_api.document", len(refused))
        if good := [each for place, each in enumerate(documents) if place not in refused]:
            await self._keep(good, sender)
        return {"UnprocessedTraceSegments": [_unprocessed(documents[place], flaw) for place, flaw in refused.items()]}

    async def put_telemetry(self, given: dict[str, Any]) -> dict[str, Any]:
        """PutTelemetryRecords: counted, and no more; a daemon's own figures are of use to AWS alone."""
        self._counters.add("received.xray_telemetry", len(given["TelemetryRecords"]))
        return {}


def _refused(documents: Sequence[str]) -> dict[int, str]:
    """Return why documents cannot be read, by their places."""
    return {place: flaw for place, text in enumerate(documents) if (flaw := _flaw(text))}


def _flaw(document: str) -> str:
    try:
        decode_document(document.encode(), received_ns=0)
    except UnicodeEncodeError:
        return "the segment document holds half of a character"
    except MalformedPayloadError as error:
        return error.message
    return ""


def _unprocessed(document: str, flaw: str) -> dict[str, str]:
    return {"Id": _id_of(document), "ErrorCode": "ParseError", "Message": flaw}


def _id_of(document: str) -> str:
    """Return the id that a document says it has; empty where it says none."""
    try:
        found = json.loads(document)["id"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""
    return found[:_LONGEST_ID] if isinstance(found, str) and found.isascii() else ""
