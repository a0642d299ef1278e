"""How far a log is read: the time up to which all of it was, and what was read of the time after that."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from taskscope.sources.watch.outlet import mapping


@dataclass(frozen=True, slots=True)
class Position:
    """Times are epoch milliseconds. CloudWatch's ids of events are kept in short: 64 bits of a hash."""

    since: int
    seen: Mapping[str, int] = field(default_factory=dict)
    """Times of the events at or after ``since`` that were read, by short id."""

    def is_new(self, event: Mapping[str, Any]) -> bool:
        """Whether an event was not read yet."""
        return event["timestamp"] >= self.since and short_id(event) not in self.seen

    def after(self, events: Mapping[str, int], since: int) -> Self:
        """Return the position when these events were read, by short id, and everything before a time for good."""
        since = max(self.since, since)
        seen = {name: time for name, time in {**self.seen, **events}.items() if time >= since}
        return type(self)(since, seen)

    def document(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {"since": self.since, "seen": dict(self.seen)}

    @classmethod
    def of(cls, document: Any) -> Self | None:
        """Read what ``document`` wrote; None if it is something else."""
        found = mapping(document)
        if not isinstance(found.get("since"), int):
            return None
        return cls(found["since"], mapping(found.get("seen")))


def short_id(event: Mapping[str, Any]) -> str:
    """Return what tells events of a group apart, in 16 characters; CloudWatch's own id has 56."""
    return hashlib.blake2b(event["eventId"].encode(), digest_size=8).hexdigest()
