"""What became of telemetry that was imported."""

from dataclasses import dataclass
from typing import NamedTuple


class ImportedTrace(NamedTuple):
    """The completed spans of one trace in a request."""

    trace_id: str
    """32 hexadecimal digits."""
    stored: int
    """Of them these are new."""
    known: int
    """These the store had already."""


@dataclass(frozen=True, slots=True)
class ImportReceipt:
    """What became of the rows of a request."""

    stored: int
    """Rows that are in the store now, and were not before."""
    known: int
    """Rows that the store had already, or that were in the request twice."""
    refused: int
    """Documents, lines or rows that cannot be read or kept."""
    reasons: tuple[str, ...] = ()
    """Why the first of them are refused."""
    traces: tuple[ImportedTrace, ...] = ()
    """Of an import of spans."""
