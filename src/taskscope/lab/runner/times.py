"""Times in the form of Go's RFC 3339 with nanoseconds, as the metadata endpoint writes them. Pure."""

from datetime import UTC

from taskscope.clock import SECOND, to_datetime


def rfc3339(instant: int) -> str:
    """Return ``2026-11-20T05:08:20.804890000Z``."""
    return f"{to_datetime(instant, UTC):%Y-%m-%dT%H:%M:%S}.{instant % SECOND:09d}Z"
