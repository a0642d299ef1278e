"""The store as a source of log lines: what is asked of the server, and what is made of its answers."""

from dataclasses import dataclass, field
from itertools import islice
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.client.logs import StoreLogs
from taskscope.client.rest import Rest
from taskscope.clock import fixed_clock
from taskscope.errors import NotFoundError, UnreachableError
from taskscope.model.log_reading import LogQuestion, LogSelection
from taskscope.model.timeline import Window

TASK = "0123456789abcdef0123456789abcdef"
ARN = f"arn:aws:ecs:eu-west-1:123456789012:task/shop/{TASK}"


def line(time_ns: int, body: str, group: str = "g", stream: str = "s") -> dict[str, Any]:
    """Return a line as the server writes it; equal ones have one cursor."""
    return {
        "cursor": f"{time_ns}{body}", "time_ns": time_ns, "body": body, "group": group, "stream": stream,
        "service": "web", "container": "", "task_arn": ARN, "ingested_ns": time_ns + 5,
    }  # fmt: skip


@dataclass
class Fake:
    """A server whose pages hold two lines, by what is asked."""

    lines: dict[str, list[dict[str, Any]]]
    asked: list[dict[str, str]] = field(default_factory=list)
    url = "http://server"

    def get(self, path: str) -> Any:
        """Answer with a page."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        self.asked.append(asked)
        there = self.lines.get(next((asked[name] for name in ("group", "task", "cluster") if name in asked), ""), [])
        begin = int(asked.get("cursor", 0))
        return {"lines": there[begin : begin + 2], "cursor": str(begin + 2) if len(there) > begin + 2 else ""}


def source(fake: Fake) -> StoreLogs:
    """Return the source under test."""
    return StoreLogs(cast("Rest", fake), clock=fixed_clock(10**18))


def test_pages_of_several_questions_are_one_order_without_repeats() -> None:
    """A line that is of a group and of a task, which both are named, stands once."""
    shared = line(3, "both")
    fake = Fake({"g,h": [line(1, "a"), line(2, "b", "z"), line(2, "b2", "a"), shared], TASK: [shared, line(4, "c")]})
    found = list(source(fake).read(LogQuestion(LogSelection(("g", "h"), task=TASK), Window(0))))
    assert [each.message for each in found] == ["a", "b2", "b", "both", "c"]
    assert found[0].labels == {"service": "web", "task": TASK}


@pytest.mark.parametrize(
    ("selection", "asked"),
    [
        (LogSelection(functions=("fn",)), [{"group": "/aws/lambda/fn,fn"}]),
        (LogSelection(functions=("arn:aws:lambda:eu-west-1:1:function:fn:live",)), [{"group": "/aws/lambda/fn,fn"}]),
        (LogSelection(("arn:aws:logs:eu-west-1:1:log-group:/ecs/web:*",)), [{"group": "/ecs/web"}]),
        (LogSelection(cluster="shop", service="web"), [{"cluster": "shop", "ecs_service": "web"}]),
        (LogSelection(task=ARN, containers=("a", "b")), [{"task": ARN, "container": "a,b"}]),
        (LogSelection(task=f"https://console/clusters/shop/tasks/{TASK}/configuration?region=x"), [{"task": TASK}]),
        (LogSelection(("g",), task="0123"), [{"group": "g"}, {"task": "0123"}]),
    ],
)
def test_selections_are_filters(selection: LogSelection, asked: list[dict[str, str]]) -> None:
    """All that is named is asked for."""
    fake = Fake({})
    list(source(fake).read(LogQuestion(selection, Window(5, 9), "ERROR")))
    common = {"pattern": "ERROR", "start": "5", "end": "9", "limit": "1000", "order": "oldest"}
    assert fake.asked == [each | common for each in asked]


def test_it_has_what_wrote_in_the_last_week() -> None:
    """Stacks it does not know."""
    fake = Fake({"g": [line(1, "a")]})
    assert source(fake).has(LogSelection(("g",)))
    assert not source(fake).has(LogSelection(("other",)))
    assert not source(fake).has(LogSelection(stack="shop"))
    with pytest.raises(NotFoundError, match="stack"):
        list(source(fake).read(LogQuestion(LogSelection(stack="shop"), Window(0))))


class Grouped(Fake):
    """A server with two groups, one of which has two streams."""

    def get(self, path: str) -> Any:
        """Answer with a row for each stream."""
        super().get(path)
        return [{"group": each} for each in ("b", "a", "b")]


def test_groups_of_the_last_week_are_named_once() -> None:
    """Streams of a group are rows of their own in what the server answers."""
    fake = Grouped({})
    assert source(fake).groups() == ["a", "b"]
    assert fake.asked == [{"start": str(10**18 - 604_800 * 10**9), "end": str(10**18), "limit": "1000"}]


def test_an_answer_of_another_version_is_said() -> None:
    """Not a failure of the program."""
    with pytest.raises(UnreachableError, match="another version"):
        list(source(Fake({"g": [{"text": "?"}]})).read(LogQuestion(LogSelection(("g",)), Window(0))))


class Telling:
    """A live tail that tells what it is given, a batch at each look."""

    def __init__(self, batches: list[list[dict[str, Any]]]) -> None:
        self.batches = batches
        self.trouble = ""

    def __call__(self, _rest: Rest, parameters: dict[str, str]) -> "Telling":
        """Begin."""
        assert parameters["since"] == "60s"
        return self

    def begin(self) -> int:
        """Return since when."""
        return 10

    def take(self, _seconds: float) -> list[dict[str, Any]]:
        """Return the next batch."""
        return self.batches.pop(0) if self.batches else []

    def close(self) -> None:
        """End."""


@given(
    there=st.lists(st.integers(0, 300), unique=True),
    overlap=st.lists(st.integers(0, 300), unique=True),
    again=st.lists(st.integers(0, 300), max_size=5),
)
def test_following_tells_each_line_once(there: list[int], overlap: list[int], again: list[int]) -> None:
    """What is there, what comes, what comes again after a break: the union, without repeats."""
    backlog = [line(number, "x") for number in sorted(there)]
    came = [line(number, "x") for number in overlap if number + 5 >= 10]
    breaks = [line(number, "x") for number in again if number in overlap and number + 5 >= 10]
    tail = Telling([came[:3], came[3:], breaks, []])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("taskscope.client.logs.TailReader", tail)
        batches = source(Fake({"g": backlog})).follow(LogQuestion(LogSelection(("g",)), Window(0)))
        told = [each.time_ns for batch in islice(batches, len(backlog) // 1_000 + 5) for each in batch.entries]
    assert len(told) == len(set(told))
    assert set(told) == {*there, *(each["time_ns"] for each in came)}
