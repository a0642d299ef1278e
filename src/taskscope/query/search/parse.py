"""Text to expression."""

import re
from collections.abc import Collection
from functools import cache
from importlib.resources import files
from typing import Final

from lark import Lark, Token
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from taskscope.errors import UsageError
from taskscope.query.search.ast import Expression
from taskscope.query.search.build import Builder
from taskscope.query.search.pointing import error_at

MAX_CHARACTERS: Final = 8_192
"""X-Ray takes 2,000."""
MAX_DEPTH: Final = 40
"""Of parentheses and braces in one another."""

_NESTING: Final = re.compile(r'"(?:\\.|[^"\\])*"|[({]|[)}]', re.DOTALL)
_WORD: Final = re.compile(r"[\w.]+|\S?")


def parse(text: str) -> Expression:
    """
    Read a filter expression; an empty one matches every trace.

    Raises:
        UsageError: It cannot be read; the message names the column, and shows the place.
    """
    _check_size(text)
    parser = _parser()
    try:
        tree = parser.parse(text)
    except UnexpectedToken as error:
        raise _unexpected(text, error.token, error.accepts or error.expected) from None
    except UnexpectedCharacters as error:
        raise _unreadable(text, error.pos_in_stream) from None  # type: ignore[arg-type]  # declared None, and set
    return Builder(text).build(tree)


@cache
def _parser() -> Lark:
    grammar = (files("taskscope.query.search") / "grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual")


def _check_size(text: str) -> None:
    if len(text) > MAX_CHARACTERS:
        raise UsageError(f"the filter has {len(text)} characters; {MAX_CHARACTERS} are the most")
    depth = 0
    for match in _NESTING.finditer(text):
        depth += (match[0] in "({") - (match[0] in ")}")
        if depth > MAX_DEPTH:
            raise error_at(text, match.start(), f"more than {MAX_DEPTH} parentheses or braces in one another")


def _unexpected(text: str, token: Token, expected: Collection[str]) -> UsageError:
    wanted = _wanted(expected)
    if token.type == "$END":
        return error_at(text, len(text.rstrip()), f"the filter ends where {wanted} should follow")
    if "STRING" in expected and token.type == "KEY":
        hint = f'texts take double quotes: "{token}"'
        return error_at(text, token.start_pos or 0, f"{wanted} should stand here, not {_shown(token)}", hint=hint)
    return error_at(text, token.start_pos or 0, f"{wanted} should stand here, not {_shown(token)}")


def _unreadable(text: str, position: int) -> UsageError:
    if text[position : position + 1] == '"':
        return error_at(text, position, 'this text has no closing "')
    if text[position : position + 1] == "'":
        return error_at(text, position, "' begins no text", hint="texts take double quotes")
    word = _WORD.match(text, position)
    return error_at(text, position, f"{_shown(word[0] if word else '')} has no meaning here")


def _wanted(expected: Collection[str]) -> str:
    """Say what could have followed, by the likeliest."""
    for name, meaning in _MEANINGS.items():
        if name in expected:
            return meaning
    return "nothing more"


_MEANINGS: Final = {
    "NUMBER": 'a value (a "text", a number, true or false)',
    "ID": 'a name in double quotes or id(name: "…")',
    "STRING": "a text in double quotes",
    "RPAR": ")",
    "RBRACE": "}",
    "COLON": ":",
    "COMMA": ",",
    "KEY": "a keyword",
    "LPAR": "(",
}


def _shown(token: str) -> str:
    return f"{token[:40]!r}"
