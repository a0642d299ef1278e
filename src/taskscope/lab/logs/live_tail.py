"""StartLiveTail: newly arrived events, once a second, for at most three hours (ecs-task-lifecycle, section 8)."""

import asyncio
import re
import uuid
from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from taskscope.lab.gateway.service import ApiError, Call, Document, EventStream, Operation
from taskscope.lab.logs.errors import invalid, matcher
from taskscope.lab.logs.groups import RegionOf
from taskscope.lab.logs.identifiers import group_arn, group_name
from taskscope.lab.logs.store import Group, StoredEvent, Stream
from taskscope.wire.log_pattern.compiler import Matcher

UPDATE_EVENTS: Final = 500
"""Most events of one update."""

BUFFER_EVENTS: Final = 5_000
"""What waits for a slow client; beyond it the oldest are dropped, and the next update says that it is sampled."""

INTERVAL_SECONDS: Final = 1.0
SESSION_SECONDS: Final = 3 * 3_600.0

_ARN: Final = re.compile(r"arn:[^*]+")


@dataclass(eq=False, slots=True)
class _Session:
    """One client's live tail."""

    region: str
    groups: Mapping[str, str]
    """ARN by name."""
    names: frozenset[str] | None
    prefixes: tuple[str, ...] | None
    matches: Matcher
    buffer: deque[Document] = field(default_factory=deque)
    dropped: bool = False

    def wants(self, region: str, group: str, stream: str) -> bool:
        return (
            region == self.region
            and group in self.groups
            and (self.names is None or stream in self.names)
            and (self.prefixes is None or stream.startswith(self.prefixes))
        )

    def add(self, event: Document) -> None:
        if len(self.buffer) == BUFFER_EVENTS:
            self.buffer.popleft()
            self.dropped = True
        self.buffer.append(event)

    def update(self) -> Document:
        results = [self.buffer.popleft() for _ in range(min(UPDATE_EVENTS, len(self.buffer)))]
        sampled, self.dropped = self.dropped, False
        return {"sessionMetadata": {"sampled": sampled}, "sessionResults": results}


class LiveTails:
    """The open live tails; ``interval`` and ``session`` are seconds, AWS's unless a test shortens them."""

    def __init__(
        self, region_of: RegionOf, *, interval: float = INTERVAL_SECONDS, session: float = SESSION_SECONDS
    ) -> None:
        self._region_of = region_of
        self._interval = interval
        self._session = session
        self._open: set[_Session] = set()
        self.operations: Mapping[str, Operation] = {"StartLiveTail": self._start}

    @property
    def open_sessions(self) -> int:
        """How many clients are connected."""
        return len(self._open)

    def arrived(self, region: str, group: Group, stream: Stream, events: list[StoredEvent]) -> None:
        """Hand events that were just stored to the sessions that want them."""
        for session in self._open:
            if session.wants(region, group.name, stream.name):
                for event in events:
                    if session.matches(event.message):
                        session.add(_document(session.groups[group.name], stream.name, event))

    def _start(self, call: Call) -> EventStream:
        params = call.params
        session = _Session(
            region=call.region,
            groups={name: group_arn(call.region, call.account, name) for name in self._groups(call)},
            names=frozenset(params["logStreamNames"]) if "logStreamNames" in params else None,
            prefixes=tuple(params["logStreamNamePrefixes"]) if "logStreamNamePrefixes" in params else None,
            matches=matcher(params.get("logEventFilterPattern", "")),
        )
        return EventStream(self._events(session, params))

    def _groups(self, call: Call) -> list[str]:
        params = call.params
        identifiers = params["logGroupIdentifiers"]
        if "logStreamNames" in params and "logStreamNamePrefixes" in params:
            raise invalid("logStreamNames and logStreamNamePrefixes are mutually exclusive.")
        if len(identifiers) > 1 and ("logStreamNames" in params or "logStreamNamePrefixes" in params):
            raise invalid("Log streams can be chosen only with a single log group.")
        if wrong := [identifier for identifier in identifiers if not _ARN.fullmatch(identifier)]:
            raise invalid(f"A log group is given by its ARN, without an asterisk at its end: {wrong[0]}")
        groups = [self._region_of(call).group(group_name(call, identifier)) for identifier in identifiers]
        if other := [group.name for group in groups if group.group_class != "STANDARD"]:
            raise ApiError("InvalidOperationException", f"Live Tail needs log groups of class STANDARD: {other[0]}")
        return [group.name for group in groups]

    async def _events(self, session: _Session, params: Mapping[str, Any]) -> AsyncIterator[tuple[str, Document]]:
        """Say that the session has begun, then what arrived, second by second; closing it frees the session."""
        loop = asyncio.get_running_loop()
        begun = due = loop.time()
        self._open.add(session)
        try:
            yield "sessionStart", {"sessionId": str(uuid.uuid4()), "requestId": str(uuid.uuid4()), **params}
            while due - begun < self._session:
                due += self._interval
                await asyncio.sleep(max(0.0, due - loop.time()))
                yield "sessionUpdate", session.update()
            yield (
                "SessionTimeoutException",
                {"message": "The session has ended, since it was open for its longest time."},
            )
        finally:
            self._open.discard(session)


def _document(arn: str, stream: str, event: StoredEvent) -> Document:
    return {
        "logGroupIdentifier": arn,
        "logStreamName": stream,
        "message": event.message,
        "timestamp": event.timestamp,
        "ingestionTime": event.ingestion_time,
    }
