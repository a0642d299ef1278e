"""CloudWatch Logs as a source: what is named is found once and read in order."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from taskscope.aws.log_search import LogSearch
from taskscope.aws.session import Account
from taskscope.clock import SECOND
from taskscope.errors import NotFoundError
from taskscope.model.log_reading import LogQuestion, LogSelection
from taskscope.model.timeline import Window
from taskscope.sources.logs.aws import AwsLogs
from taskscope.sources.logs.pace import Pace


class Memory(AwsLogs):
    """The logs of an account in memory."""

    def __init__(self, search: Any) -> None:
        super().__init__(Account(region="eu-west-1"), live=False, pace=Pace(interval=0, tick=0))
        self.memory = search

    def _search(self, region: str | None) -> LogSearch:
        assert region in {None, "eu-west-1"}
        found: LogSearch = self.memory
        return found


@pytest.fixture
def logs(make_search: Callable[..., Any]) -> Iterator[Memory]:
    """Give the logs of six groups, each with a line."""
    search = make_search(*(f"/g/{letter}" for letter in "abcdef"))
    for number, name in enumerate(search.held):
        search.put(name, "s", number * SECOND, name, ingested_ns=0)
    with Memory(search) as source:
        yield source


def test_what_is_named_twice_is_read_once(logs: Memory) -> None:
    """By name, by glob, and by an ARN of the region in force."""
    selection = LogSelection(("/g/b", "/g/[ab]", "arn:aws:logs:eu-west-1:1:log-group:/g/a:*"))

    found = list(logs.read(LogQuestion(selection, Window(0))))

    assert [each.message for each in found] == ["/g/a", "/g/b"]
    assert logs.describe(selection) == "CloudWatch Logs: /g/b, /g/a"
    assert logs.end_of(selection) is None
    assert logs.functions(selection) == []


def test_many_groups_are_counted(logs: Memory) -> None:
    """Three are named."""
    assert logs.describe(LogSelection(("/g/*",))) == "CloudWatch Logs: /g/a, /g/b, /g/c and 3 more groups"
    assert list(logs.groups()) == [f"/g/{letter}" for letter in "abcdef"]


def test_it_has_what_exists(logs: Memory) -> None:
    """All that is named must."""
    assert logs.has(LogSelection(("/g/a",)))
    assert not logs.has(LogSelection(("/g/a", "/g/x")))
    with pytest.raises(NotFoundError, match="there is no log group /g/x"):
        logs.places(LogSelection(("/g/x",)))


def test_following_begins_with_what_is_there(logs: Memory) -> None:
    """From the window's start on."""
    following = logs.follow(LogQuestion(LogSelection(("/g/*",)), Window(4 * SECOND)))

    assert [each.message for each in next(following).entries] == ["/g/e", "/g/f"]
