"""A keyword, an operator and a literal, to the leaf that they mean; what does not fit together is refused."""

import re
from difflib import get_close_matches
from typing import Final

from lark import Token

from taskscope.query.search.ast import (
    Annotation,
    Compare,
    Expression,
    Flag,
    InGroup,
    IsSet,
    Keyword,
    Not,
    Operator,
    Subject,
    Value,
)
from taskscope.query.search.keywords import MEANT, Kind, kind_of
from taskscope.query.search.pointing import error_at

_UNITS: Final = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_LARGEST: Final = 1e18
_ORDERED: Final = (Operator.LT, Operator.LE, Operator.GT, Operator.GE)
_PARTS: Final = (Operator.CONTAINS, Operator.BEGINS_WITH, Operator.ENDS_WITH)
_NUMBER: Final = re.compile(r"([-0-9.]+(?:e[+-]?[0-9]+)?)(.*)", re.IGNORECASE)
_ESCAPE: Final = re.compile(r'\\(["\\])')
_GROUP_ARN: Final = re.compile(r"arn:[^:]*:xray:[^:]*:[^:]*:group/([^/]+)(?:/.*)?")
_BRACKETS: Final = re.compile(r'\[\s*"?(.*?)"?\s*\]', re.DOTALL)
_GROUPS: Final = ("group.name", "group.arn")
_SUGGESTED: Final = (*Keyword, *_GROUPS)


def text_of(literal: Token) -> str:
    """Read a text in quotes: a backslash makes a quote or a backslash plain, and is itself before anything else."""
    return _ESCAPE.sub(r"\1", literal[1:-1])


def bare(text: str, key: Token) -> Expression:
    """
    Make the leaf of a keyword alone.

    Raises:
        UsageError: It is no keyword.
    """
    if key.lower() in _GROUPS:
        raise error_at(text, start_of(key), f"{key} needs a value", hint=f'such as {key} = "checkout"')
    subject = _subject(text, key)
    if isinstance(subject, Keyword) and kind_of(subject) is Kind.FLAG:
        return Flag(subject, start_of(key))
    return IsSet(subject, start_of(key))


def comparison(text: str, key: Token, sign: Token, literal: Token) -> Expression:
    """
    Make the leaf of a keyword, an operator and a literal.

    Raises:
        UsageError: They do not fit together.
    """
    operator = Operator(sign.upper())
    if key.lower() in _GROUPS:
        return _group(text, key, sign, operator, literal)
    subject = _subject(text, key)
    if literal.type == "JSON":
        raise error_at(text, start_of(literal), "values as JSON are not supported")
    kind = kind_of(subject) if isinstance(subject, Keyword) else _KIND_OF_LITERAL[literal.type]
    value = _value(text, kind, key, literal)
    _check_operator(text, kind, sign, operator)
    if kind is not Kind.FLAG or isinstance(subject, Annotation):
        return Compare(subject, operator, value, start_of(key))
    flag = Flag(subject, start_of(key))
    return flag if value is (operator is Operator.EQ) else Not(flag)


def _subject(text: str, key: Token) -> Subject:
    if brackets := _BRACKETS.search(key):
        return Annotation(brackets[1])
    prefix, dot, name = key.partition(".")
    if prefix.lower() == "annotation" and dot and name:
        return Annotation(name)
    try:
        return Keyword(key.lower())
    except ValueError:
        raise error_at(text, start_of(key), f"{str(key)!r} is no keyword", hint=_suggestion(key.lower())) from None


def _suggestion(word: str) -> str | None:
    if word in ("json", "rootcause.json"):
        return "root causes as JSON are not supported: rootcause.fault.entity { … } asks for one"
    if close := MEANT.get(word) or next(iter(get_close_matches(word, _SUGGESTED, n=1)), None):
        return f"did you mean {close}?"
    return "attributes are asked for by annotation.KEY" if "." in word else None


_KIND_OF_LITERAL: Final = {"STRING": Kind.TEXT, "NUMBER": Kind.NUMBER, "TRUE": Kind.FLAG, "FALSE": Kind.FLAG}


def _value(text: str, kind: Kind, key: Token, literal: Token) -> Value:
    wanted = Kind.NUMBER if kind is Kind.TIME else kind
    if _KIND_OF_LITERAL.get(literal.type) is not wanted:
        quotes = "without quotes" if literal.type == "STRING" else None
        hint = f'in double quotes: "{literal}"' if kind is Kind.TEXT else quotes if kind is not Kind.FLAG else None
        raise error_at(text, start_of(literal), f"{key} is compared with {kind.value}, not with {literal}", hint=hint)
    if kind is Kind.TEXT:
        return text_of(literal)
    return literal.type == "TRUE" if kind is Kind.FLAG else _number(text, kind, key, literal)


def _number(text: str, kind: Kind, key: Token, literal: Token) -> float:
    match = _NUMBER.fullmatch(literal)
    digits, unit = match.groups() if match else (str(literal), "")
    if unit and kind is not Kind.TIME:
        raise error_at(text, start_of(literal), f"{key} is compared with a number without a unit, not with {literal}")
    value = float(digits) * _UNITS[unit.lower() or "s"]
    if abs(value) > _LARGEST:
        raise error_at(text, start_of(literal), f"{literal} is too large a number")
    return value


def _check_operator(text: str, kind: Kind, sign: Token, operator: Operator) -> None:
    if kind in (Kind.TEXT, Kind.FLAG) and operator in _ORDERED:
        raise error_at(text, start_of(sign), f"{sign} compares numbers, not {_PLURALS[kind]}")
    if kind is not Kind.TEXT and operator in _PARTS:
        raise error_at(text, start_of(sign), f"{sign} compares texts, not {_PLURALS[kind]}")


_PLURALS: Final = {Kind.TEXT: "texts", Kind.FLAG: "true and false", Kind.NUMBER: "numbers", Kind.TIME: "numbers"}


def _group(text: str, key: Token, sign: Token, operator: Operator, literal: Token) -> Expression:
    if operator not in (Operator.EQ, Operator.NE):
        raise error_at(text, start_of(sign), f"{key} takes = and !=")
    name = str(_value(text, Kind.TEXT, key, literal))
    if key.lower() == "group.arn":
        arn = _GROUP_ARN.fullmatch(name)
        if arn is None:
            hint = "it looks like arn:aws:xray:REGION:ACCOUNT:group/NAME/ID"
            raise error_at(text, start_of(literal), f"{name!r} is no ARN of a group", hint=hint)
        name = arn[1]
    group = InGroup(name, start_of(key))
    return group if operator is Operator.EQ else Not(group)


def start_of(token: Token) -> int:
    """Return where a token begins in its text."""
    return token.start_pos or 0
