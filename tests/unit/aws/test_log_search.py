"""CloudWatch Logs by the group: paging, windows, patterns, and how live tail ends."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from urllib3.exceptions import ReadTimeoutError

from taskscope.aws.log_search import LogGroup, LogSearch, TailEndedError, TailUpdate
from taskscope.aws.session import Account
from taskscope.errors import DeniedError, TaskscopeError, UnreachableError, UsageError

from .conftest import Serve


def _search(endpoint: str) -> LogSearch:
    return LogSearch(Account(region="us-east-1", endpoint_url=endpoint, attempts=1))


def test_groups_are_paged_and_have_the_arn_of_live_tail(serve: Serve) -> None:
    """Without the asterisk; one is found by its whole name."""
    pages: dict[str | None, dict[str, Any]] = {
        None: {"logGroups": [{"logGroupName": "/a-b", "arn": "arn:x:/a-b:*"}], "nextToken": "t"},
        "t": {"logGroups": [{"logGroupName": "/a", "arn": "", "logGroupArn": "arn:x:/a", "logGroupClass": "DELIVERY"}]},
    }
    asked: list[dict[str, Any]] = []

    def answer(operation: str, given: dict[str, Any]) -> dict[str, Any]:
        assert operation == "DescribeLogGroups"
        asked.append(given)
        return pages[given.get("nextToken")]

    search = _search(serve(answer))

    assert list(search.groups()) == [LogGroup("/a-b", "arn:x:/a-b"), LogGroup("/a", "arn:x:/a", "DELIVERY")]
    assert search.group("/a") == LogGroup("/a", "arn:x:/a", "DELIVERY")
    assert asked[-1]["logGroupNamePrefix"] == "/a"
    assert search.group("/c") is None


def test_end_of_a_window_is_excluded_although_aws_includes_it(serve: Serve) -> None:
    """Pages go on while there is a token, also after an empty one."""
    asked: list[dict[str, Any]] = []
    event = {"logStreamName": "s", "timestamp": 1, "message": "x", "ingestionTime": 2, "eventId": "3"}

    def answer(_operation: str, given: dict[str, Any]) -> dict[str, Any]:
        asked.append({name: value for name, value in given.items() if name != "caller"})
        return (
            {"events": []}
            | ({} if given.get("nextToken") else {"nextToken": "t"})
            | ({"events": [event]} if given.get("nextToken") else {})
        )

    pages = list(_search(serve(answer)).events("/g", start=10, end=20, prefix="p/", pattern="ERROR"))

    assert pages == [[], [event]]
    first = {
        "logGroupName": "/g",
        "startTime": 10,
        "endTime": 19,
        "logStreamNamePrefix": "p/",
        "filterPattern": "ERROR",
    }
    assert asked == [first, {**first, "nextToken": "t"}]


class _Client:
    """A client whose live tail is a list of messages, then an error."""

    def __init__(self, messages: list[dict[str, Any]], error: Exception | None = None, refusal: str = "") -> None:
        self.messages = messages
        self.error = error
        self.refusal = refusal
        self.closed = False

    def start_live_tail(self, **given: Any) -> dict[str, Any]:
        """Begin."""
        assert given["logGroupIdentifiers"] == ["arn"]
        if self.refusal:
            raise _error(self.refusal)
        return {"responseStream": self}

    def __iter__(self) -> Any:
        """Yield the messages."""
        yield from self.messages
        if self.error:
            raise self.error

    def close(self) -> None:
        """Note it."""
        self.closed = True


class _Account(Account):
    """An account with one client."""

    def __init__(self, client: _Client) -> None:
        super().__init__()
        self.only = client

    def client(self, service: str, *, region: str | None = None) -> Any:
        """Return it."""
        assert (service, region) == ("logs", None)
        return self.only


def _error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "m"}}, "StartLiveTail")


UPDATE = {"sessionUpdate": {"sessionMetadata": {"sampled": True}, "sessionResults": [{"message": "x"}]}}


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (None, TailEndedError),
        (_error("SessionTimeoutException"), TailEndedError),
        (_error("SessionStreamingException"), TailEndedError),
        (ReadTimeoutError(None, "/", "read timed out"), UnreachableError),  # type: ignore[arg-type]  # no pool
    ],
)
def test_live_tail_ends_in_a_way_that_lets_it_begin_again(error: Exception | None, kind: type[Exception]) -> None:
    """After three hours, by itself, or when the connection breaks; the stream is closed."""
    client = _Client([{"sessionStart": {}}, UPDATE, {"sessionUpdate": {}}], error)
    found: list[TailUpdate | None] = []

    with pytest.raises(kind):
        found.extend(LogSearch(_Account(client)).live_tail(["arn"]))

    assert found[:2] == [None, TailUpdate([{"message": "x"}], sampled=True)]  # type: ignore[typeddict-item]  # the test's
    assert client.closed


@pytest.mark.parametrize(
    ("code", "pattern", "kind"),
    [
        ("AccessDeniedException", "", DeniedError),
        ("InvalidOperationException", "", TaskscopeError),
        ("InvalidParameterException", "a-b", UsageError),
        ("InvalidParameterException", "", TaskscopeError),
    ],
)
def test_refusal_of_live_tail_is_told(code: str, pattern: str, kind: type[TaskscopeError]) -> None:
    """What is invalid is the pattern's fault, where there is one."""
    with pytest.raises(kind) as caught:
        list(LogSearch(_Account(_Client([], refusal=code))).live_tail(["arn"], pattern=pattern))
    assert type(caught.value) is kind


def test_given_endpoint_is_that_of_live_tail_too(serve: Serve) -> None:
    """Only AWS's own has another host for it."""
    asked: list[str] = []

    def answer(operation: str, _given: dict[str, Any]) -> int:
        asked.append(operation)
        return 400

    with pytest.raises(TaskscopeError, match="throttles"):
        list(_search(serve(answer)).live_tail(["arn:aws:logs:us-east-1:123456789012:log-group:/g"]))
    assert asked == ["StartLiveTail"]
