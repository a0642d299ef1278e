"""Traces by what one span of theirs is: of a service, an operation, a duration, with these attributes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from taskscope.model.window import Window
from taskscope.store.api import Reader

_SQL: Final = """
SELECT lower(hex(TraceId)), max(Timestamp) AS latest
FROM spans
WHERE ServiceName = {service:String}
    AND toStartOfMinute(Timestamp) >= toStartOfMinute(fromUnixTimestamp64Nano({start:Int64}))
    AND Timestamp >= fromUnixTimestamp64Nano({start:Int64}) AND Timestamp < fromUnixTimestamp64Nano({end:Int64})
    AND ({operation:String} = '' OR SpanName = {operation:String})
    AND Duration >= {least:UInt64} AND Duration <= {most:UInt64}
    AND ({kind:Int32} < 0 OR SpanKind = {kind:Int32})
    AND ({failed:Int8} < 0 OR (StatusCode = 2) = {failed:Int8})
    AND arrayAll(
        (name, value) -> SpanAttributes[name] = value OR JSONExtractString(Resource::String, name) = value,
        {names:Array(String)}, {values:Array(String)})
GROUP BY TraceId
ORDER BY latest DESC
LIMIT {limit:UInt32}
"""
LONGEST_NS: Final = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class SpanQuestion:
    """What a span has to be; defaults ask for nothing."""

    service: str
    operation: str = ""
    least_ns: int = 0
    most_ns: int = LONGEST_NS
    kind: int | None = None
    """Of ``SpanKind``."""
    failed: bool | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    """Of the span or its resource."""


def find_trace_ids(reader: Reader, window: Window, question: SpanQuestion, *, limit: int = 20) -> list[bytes]:
    """Return traces with such a span, those with the newest one first."""
    parameters = {
        "service": question.service,
        "start": window.start_ns,
        "end": window.end_ns,
        "operation": question.operation,
        "least": question.least_ns,
        "most": question.most_ns,
        "kind": -1 if question.kind is None else question.kind,
        "failed": -1 if question.failed is None else int(question.failed),
        "names": list(question.attributes),
        "values": list(question.attributes.values()),
        "limit": limit,
    }
    return [bytes.fromhex(trace_id) for trace_id, _latest in reader.query(_SQL, parameters).rows]
