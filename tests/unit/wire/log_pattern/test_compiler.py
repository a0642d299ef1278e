import contextlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from taskscope.wire.log_pattern.compiler import compile_pattern
from taskscope.wire.log_pattern.values import PatternError

_SIGNS = [
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "=",
    "!=",
    "<",
    ">=",
    "&&",
    "||",
    "?",
    "-",
    '"',
    "%",
    "\\",
    " ",
    "\n",
    ",",
    "...",
]
_WORDS = ["$.a", "$.a[0]", "$.*", "IS", "NULL", "NOT", "EXISTS", "a", "4*", "1e3", '"x y"', "%a+%", "%[%", "é"]
_PIECES = st.sampled_from([*_SIGNS, *_WORDS])
_PATTERNS = st.one_of(
    st.text(max_size=40),
    st.lists(_PIECES, max_size=12).map(" ".join),
    st.lists(_PIECES, max_size=12).map("".join),
    st.lists(_PIECES, max_size=8).map(lambda pieces: "{ " + " ".join(pieces) + " }"),
    st.lists(_PIECES, max_size=8).map(lambda pieces: "[" + " ".join(pieces) + "]"),
)


@settings(max_examples=400, deadline=None)
@given(_PATTERNS, st.sampled_from(["", "a", '{"a": [1, "x"], "b": null}', 'a "b c" [d] 4', "é\n\0"]))
@example("{" + "(" * 1000 + "$.a = 1" + ")" * 1000 + "}", "{}")
@example("[" + "(" * 1000 + "a = 1" + ")" * 1000 + "]", "a")
@example("%" + "a{9999999999}" + "%", "a")
@example("%[[a]%", "[")
def test_any_text_is_a_pattern_or_the_declared_error(pattern: str, message: str) -> None:
    """Compiling and matching raise nothing but PatternError."""
    with contextlib.suppress(PatternError):
        assert compile_pattern(pattern)(message) in (True, False)


@pytest.mark.parametrize("pattern", ["{ $.a = 1", "[a", "{ $.a = %a% || $.a = %b% || $.a = %c% }", "a-b"])
def test_a_wrong_pattern_says_why(pattern: str) -> None:
    """The first words are AWS's, the reason is ours; the command line ends with 2."""
    with pytest.raises(PatternError, match="Invalid filter pattern: ") as caught:
        compile_pattern(pattern)
    assert caught.value.exit_code == 2


def test_an_empty_pattern_matches_everything() -> None:
    """Blanks count as empty."""
    assert compile_pattern("")("x")
    assert compile_pattern("  \n")("")


def test_a_percent_sign_in_quotes_is_no_regular_expression() -> None:
    """The limit of two regular expressions does not count quoted texts."""
    assert compile_pattern('{ $.a = "%1% %2% %3%" }')('{"a": "%1% %2% %3%"}')
