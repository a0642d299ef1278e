"""Rows for tests of the store."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

from taskscope.model.attributes import AttributeValue
from taskscope.model.log import LogRecord
from taskscope.model.resource import Resource, Scope
from taskscope.model.span import Span, SpanKind, Status

START: Final = 1_790_000_000_123_456_789
"""2026-09-21 14:13:20.123456789 UTC."""
RESOURCE: Final = Resource({"service.name": "shop", "process.pid": 7}, "https://example.com/schema")
SCOPE: Final = Scope("tests", "1.0")


def trace_id(number: int) -> bytes:
    """Return the id of a trace; equal numbers, equal ids."""
    return hashlib.md5(f"trace {number}".encode(), usedforsecurity=False).digest()


def span_id(number: int) -> bytes:
    """Return the id of a span."""
    return hashlib.md5(f"span {number}".encode(), usedforsecurity=False).digest()[:8]


def span(
    number: int = 0,
    *,
    start_ns: int = START,
    duration_ns: int = 5_000_000,
    attributes: Mapping[str, AttributeValue] | None = None,
    resource: Resource = RESOURCE,
    status: int = Status.UNSET,
    in_progress: bool = False,
) -> Span:
    """Return a span; four in a row are one trace."""
    return Span(
        trace_id(number // 4),
        span_id(number),
        span_id(number - 1) if number % 4 else b"",
        f"operation {number % 4}",
        SpanKind.SERVER,
        start_ns,
        start_ns + duration_ns,
        attributes or {},
        resource,
        SCOPE,
        status,
        in_progress=in_progress,
    )


def spans(count: int) -> Sequence[Span]:
    """Return spans, four to a trace."""
    return [span(number) for number in range(count)]


def log_record(body: AttributeValue = "hello", *, time_ns: int = START) -> LogRecord:
    """Return a log record."""
    return LogRecord(time_ns, body, {"logger": "tests"}, RESOURCE, SCOPE, 9, "INFO")
