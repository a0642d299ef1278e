"""A filter pattern into a function of the message."""

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from taskscope.wire.log_pattern.columns import parse_columns
from taskscope.wire.log_pattern.json_events import parse_json_pattern
from taskscope.wire.log_pattern.terms import parse_terms
from taskscope.wire.log_pattern.values import PatternError

Matcher: TypeAlias = Callable[[str], bool]
"""Says whether a log event's message matches."""

MAX_REGEXES: Final = 2
"""Most regular expressions of a column or JSON pattern."""

_REGEX: Final = re.compile(r"\"(?:[^\"\\]|\\.)*\"|(?P<regex>%(?:[^%\\]|\\.)*%)", re.DOTALL)


def compile_pattern(pattern: str) -> Matcher:
    """
    Compile a filter pattern; an empty one matches everything.

    Raises:
        PatternError: It is wrong; the text says where.
    """
    text = pattern.strip()
    try:
        return _compile(text) if text else _everything
    except RecursionError:
        raise PatternError("it is nested too deeply") from None


def _everything(_message: str) -> bool:
    return True


def _compile(text: str) -> Matcher:
    for opening, closing, parse in (("{", "}", parse_json_pattern), ("[", "]", parse_columns)):
        if text.startswith(opening):
            if not text.endswith(closing):
                raise PatternError(f"it begins with {opening} and does not end with {closing}")
            if sum(found["regex"] is not None for found in _REGEX.finditer(text)) > MAX_REGEXES:
                raise PatternError(f"it has more than {MAX_REGEXES} regular expressions")
            return parse(text[1:-1])
    return parse_terms(text)
