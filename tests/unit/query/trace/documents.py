"""Traces for tests, written as X-Ray documents or as OpenTelemetry spans."""

import json
from collections.abc import Mapping
from typing import Any, Final

from taskscope.model.attributes import AttributeValue
from taskscope.model.resource import Resource
from taskscope.model.span import Span, SpanKind, SpanLink
from taskscope.wire.xray.decode import decode_document

TRACE: Final = bytes.fromhex("65f0c1d29b1e4c77a0d3f2e5c6b7a899")
XRAY_TRACE: Final = "1-65f0c1d2-9b1e4c77a0d3f2e5c6b7a899"
START: Final = 1_710_277_074_000_000_000
MS: Final = 1_000_000


def sent(document: Mapping[str, Any]) -> list[Span]:
    """Return the spans of a segment document; its trace is ``TRACE`` unless it says otherwise."""
    return decode_document(json.dumps({"trace_id": XRAY_TRACE, **document}).encode(), received_ns=START)


def segment(name: str, number: int, start: float, end: float, **more: Any) -> dict[str, Any]:
    """Return a segment or subsegment; times are seconds after ``START``."""
    began = START // 10**9
    return {"name": name, "id": f"{number:016x}", "start_time": began + start, "end_time": began + end, **more}


def span(
    number: int,
    parent: int = 0,
    *,
    start: float = 0,
    took: float = 1,
    kind: int = SpanKind.INTERNAL,
    service: str = "web",
    host: str = "",
    name: str = "",
    links: tuple[SpanLink, ...] = (),
    trace: bytes = TRACE,
    in_progress: bool = False,
    status: int = 0,
    attributes: Mapping[str, AttributeValue] | None = None,
) -> Span:
    """Return a span of OpenTelemetry's; ``start`` and ``took`` are milliseconds."""
    start_ns = START + round(start * MS)
    return Span(
        trace,
        number.to_bytes(8),
        parent.to_bytes(8) if parent else b"",
        name or f"operation {number}",
        kind,
        start_ns,
        start_ns if in_progress else start_ns + round(took * MS),
        attributes or {},
        Resource({"service.name": service, **({"host.name": host} if host else {})}),
        links=links,
        in_progress=in_progress,
        status=status,
    )
