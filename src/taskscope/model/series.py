"""Figures over time. Documents of the REST API."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RedPoint:
    """Rate, errors and durations of one step of time."""

    start_ns: int
    ok: int
    errors: int
    """Without throttles."""
    throttles: int
    faults: int
    average_ns: int
    p50_ns: int
    p90_ns: int
    p99_ns: int


@dataclass(frozen=True, slots=True)
class RedSeries:
    """What a service, an operation of it, or an edge went through, step by step; steps without calls are left out."""

    name: str
    step_ns: int
    points: tuple[RedPoint, ...]
