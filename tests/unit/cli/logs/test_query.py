"""``--grep`` and ``--query``."""

import pytest

from taskscope.cli.logs.query import LineFilter, Shown
from taskscope.cli.task.selection import compile_pattern
from taskscope.errors import UsageError
from taskscope.model.log_reading import Entry, LogEntry, TraceEntry

TRACE = TraceEntry(1, "1-0-0", 0)


def _line(message: str) -> LogEntry:
    return LogEntry(1, message, "/g", "s")


LINES: list[Entry] = [_line('{"a": {"b": 1}, "text": "x"}'), _line("plain"), _line('{"c": null}'), TRACE]


def test_without_either_everything_passes() -> None:
    """Nothing is counted."""
    lines = LineFilter.compile(None, None)

    assert list(lines.shown(LINES)) == [Shown(each) for each in LINES]
    assert lines.left_out() == ""


def test_query_leaves_out_what_it_finds_nothing_in() -> None:
    """Lines that are no JSON, and those where the result is null, are counted apart; traces pass."""
    lines = LineFilter.compile(None, "a.b")

    assert list(lines.shown(LINES)) == [Shown(LINES[0], 1), Shown(TRACE)]
    assert lines.left_out() == "--query left lines out: 1 that are no JSON, 1 without a result"


def test_function_of_a_query_that_does_not_fit_a_line_leaves_it_out() -> None:
    """``contains`` of nothing is an error in JMESPath, and no reason to stop."""
    lines = LineFilter.compile(None, "contains(text, 'x') && text")

    assert [each.result for each in lines.shown(LINES[:3])] == ["x"]
    assert (lines.no_json, lines.no_result) == (1, 1)


def test_grep_goes_first_so_that_what_it_drops_is_not_counted() -> None:
    """Of all lines only those that match are queried."""
    lines = LineFilter.compile(compile_pattern("a"), "a")

    assert [each.result for each in lines.shown(LINES[:3])] == [{"b": 1}]
    assert lines.left_out() == "--query left lines out: 1 that are no JSON"


def test_wrong_query_is_wrong_usage() -> None:
    """In one line."""
    with pytest.raises(UsageError, match="is no JMESPath") as caught:
        LineFilter.compile(None, "a.[")
    assert "\n" not in str(caught.value)
