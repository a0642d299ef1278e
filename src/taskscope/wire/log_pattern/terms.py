"""Patterns for plain text: ``ERROR "exact phrase" -healthcheck``, ``?ERROR ?WARN``, ``%regex%``."""

import re
from collections.abc import Callable
from typing import Final

from taskscope.wire.log_pattern.values import PatternError, compile_regex, unquote

_TERM: Final = re.compile(r"(?P<sign>[?-]?)(?:(?P<phrase>\"(?:[^\"\\]|\\.)*\")|(?P<word>\w+))(?=\s|$)", re.DOTALL)
_BLANK: Final = re.compile(r"\s*")


def parse_terms(text: str) -> Callable[[str], bool]:
    """
    Compile a pattern of terms: all plain ones must occur, none of the excluded ones.

    ``?`` terms count only when there are no others, and then one is enough. Case counts; a term may be part of a word.

    Raises:
        PatternError: It is wrong.
    """
    if text.startswith("%"):
        return _whole_regex(text)
    needed, excluded, optional = split_terms(text)
    if needed or excluded:
        return lambda message: all(term in message for term in needed) and not any(term in message for term in excluded)
    return lambda message: any(term in message for term in optional)


def _whole_regex(text: str) -> Callable[[str], bool]:
    if not re.fullmatch(r"%(?:[^%\\]|\\.)+%", text, re.DOTALL):
        raise PatternError("a regular expression stands alone, between two %")
    return compile_regex(text[1:-1]).search


def split_terms(text: str) -> tuple[list[str], list[str], list[str]]:
    """
    Return the needed, the excluded and the optional terms; the optional ones count where there are no others.

    Raises:
        PatternError: It is wrong.
    """
    by_sign: dict[str, list[str]] = {"": [], "-": [], "?": []}
    position = 0
    while position < len(text):
        found = _TERM.match(text, position)
        if found is None:
            raise PatternError(
                f"{text[position:].split(maxsplit=1)[0][:40]!r} must be in quotes: it has special characters"
            )
        term = unquote(found["phrase"]) if found["phrase"] else found["word"]
        if not term.strip() and found["sign"] == "-":
            raise PatternError("nothing is excluded")
        by_sign[found["sign"]].append(term if term.strip() else "")
        position = _end_of_blanks(text, found.end())
    return by_sign[""], by_sign["-"], by_sign["?"]


def _end_of_blanks(text: str, position: int) -> int:
    blanks = _BLANK.match(text, position)
    return blanks.end() if blanks else position
