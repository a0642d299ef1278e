"""
What holds for OTLP in either encoding: the shape of an answer, which ids count, spans that end before they start.

Source: opentelemetry-proto, ``docs/specification.md`` and the comments of the ``.proto`` files.
"""

from collections.abc import Sequence
from typing import Final, Generic, NamedTuple, TypeVar

from taskscope.model.span import Span

RowT = TypeVar("RowT")

INVALID_TRACE_ID: Final = "span without a trace id of 16 bytes that are not all zero"
INVALID_SPAN_ID: Final = "span without a span id of 8 bytes that are not all zero"

END_BEFORE_START: Final = "taskscope.end_before_start"
"""Attribute, true, of a span that was sent with an end before its start."""

MAX_NESTING: Final = 30
"""
Lists and maps inside one another in an attribute's value or a log's body.

Protobuf's decoder takes 100 levels of messages; a map takes three, and the longest way to a value takes eight.
"""


class Decoded(NamedTuple, Generic[RowT]):
    """Rows of one export request, in its order, and why others in it make no row."""

    rows: list[RowT]
    invalid: Sequence[str]
    """One reason for each item left out, of the ``INVALID_…`` texts."""


def usable_id(value: bytes, size: int) -> bytes:
    """Return an id as it is, or empty if it is not ``size`` bytes or all zero, which OTLP calls invalid."""
    return value if len(value) == size and any(value) else b""


def without_negative_duration(span: Span) -> Span:
    """Return the span, one that ends before it starts with duration 0 and the attribute ``END_BEFORE_START``."""
    if span.end_ns >= span.start_ns:
        return span
    return span._replace(end_ns=span.start_ns, attributes={**span.attributes, END_BEFORE_START: True})
