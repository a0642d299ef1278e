"""Regular expressions of filter patterns."""

import re
import warnings

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from taskscope.wire.log_pattern.regex import Regex
from taskscope.wire.log_pattern.values import text_test

_ONES = st.sampled_from(["a", "b", ".", r"\d", r"\.", "[ab]", "[^a]", "[]a]", r"\x61", "{", "}", "]", ",", "^", "$"])
_TIMES = st.sampled_from(["", "", "", "*", "+", "?", "*?", "{2}", "{1,2}", "{,2}", "{1,}", "{0}", "{,}", "{}", "{a}"])
_BODIES = st.lists(st.one_of(st.tuples(_ONES, _TIMES).map("".join), st.just("|")), min_size=1, max_size=7).map("".join)
_TEXTS = st.text("ab1.{},]\n", max_size=9)


@given(_BODIES, st.lists(_TEXTS, min_size=1, max_size=5))
def test_it_finds_what_python_finds(body: str, texts: list[str]) -> None:
    """The automaton and Python's own search say the same."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        try:
            whole = re.compile(body, re.ASCII)
        except re.error:
            reject()
        regex = Regex(body)
    for text in texts:
        by_rows = any(row.search(text) for row in regex._rows)  # short texts go to `re`
        assert by_rows == regex.search(text) == (whole.search(text) is not None), text


_HOSTILE = ["x+x+x+x+y", "x*x*x*x*x*x*y", ".*x.*x.*x.*y", "x{1,40}x{1,40}x{1,40}y", "x?" * 40 + "x{40}y", "x{4000}x*y"]


@pytest.mark.parametrize("body", _HOSTILE)
def test_a_hostile_expression_takes_no_longer(body: str) -> None:
    """What Python would search for longer than the universe is old comes back at once."""
    assert not Regex(body).search("x" * 5_000)
    assert Regex(body).search("x" * 5_000 + "y")


@pytest.mark.parametrize("body", ["x{5000}", "x{1,99999}", "x{4294967294}", "x{2000}y{3000}"])
def test_what_is_too_long_is_refused(body: str) -> None:
    """Before memory is taken for it."""
    with pytest.raises(re.error, match="longer than 4096"):
        Regex(body)


@given(st.text("ab*", min_size=1, max_size=6), st.text("ab", max_size=9))
def test_wildcards_stand_for_any_text(pattern: str, value: str) -> None:
    """As ``.*`` would, in one pass over the text."""
    glob = re.fullmatch(pattern.replace("*", ".*"), value) is not None
    assert text_test("=", pattern)(value) == glob != text_test("!=", pattern)(value)


def test_hostile_wildcards_take_no_longer() -> None:
    """Of which there may be many."""
    assert not text_test("=", "*x" * 30 + "*y*")("x" * 100_000)
