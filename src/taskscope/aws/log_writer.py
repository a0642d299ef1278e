"""CloudWatch Logs: write events, and make the groups and streams that they go to."""

import contextlib
import threading
from collections.abc import Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from taskscope.aws.failures import named
from taskscope.aws.session import Account
from taskscope.errors import NotFoundError, UnavailableError

BATCH_EVENTS: Final = 10_000
"""Events of one PutLogEvents."""
BATCH_BYTES: Final = 1_048_576
"""Bytes of one PutLogEvents: UTF-8 of all messages, and ``EVENT_OVERHEAD_BYTES`` for each event."""
EVENT_OVERHEAD_BYTES: Final = 26
EVENT_BYTES: Final = BATCH_BYTES - EVENT_OVERHEAD_BYTES
"""The most of one message."""
BATCH_SPAN_MS: Final = 24 * 3_600_000
"""From the first to the last event of one PutLogEvents."""
RETENTION_DAYS: Final = frozenset(
    {1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
)
"""The periods that PutRetentionPolicy takes."""

Event: TypeAlias = tuple[int, str]
"""Epoch milliseconds and the message, which is not empty."""


class Taken(NamedTuple):
    """Which events of a call were kept: those from ``first`` up to ``end``."""

    first: int
    """Events before it are too old: more than 14 days, or the group's retention."""
    end: int
    """Events from it on are too new: more than 2 hours ahead of AWS's clock."""


class LogWriter:
    """Writes to CloudWatch Logs of one region; may be used by many threads."""

    def __init__(self, account: Account, *, region: str | None = None, retention_days: int = 0) -> None:
        """``retention_days`` is set for groups that are made here; 0 keeps their events for ever."""
        self._account = account
        self._region = region
        self._retention_days = retention_days
        self._making = threading.Lock()

    @property
    def _client(self) -> Any:
        return self._account.client("logs", region=self._region)

    def put(self, group: str, stream: str, events: Sequence[Event]) -> Taken:
        """
        Write events, ordered by time and within the limits above (PutLogEvents); a missing group or stream is made.

        Raises:
            UnavailableError: A retry may help.
            TaskscopeError: Of ``aws.failures``; of no closer type where AWS refuses the call as a whole.
        """
        with contextlib.suppress(NotFoundError):
            return self._put(group, stream, events)
        try:
            self._make(group, stream)
            return self._put(group, stream, events)
        except NotFoundError as error:  # made, or being made by somebody else, but not yet seen everywhere
            raise UnavailableError(error.message, hint=error.hint) from error

    def _put(self, group: str, stream: str, events: Sequence[Event]) -> Taken:
        with named(f"write to log stream {stream} of {group}", service="logs"):
            answer = self._client.put_log_events(
                logGroupName=group,
                logStreamName=stream,
                logEvents=[{"timestamp": timestamp, "message": message} for timestamp, message in events],
            )
        info = answer.get("rejectedLogEventsInfo") or {}
        first = max(info.get("tooOldLogEventEndIndex", 0), info.get("expiredLogEventEndIndex", 0))
        end = info.get("tooNewLogEventStartIndex", len(events))
        return Taken(min(first, len(events)), max(end, first))

    def _make(self, group: str, stream: str) -> None:
        with self._making:
            try:
                self._make_stream(group, stream)
            except NotFoundError:
                self._make_group(group)
                self._make_stream(group, stream)

    def _make_stream(self, group: str, stream: str) -> None:
        client = self._client
        with named(f"make log stream {stream} of {group}", service="logs"):
            try:
                client.create_log_stream(logGroupName=group, logStreamName=stream)
            except (client.exceptions.ResourceAlreadyExistsException, client.exceptions.OperationAbortedException):
                return  # somebody else made it, or is making it

    def _make_group(self, group: str) -> None:
        client = self._client
        with named(f"make log group {group}", service="logs"):
            try:
                client.create_log_group(logGroupName=group)
            except (client.exceptions.ResourceAlreadyExistsException, client.exceptions.OperationAbortedException):
                return
            if self._retention_days:
                client.put_retention_policy(logGroupName=group, retentionInDays=self._retention_days)
