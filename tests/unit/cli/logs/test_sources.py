"""Who answers ``logs``: AWS, the store, or both."""

import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.cli.logs.sources import ORIGINS, choose, find_store, follow, read
from taskscope.client.choice import Choice
from taskscope.errors import NotFoundError, TaskscopeError, UnreachableError
from taskscope.model.log_reading import LogBatch, LogEntry, LogQuestion, LogSelection, TraceEntry
from taskscope.model.timeline import Window

SELECTION = LogSelection(("/g",))
QUESTION = LogQuestion(SELECTION, Window(0))


@dataclass
class Held:
    """A source that holds lines."""

    name: str
    lines: list[LogEntry] = field(default_factory=list)
    error: TaskscopeError | None = None
    known: bool = True

    def describe(self, selection: LogSelection) -> str:
        """Name it."""
        return f"{self.name}: {selection.groups}"

    def has(self, selection: LogSelection) -> bool:
        """Say what the test says."""
        return self.known and selection == SELECTION

    def end_of(self, selection: LogSelection) -> int | None:
        """Go on."""
        return None if selection == SELECTION else 0

    def read(self, question: LogQuestion) -> Iterator[LogEntry]:
        """Yield the lines."""
        assert question == QUESTION
        yield from self.lines

    def follow(self, question: LogQuestion) -> Iterator[LogBatch]:
        """Yield the lines one by one, then fail or go on for ever."""
        assert question == QUESTION
        for each in self.lines:
            yield LogBatch([each])
        if self.error:
            raise self.error
        while True:
            yield LogBatch()

    def take_notices(self) -> list[str]:
        """Have nothing to say."""
        return []

    def traces(self, selection: LogSelection, window: Window) -> Iterator[TraceEntry]:
        """Yield none."""
        assert (selection, window) == (SELECTION, QUESTION.window)
        yield from ()


def _line(time: int, message: str, *, group: str = "/g") -> LogEntry:
    return LogEntry(time, message, group, "s")


@pytest.mark.parametrize(
    ("origin", "known", "names"),
    [
        (None, True, ["store"]),
        (None, False, ["aws"]),
        ("aws", True, ["aws"]),
        ("store", False, ["store"]),
        ("both", True, ["aws", "store"]),
    ],
)
def test_store_is_asked_where_it_has_what_is_meant(origin: str | None, known: bool, names: list[str]) -> None:  # noqa: FBT001 (a parameter)
    """Unless --from says otherwise."""
    chosen = choose(origin, SELECTION, Held("aws"), Held("store", known=known))

    assert [each.name for each in chosen] == names


def test_without_a_server_aws_is_asked(tmp_path: Path) -> None:
    """And the store cannot be: exit code 5."""
    nowhere = Choice(data_dir=str(tmp_path))
    with ExitStack() as stack:
        assert [find_store(nowhere, origin, stack) for origin in (None, *ORIGINS)] == [None] * 4
    assert [each.name for each in choose(None, SELECTION, Held("aws"), None)] == ["aws"]
    for origin in ("store", "both"):
        with pytest.raises(UnreachableError, match="no server answers"):
            choose(origin, SELECTION, Held("aws"), None)


_LINES = st.lists(st.tuples(st.integers(0, 5), st.sampled_from("ab"))).map(sorted)


@given(first=_LINES, second=_LINES)
def test_line_that_both_have_stands_once(first: list[tuple[int, str]], second: list[tuple[int, str]]) -> None:
    """In order of time, as often as the one has it that has it more often; a newline at its end counts for nothing."""
    aws = Held("aws", [_line(time, f"{text}\n") for time, text in first])
    store = Held("store", [_line(time, text, group="other") for time, text in second])

    found = [(each.time_ns, each.message.rstrip()) for each in read([aws, store], QUESTION)]

    assert [time for time, _ in found] == sorted(time for time, _ in found)
    assert {each: found.count(each) for each in found} == {
        each: max(first.count(each), second.count(each)) for each in [*first, *second]
    }


def test_one_source_is_read_as_it_is() -> None:
    """Equal lines stay."""
    lines = [_line(1, "x"), _line(1, "x")]

    assert list(read([Held("aws", lines)], QUESTION)) == lines


def test_both_are_followed_at_once() -> None:
    """Until one cannot go on."""
    aws = Held("aws", [_line(1, "a"), _line(2, "b")])
    gone = Held("store", [_line(1, "c")], NotFoundError("gone"))
    found: list[str] = []

    endless = follow([Held("aws", [_line(1, "x")])], QUESTION)
    assert [len(each.entries) for each in itertools.islice(endless, 3)] == [1, 0, 0]
    with pytest.raises(NotFoundError, match="gone"):
        found.extend(each.message for batch in follow([aws, gone], QUESTION) for each in batch.entries)

    assert "c" in found
