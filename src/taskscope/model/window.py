"""A stretch of time that is asked about."""

from typing import NamedTuple


class Window(NamedTuple):
    """From ``start_ns`` up to, and without, ``end_ns``: nanoseconds since the epoch."""

    start_ns: int
    end_ns: int
