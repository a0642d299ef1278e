"""Services and their operations in a window. Documents of the REST API."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServiceFigures:
    """A service that sent spans, with the requests that entered it."""

    name: str
    type: str
    """X-Ray's (``AWS::ECS::Fargate``), empty where the platform is unknown."""
    place: int
    """In the order in which services were first seen: its colour in the console. Nodes of one name have one."""
    is_entry: bool
    """Whether traces begin here."""
    ok: int
    errors: int
    """Without throttles."""
    throttles: int
    faults: int
    average_ns: int
    p50_ns: int
    p99_ns: int
    first_ns: int
    """Begin of its first request in the window."""
    last_ns: int
    """End of its last one."""
    account: str = ""


@dataclass(frozen=True, slots=True)
class OperationFigures:
    """Spans of one name and kind of a service."""

    name: str
    kind: int
    """Of ``SpanKind``."""
    ok: int
    errors: int
    """Without throttles."""
    throttles: int
    faults: int
    average_ns: int
    p50_ns: int
    p99_ns: int
