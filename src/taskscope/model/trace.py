"""
Traces as they are shown: a summary for lists, a view for the waterfall.

These are documents of the REST API: ids are lowercase hex, times nanoseconds since the epoch, attributes texts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from taskscope.model.service_map import NodeKey, NodeKind


class Outcome(StrEnum):
    """How a request went, in X-Ray's sense; see ``Tally``."""

    OK = "ok"
    ERROR = "error"
    THROTTLE = "throttle"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class HttpExchange:
    """What is known of an HTTP request and its answer."""

    method: str = ""
    url: str = ""
    status: int = 0
    """0 where unknown."""
    user_agent: str = ""
    client_ip: str = ""


@dataclass(frozen=True, slots=True)
class TraceSummary:
    """
    One trace in a list.

    Its **root** is the span that stands for it: of the spans that enter a service the one without a parent, else the
    earliest. Where no span enters a service, the earliest of all.
    """

    trace_id: str
    start_ns: int
    """Of the earliest span."""
    duration_ns: int
    """From the earliest start to the latest end."""
    response_ns: int
    """Of the root span."""
    root_name: str
    root_node: NodeKey
    root_outcome: Outcome
    """What ``ok``, ``error``, ``throttle`` and ``fault`` of a filter expression ask for."""
    http: HttpExchange
    """Of the root span."""
    span_count: int
    tally: Mapping[str, int]
    """How many spans there are of each ``Outcome``."""
    nodes: tuple[NodeKey, ...]
    """Services that sent spans, in order of appearance."""
    users: tuple[str, ...] = ()
    user_nodes: tuple[tuple[NodeKey, ...], ...] = ()
    """The services that told of each of these users, as with annotations."""
    annotations: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Values of each annotation, as texts; see ``query.rules.annotations_of``."""
    annotation_nodes: Mapping[str, tuple[tuple[NodeKey, ...], ...]] = field(default_factory=dict)
    """
    The services that set each of these values, in the same places. None for one that only subsegments set which were
    sent alone, in a list of traces: they do not say whose they are.
    """
    is_partial: bool = False
    """A span is in progress."""
    is_orphan: bool = False
    """The root's parent is not there."""
    resource_arns: tuple[str, ...] = ()
    instance_ids: tuple[str, ...] = ()
    availability_zones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExceptionView:
    """An exception of a span."""

    type: str
    message: str
    stack: str = ""
    time_ns: int = 0
    recorded_in: str = ""
    """The span that recorded it, where this one only points to it (``cause`` with an id); empty for a span's own."""


@dataclass(frozen=True, slots=True)
class SpanView:
    """One row of a waterfall."""

    span_id: str
    parent: int
    """Position of its parent's row; -1 for a row without one."""
    depth: int
    end_row: int
    """Position after the last of its descendants: rows are in pre-order, children by start."""
    section: int
    """Of the trace's ``sections``."""
    name: str
    kind: int
    """Of ``SpanKind``."""
    start_ns: int
    """As it is shown: corrected by its section's ``skew_ns``."""
    duration_ns: int
    own_ns: int
    """Time in which none of its children ran."""
    critical: tuple[tuple[int, int], ...]
    """The parts of it on the critical path: offsets from its start, in ns."""
    outcome: Outcome
    http: HttpExchange = field(default_factory=HttpExchange)
    called: NodeKey | None = None
    """What it called, of a client's or producer's span."""
    is_entry: bool = False
    """It enters its service: what X-Ray calls a segment."""
    in_progress: bool = False
    is_orphan: bool = False
    """It names a parent that is not there."""
    exceptions: tuple[ExceptionView, ...] = ()
    status_message: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    """Empty unless they were asked for."""


@dataclass(frozen=True, slots=True)
class Section:
    """The spans of one service in a trace; also what it called that sent none (inferred, with no rows of its own)."""

    node: NodeKey
    kind: NodeKind
    skew_ns: int = 0
    """Added to the times of its spans, since its clock went otherwise than its caller's; 0 where nothing says so."""
    resource: Mapping[str, str] = field(default_factory=dict)
    """Attributes of the resource of its first span."""


@dataclass(frozen=True, slots=True)
class TraceView:
    """A whole trace, ready to be drawn."""

    summary: TraceSummary
    sections: tuple[Section, ...]
    spans: tuple[SpanView, ...]
    total_spans: int
    """More than ``spans`` where the trace was too long to be read whole."""


@dataclass(frozen=True, slots=True)
class TracePage:
    """A page of a list of traces."""

    traces: tuple[TraceSummary, ...]
    cursor: str = ""
    """For the next page; empty on the last one."""
    scanned_spans: int = 0
    """About how many spans were looked at: whole minutes are counted."""
    reached_ns: int = 0
    """How far back was looked, where time ended the search before the window or the limit did; else 0."""


@dataclass(frozen=True, slots=True)
class TraceGroup:
    """A line of the overview: traces that share a value."""

    value: str
    count: int
    share: float
    """Of all traces, 0 to 1."""
    ok: int
    errors: int
    throttles: int
    faults: int
    average_ns: int
    """Of response times, as are the percentiles."""
    p50_ns: int
    p90_ns: int
    p99_ns: int


@dataclass(frozen=True, slots=True)
class TraceOverview:
    """Traces by what they share."""

    groups: tuple[TraceGroup, ...]
    """The largest first."""
    scanned_spans: int = 0
    reached_ns: int = 0
    """From when on traces were counted, where the window holds too many; else 0."""
