"""Errors of a filter expression: which column, and the text with a caret under it."""

from typing import Final

from taskscope.errors import UsageError

_SHOWN: Final = 100
"""Columns of a long line that are shown."""


def error_at(text: str, position: int, what: str, *, hint: str | None = None) -> UsageError:
    """Make the error of a place in an expression; columns and lines are counted from 1."""
    position = min(max(position, 0), len(text))
    start = text.rfind("\n", 0, position) + 1
    line = text[start:].partition("\n")[0]
    column = position - start
    number = text.count("\n", 0, position) + 1
    where = f"line {number}, column {column + 1}" if "\n" in text else f"column {column + 1}"
    first = max(0, column - _SHOWN // 2)
    shown = line[first : first + _SHOWN].replace("\t", " ")
    return UsageError(f"filter, {where}: {what}\n  {shown}\n  {' ' * (column - first)}^", hint=hint)
