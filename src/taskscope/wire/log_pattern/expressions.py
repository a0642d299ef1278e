"""Conditions joined by ``&&``, ``||`` and parentheses, as columns and JSON patterns share them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from taskscope.wire.log_pattern.values import NUMBER, PatternError, Test, number_test, regex_test, text_test, unquote

OPERATORS: Final = frozenset({"=", "!=", "<", "<=", ">", ">="})

_QUOTED: Final = r"\"(?:[^\"\\]|\\.)*\""
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<sign>&&|\|\||!=|<=|>=|[=<>()])"
    rf"|(?P<string>{_QUOTED})"
    r"|(?P<regex>%(?:[^%\\]|\\.)*%)"
    rf"|(?P<selector>\$(?:\.?\[(?:\d+|\*|'[^']*'|{_QUOTED})\]|\.[^\s=<>()!&|\"%\[\].]+)+)"
    r"|(?P<word>[^\s=<>()!&|\"%]+))",
    re.DOTALL | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a pattern; ``kind`` is sign, string, regex, selector, word or end."""

    kind: str
    text: str


Condition: TypeAlias = Callable[["Tokens"], Test]
"""Reads one condition off the tokens."""


class Tokens:
    """The tokens of an expression, read from left to right."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_split(text))
        self._next = 0

    def peek(self) -> Token:
        """Return the next token and leave it there."""
        return self._tokens[self._next]

    def take(self) -> Token:
        """Return the next token; the end stays for ever."""
        token = self._tokens[self._next]
        self._next = min(self._next + 1, len(self._tokens) - 1)
        return token

    def take_sign(self, text: str) -> bool:
        """Take the next token if it is this sign."""
        found = self.peek() == Token("sign", text)
        if found:
            self.take()
        return found


def _split(text: str) -> list[Token]:
    tokens, position = [], 0
    while text[position:].strip():
        found = _TOKEN.match(text, position)
        if found is None:
            raise PatternError(f"{text[position:].strip()[:40]!r} is not understood")
        tokens.append(Token(str(found.lastgroup), str(found[str(found.lastgroup)])))
        position = found.end()
    return [*tokens, Token("end", "")]


def parse_expression(text: str, condition: Condition) -> Test:
    """
    Compile an expression: parentheses first, then ``&&``, then ``||``.

    Raises:
        PatternError: It is wrong.
    """
    tokens = Tokens(text)
    test = _either(tokens, condition)
    if tokens.peek().kind != "end":
        raise PatternError(f"{tokens.peek().text!r} stands where the condition has ended")
    return test


def _either(tokens: Tokens, condition: Condition) -> Test:
    tests = [_both(tokens, condition)]
    while tokens.take_sign("||"):
        tests.append(_both(tokens, condition))
    return tests[0] if len(tests) == 1 else lambda value: any(test(value) for test in tests)


def _both(tokens: Tokens, condition: Condition) -> Test:
    tests = [_single(tokens, condition)]
    while tokens.take_sign("&&"):
        tests.append(_single(tokens, condition))
    return tests[0] if len(tests) == 1 else lambda value: all(test(value) for test in tests)


def _single(tokens: Tokens, condition: Condition) -> Test:
    if not tokens.take_sign("("):
        return condition(tokens)
    test = _either(tokens, condition)
    if not tokens.take_sign(")"):
        raise PatternError("a parenthesis is not closed")
    return test


def parse_comparison(tokens: Tokens, to_number: Callable[[Any], float | None]) -> Test:
    """
    Read an operator and what it compares with.

    Raises:
        PatternError: One of them is missing or wrong.
    """
    operator, literal = tokens.take().text, tokens.take()
    if operator not in OPERATORS:
        raise PatternError(f"{operator!r} is no operator")
    if literal.kind == "regex":
        return regex_test(operator, literal.text[1:-1])
    if literal.kind == "string":
        return text_test(operator, unquote(literal.text))
    if literal.kind != "word":
        raise PatternError(f"{literal.text!r} stands where a value is expected")
    if NUMBER.fullmatch(literal.text):
        return number_test(operator, literal.text, to_number)
    return text_test(operator, literal.text)
