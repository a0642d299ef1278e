"""What clients send: segment documents, and telemetry of daemons."""

import json
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from taskscope.api.workers import Workers
from taskscope.counters import Counters
from taskscope.wire.xray.decode import Refused, decode_documents


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
        wrong = {each.position for each in refused}
        if good := [each for position, each in enumerate(documents) if position not in wrong]:
            await self._keep(good, sender)
        return {"UnprocessedTraceSegments": [_unprocessed(each) for each in refused]}

    async def put_telemetry(self, given: dict[str, Any]) -> dict[str, Any]:
        """PutTelemetryRecords: counted, and no more; a daemon's own figures are of use to AWS alone."""
        self._counters.add("received.xray_telemetry", len(given["TelemetryRecords"]))
        return {}


def _refused(documents: Sequence[str]) -> list[Refused]:
    return decode_documents(json.dumps(documents).encode(), received_ns=0).refused


def _unprocessed(refused: Refused) -> dict[str, str]:
    return {"Id": refused.segment_id, "ErrorCode": "ParseError", "Message": refused.reason}
