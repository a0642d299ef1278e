"""CloudWatch Logs: the events of one stream, page by page."""

from collections.abc import Iterator
from typing import Any, NotRequired, TypedDict

from taskscope.aws.failures import named
from taskscope.aws.session import Account


class LogEvent(TypedDict):
    """One event as GetLogEvents gives it (``OutputLogEvent``); times are epoch milliseconds."""

    timestamp: int
    message: str
    ingestionTime: NotRequired[int]


class Logs:
    """CloudWatch Logs of one region. Every method may raise a ``TaskscopeError`` of ``aws.failures``."""

    def __init__(self, account: Account, *, region: str | None = None) -> None:
        self._account = account
        self._region = region

    def warm(self) -> None:
        """Make the client ready, while other answers are awaited."""
        self._account.client("logs", region=self._region)

    def events(self, group: str, stream: str, *, start: int, end: int | None) -> Iterator[list[LogEvent]]:
        """
        Yield the pages of a stream between two epoch milliseconds: ``start`` included, ``end`` excluded.

        The walk begins at the head and is over when the token that comes back is the one that was sent: a page in
        between may be empty (GetLogEvents).
        """
        request: dict[str, Any] = {
            "logGroupName": group,
            "logStreamName": stream,
            "startTime": max(start, 0),
            "startFromHead": True,
        }
        if end is not None:
            request["endTime"] = max(end, 0)
        client = self._account.client("logs", region=self._region)
        while True:
            with named(f"read log stream {stream} of {group}", service="logs"):
                answer = client.get_log_events(**request)
            yield answer.get("events", [])
            token = answer.get("nextForwardToken")  # AWS always gives one, not so all that speak its language
            if token in {None, request.get("nextToken")}:
                return
            request["nextToken"] = token
