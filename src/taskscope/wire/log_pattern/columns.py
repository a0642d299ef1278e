"""Space-delimited patterns: ``[ip, user, ..., status = 4* || status = 5*, bytes > 1000]``."""

import re
from collections.abc import Callable
from typing import Any, Final

from taskscope.wire.log_pattern.expressions import Tokens, parse_comparison, parse_expression
from taskscope.wire.log_pattern.values import NUMBER, PatternError, Test

_ELLIPSIS: Final = "..."
_FIELD: Final = re.compile(r"(?:\"(?:[^\"\\]|\\.)*\"|%(?:[^%\\]|\\.)*%|[^,\"%])+", re.DOTALL)
_NAME: Final = re.compile(r"[A-Za-z_$@][\w$@.\-]*", re.ASCII)
_COLUMN: Final = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|\[([^\]]*)\]|(\S+)", re.DOTALL)


def parse_columns(body: str) -> Callable[[str], bool]:
    """
    Compile what stands between the brackets. A message has as many columns as the pattern, more only where ``...`` is.

    Raises:
        PatternError: It is wrong.
    """
    fields = _fields(body)
    if fields.count(_ELLIPSIS) > 1:
        raise PatternError("... can stand only once")
    gap = fields.index(_ELLIPSIS) if _ELLIPSIS in fields else None
    tests = [_field_test(field) for field in fields if field != _ELLIPSIS]

    def matches(message: str) -> bool:
        columns = [quoted or bracketed or plain for quoted, bracketed, plain in _COLUMN.findall(message)]
        if len(columns) < len(tests) or (gap is None and len(columns) != len(tests)):
            return False
        if gap is not None:
            columns[gap : gap + len(columns) - len(tests)] = []
        return all(test(column) for test, column in zip(tests, columns, strict=True))

    return matches


def _fields(body: str) -> list[str]:
    """Split at the commas that stand outside quotes and regular expressions."""
    fields, position = [], 0
    while True:
        found = _FIELD.match(body, position)
        if found is None or not found[0].strip():
            raise PatternError("a column is empty, or its quotes are not closed")
        fields.append(found[0].strip())
        position = found.end()
        if position == len(body):
            return fields
        if body[position] != ",":
            raise PatternError(f"{body[position:][:40]!r} is not understood")
        position += 1


def _field_test(field: str) -> Test:
    if _NAME.fullmatch(field):
        return lambda _column: True
    names: set[str] = set()

    def condition(tokens: Tokens) -> Test:
        name = tokens.take().text
        if not _NAME.fullmatch(name):
            raise PatternError(f"{name!r} is no name of a column")
        names.add(name)
        return parse_comparison(tokens, _number)

    test = parse_expression(field, condition)
    if len(names) > 1:
        raise PatternError(f"one column has the names {', '.join(sorted(names))}")
    return test


def _number(column: Any) -> float | None:
    return float(column) if NUMBER.fullmatch(column) else None
