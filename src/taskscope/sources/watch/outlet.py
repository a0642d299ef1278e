"""Where watching gives away what it finds, and has remembered how far it is."""

import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Protocol


class What(StrEnum):
    """What a body is."""

    CHANGES = "changes"
    """A JSON array of envelopes of ``wire.eventbridge.polled``."""
    LOG_EVENTS = "log_events"
    PERFORMANCE_EVENTS = "performance_events"
    METRIC_DATA = "metric_data"


class Outlet(Protocol):
    """Takes bodies, and what is to be remembered with them, which is JSON. Called from one thread."""

    def remembered(self, section: str) -> Any:
        """Return what a section was remembered as; None if nothing was."""
        ...

    def sections(self, prefix: str) -> Iterable[str]:
        """Return the sections whose names begin so."""
        ...

    def deliver(self, what: What, body: bytes, section: str, memory: Any) -> None:
        """
        Make a body durable, and what is to be remembered with it.

        After a crash both are there or neither. ``memory`` None forgets the section.

        Raises:
            TaskscopeError: Neither is there; the same may be tried again.
        """
        ...


def dump(value: object) -> bytes:
    """Write JSON, short; half of a surrogate pair becomes a question mark, which UTF-8 can have."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")


def mapping(value: Any) -> dict[str, Any]:
    """Return what was remembered, if it is a map: the file may be of another version."""
    return dict(value) if isinstance(value, Mapping) else {}
