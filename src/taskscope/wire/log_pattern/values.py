"""What a pattern compares with: texts with wildcards, numbers and regular expressions."""

import re
import warnings
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from taskscope.errors import UsageError
from taskscope.wire.log_pattern.regex import Regex

Test: TypeAlias = Callable[[Any], bool]
"""Says whether a value (of a JSON property, or the text of a column) fits."""

NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)

_ORDER: Final[dict[str, Callable[[float, float], bool]]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}
_REGEX: Final = re.compile(
    r"(?:[A-Za-z0-9:_#=@/;,\-^$?\[\]{}|*+.]|\\[dDsSwW]|\\x[0-9A-Fa-f]{2}|\\[^A-Za-z0-9\s])+", re.ASCII
)
"""What CloudWatch Logs takes: no groups, no blanks, no back references (user guide, filter pattern syntax)."""


class PatternError(UsageError):
    """The pattern is wrong; the text says why."""

    def __init__(self, why: str) -> None:
        super().__init__(f"Invalid filter pattern: {why}")


def unquote(text: str) -> str:
    r"""Take the quotes off ``"…"``, and the backslashes before ``"`` and ``\`` inside."""
    return re.sub(r'\\(["\\])', r"\1", text[1:-1])


def compile_regex(body: str) -> Regex:
    """
    Compile what stands between two ``%``.

    Raises:
        PatternError: It is wrong, or uses more than CloudWatch Logs takes.
    """
    if not _REGEX.fullmatch(body):
        raise PatternError(f"the regular expression %{body}% has characters that are not supported")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # "[[": a literal bracket here
            return Regex(body)
    except (re.error, OverflowError) as error:
        raise PatternError(f"the regular expression %{body}% is wrong: {error}") from None


def regex_test(operator: str, body: str) -> Test:
    """Return the test ``= %…%`` or ``!= %…%``: found somewhere in the text, or nowhere."""
    search = compile_regex(body).search
    if operator not in ("=", "!="):
        raise PatternError(f"a regular expression cannot stand after {operator}")
    found = operator == "="
    return lambda value: isinstance(value, str | int | float) and search(str(value)) == found


def text_test(operator: str, text: str) -> Test:
    """Return the test ``= "…"`` or ``!= "…"``, in which ``*`` stands for any text."""
    if operator not in ("=", "!="):
        raise PatternError(f"only numbers can stand after {operator}, not {text!r}")
    parts = text.split("*")
    if operator == "=":
        return lambda value: isinstance(value, str) and _fits(parts, value)
    return lambda value: not (isinstance(value, str) and _fits(parts, value))


def _fits(parts: Sequence[str], value: str) -> bool:
    """Say whether the parts stand in a text in this order, the first at its begin and the last at its end."""
    if len(parts) == 1:
        return value == parts[0]
    first, *middle, last = parts
    place, end = len(first), len(value) - len(last)
    if place > end or not (value.startswith(first) and value.endswith(last)):
        return False
    for part in middle:  # the leftmost place leaves most room for the rest
        found = value.find(part, place, end)
        if found < 0:
            return False
        place = found + len(part)
    return True


def number_test(operator: str, text: str, to_number: Callable[[Any], float | None]) -> Test:
    """Return the test of a comparison with a number; ``to_number`` says what a value counts, None for nothing."""
    number = float(text)

    def equals(value: Any) -> bool:
        return value == text if (found := to_number(value)) is None else found == number

    if operator == "=":
        return equals
    if operator == "!=":
        return lambda value: not equals(value)
    compare = _ORDER[operator]
    return lambda value: (found := to_number(value)) is not None and compare(found, number)
