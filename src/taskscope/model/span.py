"""Spans: one timed operation each, with its events and links."""

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from taskscope.model.attributes import Attributes
from taskscope.model.resource import NO_SCOPE, Resource, Scope


class SpanKind(IntEnum):
    """The numbers of OTLP's ``Span.SpanKind``."""

    UNSPECIFIED = 0
    INTERNAL = 1
    SERVER = 2
    CLIENT = 3
    PRODUCER = 4
    CONSUMER = 5


class Status(IntEnum):
    """The numbers of OTLP's ``Status.StatusCode``."""

    UNSET = 0
    OK = 1
    ERROR = 2


class SpanEvent(NamedTuple):
    """A moment in a span; exceptions are events named ``exception``."""

    time_ns: int
    name: str
    attributes: Attributes


class SpanLink(NamedTuple):
    """A pointer to another span."""

    trace_id: bytes
    span_id: bytes
    trace_state: str
    attributes: Attributes


class Span(NamedTuple):
    """One timed operation. A tuple: rows are made in great numbers, and columns are one ``zip`` away."""

    trace_id: bytes
    """16 bytes."""
    span_id: bytes
    """8 bytes."""
    parent_span_id: bytes
    """8 bytes, or empty for a root."""
    name: str
    kind: int
    """Of ``SpanKind``; a number that OTLP does not know is kept."""
    start_ns: int
    end_ns: int
    """Not before ``start_ns``; equal to it while in progress."""
    attributes: Attributes
    resource: Resource
    scope: Scope = NO_SCOPE
    status: int = Status.UNSET
    """Of ``Status``."""
    status_message: str = ""
    events: Sequence[SpanEvent] = ()
    links: Sequence[SpanLink] = ()
    trace_state: str = ""
    flags: int = 0
    in_progress: bool = False
    """True for an X-Ray document that a later one, complete and of the same id, replaces."""
