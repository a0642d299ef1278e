"""Spans of documents as columns nearly: what rows differ in, and once what whole documents or most rows share."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from taskscope.model.attributes import attribute_text
from taskscope.model.resource import Resource
from taskscope.model.span import Span, SpanEvent, SpanLink

Shape = tuple[tuple[str, ...], ...]
"""
The keys of a row's attributes, block by block.

Senders fill the same blocks again and again: the keys of 2,400 rows are made into a column once for each shape.
"""
Row = tuple[str, str, str, int, float, float, Shape]
"""Id and parent's id in hex, name, kind, start and end in seconds as documents have them, keys of the attributes."""

NO_PARENT: Final = "0" * 16


class Marks(NamedTuple):
    """What few rows have."""

    status: int
    message: str
    events: Sequence[SpanEvent]
    links: Sequence[SpanLink]


@dataclass(slots=True)
class FlatSpans:
    """Rows of documents, in their order."""

    documents: list[tuple[bytes, Resource, int]] = field(default_factory=list)
    """Of each: trace id, where it ran, how many rows it has."""
    rows: list[Row] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    """The values of all rows' attributes."""
    running: list[int] = field(default_factory=list)
    """Which rows are in progress."""
    marks: dict[int, Marks] = field(default_factory=dict)
    """Of rows that have any."""
    exact: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Start and end in nanoseconds, of rows whose seconds say nothing."""

    def add(self, span: Span) -> None:
        """Take a span that was decoded already."""
        row = len(self.rows)
        shape = (tuple(span.attributes),)
        self.texts += map(attribute_text, span.attributes.values())
        self.rows.append(
            (span.span_id.hex(), span.parent_span_id.hex() or NO_PARENT, span.name, span.kind, 0, 0, shape)
        )
        self.exact[row] = (span.start_ns, span.end_ns)
        if span.in_progress:
            self.running.append(row)
        if span.status or span.events or span.links:
            self.marks[row] = Marks(span.status, span.status_message, span.events, span.links)
        self.documents.append((span.trace_id, span.resource, 1))

    def cut(self, rows: int, texts: int) -> None:
        """Forget what came after so many rows and texts, of a document that was not finished."""
        del self.rows[rows:], self.texts[texts:]
        self.running = [row for row in self.running if row < rows]
        self.marks = {row: marks for row, marks in self.marks.items() if row < rows}
