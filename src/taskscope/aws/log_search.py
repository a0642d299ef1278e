"""CloudWatch Logs by the group: which groups there are, the events of many streams, and live tail."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple, NotRequired, TypedDict

from taskscope.aws.failures import named
from taskscope.aws.session import Account
from taskscope.errors import TaskscopeError, UnavailableError, UnreachableError, UsageError

LIVE_TAIL_GROUPS: Final = 10
"""Most log groups of one StartLiveTail."""

_PAGE_GROUPS: Final = 50
_ENDINGS: Final = ("SessionTimeoutException", "SessionStreamingException")


class LogGroup(NamedTuple):
    """One log group."""

    name: str
    arn: str
    """Without the ``:*`` at its end; empty where nothing gave it."""
    log_class: str = "STANDARD"
    """Only groups of class STANDARD have live tail."""


class FilteredEvent(TypedDict):
    """One event as FilterLogEvents gives it (``FilteredLogEvent``); times are epoch milliseconds."""

    logStreamName: str
    timestamp: int
    message: str
    ingestionTime: NotRequired[int]
    eventId: NotRequired[str]


class TailedEvent(TypedDict):
    """One event as StartLiveTail gives it (``LiveTailSessionLogEvent``): without an id."""

    logGroupIdentifier: str
    logStreamName: str
    timestamp: int
    message: str
    ingestionTime: NotRequired[int]


class TailUpdate(NamedTuple):
    """What arrived within a second."""

    events: list[TailedEvent]
    sampled: bool = False
    """More than 500 events arrived, and not all are here."""


class TailEndedError(UnavailableError):
    """A session of live tail is over, after three hours as a rule; another can be begun."""


class LogSearch:
    """CloudWatch Logs of one region. Every method may raise a ``TaskscopeError`` of ``aws.failures``."""

    def __init__(self, account: Account, *, region: str | None = None) -> None:
        self._account = account
        self._region = region

    @property
    def _client(self) -> Any:
        return self._account.client("logs", region=self._region)

    def groups(self, prefix: str = "") -> Iterator[LogGroup]:
        """Yield the groups whose names begin so, in order of names (DescribeLogGroups, every page)."""
        request: dict[str, Any] = {"limit": _PAGE_GROUPS}
        if prefix:
            request["logGroupNamePrefix"] = prefix
        while True:
            with named("list the log groups", service="logs"):
                answer = self._client.describe_log_groups(**request)
            for each in answer.get("logGroups", ()):
                arn = each.get("logGroupArn") or each.get("arn", "").removesuffix(":*")
                yield LogGroup(each["logGroupName"], arn, each.get("logGroupClass", "STANDARD"))
            if not (token := answer.get("nextToken")):
                return
            request["nextToken"] = token

    def group(self, name: str) -> LogGroup | None:
        """Return one group; None if there is none."""
        return next((each for each in self.groups(name) if each.name == name), None)

    def events(
        self, group: str, *, start: int, end: int | None, prefix: str = "", pattern: str = ""
    ) -> Iterator[list[FilteredEvent]]:
        """
        Yield the pages of a group's events between two epoch milliseconds: ``start`` included, ``end`` excluded.

        Events are sorted by timestamp, then by ingestion; a page in between may be empty (FilterLogEvents, whose own
        ``endTime`` is included).

        Raises:
            UsageError: CloudWatch Logs does not take the pattern.
        """
        request: dict[str, Any] = {"logGroupName": group, "startTime": max(start, 0)}
        if end is not None:
            request["endTime"] = max(end - 1, 0)
        if prefix:
            request["logStreamNamePrefix"] = prefix
        if pattern:
            request["filterPattern"] = pattern
        while True:
            with _pattern_checked(pattern), named(f"read log group {group}", service="logs"):
                answer = self._client.filter_log_events(**request)
            yield answer.get("events", [])
            if not (token := answer.get("nextToken")):
                return
            request["nextToken"] = token

    def live_tail(
        self, arns: Sequence[str], *, prefixes: Sequence[str] = (), pattern: str = ""
    ) -> Iterator[TailUpdate | None]:
        """
        Yield None once the session has begun, then what arrived, second by second, also nothing (StartLiveTail).

        ``prefixes`` of streams are allowed with a single group. A session lasts three hours at most.

        Raises:
            TailEndedError: The session is over.
            DeniedError: It is not allowed; other errors also say that there is none to be had.
        """
        request: dict[str, Any] = {"logGroupIdentifiers": list(arns)}
        if prefixes:
            request["logStreamNamePrefixes"] = list(prefixes)
        if pattern:
            request["logEventFilterPattern"] = pattern
        with _pattern_checked(pattern), named("start live tail", service="logs"):
            stream = self._client.start_live_tail(**request)["responseStream"]
        try:
            with _ending(), named("read live tail", service="logs"):
                for message in stream:
                    if "sessionStart" in message:
                        yield None
                    elif update := message.get("sessionUpdate"):
                        sampled = update.get("sessionMetadata", {}).get("sampled", False)
                        yield TailUpdate(update.get("sessionResults", []), sampled)
        finally:
            stream.close()
        raise TailEndedError("the live tail has ended")


@contextmanager
def _pattern_checked(pattern: str) -> Iterator[None]:
    """Say of what CloudWatch Logs finds invalid that it is the user's pattern, where there is one."""
    try:
        yield
    except TaskscopeError as error:
        _, invalid, reason = error.message.partition("InvalidParameterException: ")
        if not (pattern and invalid):
            raise
        raise UsageError(
            f"CloudWatch Logs does not take the pattern {pattern!r}: {reason}",
            hint="a term with other characters than letters, digits and _ stands in double quotes",
        ) from None


@contextmanager
def _ending() -> Iterator[None]:
    """Tell the end of a session from other errors; botocore leaves those of the connection as urllib3 raises them."""
    from urllib3.exceptions import HTTPError  # noqa: PLC0415 (comes with the SDK, which loads on first use)

    try:
        yield
    except HTTPError as error:
        raise UnreachableError(f"the connection of live tail broke: {error}") from error
    except TaskscopeError as error:
        if any(each in error.message for each in _ENDINGS):
            raise TailEndedError("the live tail has ended") from error
        raise
