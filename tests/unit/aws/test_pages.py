"""Every page is read, whatever comes between: empty ones, throttling, connections that break, tasks that move."""

from itertools import count
from typing import Any

import pytest

from taskscope.aws.ecs import Ecs
from taskscope.aws.logs import LogEvent, Logs
from taskscope.aws.session import Account
from taskscope.errors import ThrottledError

from .conftest import Serve


def _event(number: int) -> LogEvent:
    return LogEvent(timestamp=number, message=f"line {number}")


def _read(endpoint: str) -> list[str]:
    logs = Logs(Account(region="us-east-1", endpoint_url=endpoint))
    return [each["message"] for page in logs.events("/g", "s", start=0, end=None) for each in page]


class Pages:
    """A stream of pages; the last page's token repeats. Each answer may be preceded by trouble."""

    def __init__(self, pages: list[list[LogEvent]], trouble: dict[int, int | None] | None = None) -> None:
        self.pages = pages
        self.trouble = trouble or {}
        self.calls = count()

    def __call__(self, operation: str, asked: dict[str, Any]) -> dict[str, Any] | int | None:
        """Answer GetLogEvents."""
        assert operation == "GetLogEvents"
        assert asked["startFromHead"] is True
        call = next(self.calls)
        if call in self.trouble:
            return self.trouble[call]
        number = int(asked.get("nextToken", "f/0").partition("/")[2])
        events = self.pages[number] if number < len(self.pages) else []
        return {
            "events": events,
            "nextForwardToken": f"f/{min(number + 1, len(self.pages))}",
            "nextBackwardToken": "b/0",
        }


@pytest.mark.parametrize(
    "pages",
    [
        [],
        [[]],
        [[], [], [_event(1)]],
        [[_event(1)], [], [], [_event(2)], []],
        [[_event(1), _event(1)], [_event(1)]],
    ],
)
def test_empty_pages_end_no_walk(serve: Serve, pages: list[list[LogEvent]]) -> None:
    """At the beginning or in the middle: only a token that comes back is the end; equal lines stay."""
    assert _read(serve(Pages(pages))) == [each["message"] for page in pages for each in page]


def test_trouble_within_a_walk_loses_and_doubles_nothing(serve: Serve) -> None:
    """A call that is throttled, one that fails and one that is hung up on are made again with the same token."""
    pages = [[_event(number)] for number in range(6)]

    assert _read(serve(Pages(pages, {1: 400, 3: None, 6: 500}))) == [f"line {number}" for number in range(6)]


def test_walk_ends_where_an_endpoint_knows_no_tokens(serve: Serve) -> None:
    """AWS always gives one; others that speak its language may not."""
    assert _read(serve(lambda _operation, _asked: {"events": [_event(1)]})) == ["line 1"]


def test_walk_that_stays_throttled_says_so(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the SDK's attempts; two of them here."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "2")

    with pytest.raises(ThrottledError, match="cannot read log stream s of /g"):
        _read(serve(lambda _operation, _asked: 400))


def test_task_that_stops_between_the_lists_comes_once(serve: Serve) -> None:
    """It was desired to run when the first list was made, and to stop when the second was."""
    lists = {"RUNNING": [["a", "b"], ["c"]], "STOPPED": [["c", "d"]]}

    def answer(operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        assert operation == "ListTasks"
        pages = lists[asked["desiredStatus"]]
        number = int(asked.get("nextToken", "0"))
        following = {"nextToken": str(number + 1)} if number + 1 < len(pages) else {}
        return {"taskArns": pages[number], **following}

    ecs = Ecs(Account(region="us-east-1", endpoint_url=serve(answer)))

    assert list(ecs.task_arns("prod")) == ["a", "b", "c", "d"]


def test_more_tasks_than_one_call_takes_are_described(serve: Serve) -> None:
    """A hundred for each call; those that are MISSING by now are left out."""
    sizes = []

    def answer(operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        assert operation == "DescribeTasks"
        sizes.append(len(asked["tasks"]))
        tasks = [
            {"taskArn": each, "clusterArn": "c", "taskDefinitionArn": "d"} for each in asked["tasks"] if each != "7"
        ]
        return {"tasks": tasks, "failures": [{"arn": "7", "reason": "MISSING"}]}

    ecs = Ecs(Account(region="us-east-1", endpoint_url=serve(answer)))

    assert len(ecs.tasks("prod", [str(number) for number in range(250)])) == 249
    assert sizes == [100, 100, 50]
