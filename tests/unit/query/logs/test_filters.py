"""Filters of log records: globs, words, conditions with bound values."""

import fnmatch
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.errors import UsageError
from taskscope.query.logs.condition import Condition
from taskscope.query.logs.filters import glob_expression, plan_filters
from taskscope.query.logs.position import Position
from taskscope.query.logs.words import split_words

names = st.text("ab/-.[]!^\\", max_size=8)
globs = st.lists(st.sampled_from(["*", "?", "[ab]", "[!a]", "a", "b", "/", "-", ".", "\\", "^", "+"]), max_size=6)


@given(globs.map("".join), names)
def test_globs_mean_what_they_mean_in_python(glob: str, name: str) -> None:
    """As ``fnmatch`` has it, whose case counts."""
    assert bool(re.search(glob_expression(glob), name)) == fnmatch.fnmatchcase(name, glob)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("  a  b ", ["a", "b"]),
        ('"a b" c', ["a b", "c"]),
        ('say "', ["say", '"']),
        ('""', []),
        ('key="a b"', ['key="a', 'b"']),
    ],
)
def test_words_and_phrases(text: str, words: list[str]) -> None:
    """Quotes keep blanks inside where they begin a word."""
    assert split_words(text) == words


def test_values_are_bound_by_number() -> None:
    """A value never stands in the SQL."""
    both = Condition.all(Condition.of("a = ?", "x'"), Condition(), Condition.any(Condition.of("b IN ?", (1, 2))))
    assert both.bound() == ("(a = {v0:String} AND b IN {v1:Array(Int64)})", {"v0": "x'", "v1": [1, 2]})
    assert Condition().bound() == ("true", {})


def test_no_filter_is_no_condition() -> None:
    """Empty texts name nothing."""
    plan = plan_filters({"text": "", "pattern": " ", "service": "", "severity": " , "})
    assert plan.condition == Condition()
    assert plan.matches is None


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**64 - 1), st.integers(0, 10**9 - 1))
def test_cursors_read_as_they_were_written(time_ns: int, row_hash: int, nth: int) -> None:
    """All of the numbers that there can be."""
    position = Position(time_ns, row_hash, nth)
    assert Position.parse(str(position)) == position


@pytest.mark.parametrize("text", ["", "1", "1.2.3", "9999999999999999999.0000000000000000.1", "1.0.1", "²"])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    """The error shows it."""
    with pytest.raises(UsageError, match="no cursor"):
        Position.parse(text)
