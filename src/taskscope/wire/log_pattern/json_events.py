"""JSON patterns: ``{ $.status >= 500 && $.path = "/api/*" }``."""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias

from taskscope.wire.log_pattern.expressions import Tokens, parse_comparison, parse_expression
from taskscope.wire.log_pattern.values import PatternError, Test, unquote

Step: TypeAlias = str | int | None
"""A property's name, an array's index, or None for the wildcard ``*``."""

_STEP: Final = re.compile(
    r"\.?\[(?:(?P<index>\d+)|(?P<all>\*)|'(?P<single>[^']*)'|(?P<double>\"(?:[^\"\\]|\\.)*\"))\]|\.(?P<name>[^.\[\]]+)",
    re.DOTALL | re.ASCII,
)
_CONSTANTS: Final = {"NULL": None, "TRUE": True, "FALSE": False}


def parse_json_pattern(body: str) -> Callable[[str], bool]:
    """
    Compile what stands between the braces. Only a message that is one JSON object as a whole can match.

    Raises:
        PatternError: It is wrong.
    """
    test = parse_expression(body, _condition)

    def matches(message: str) -> bool:
        try:
            document = json.loads(message)
        except (ValueError, RecursionError):
            return False
        return isinstance(document, dict) and test(document)

    return matches


def _condition(tokens: Tokens) -> Test:
    selector = tokens.take()
    if selector.kind != "selector":
        raise PatternError(f"{selector.text!r} stands where a property such as $.name is expected")
    steps = _steps(selector.text)
    word = tokens.peek().text if tokens.peek().kind == "word" else ""
    if word == "IS":
        tokens.take()
        return _is_constant(steps, tokens.take().text)
    if word == "NOT":
        tokens.take()
        if tokens.take().text != "EXISTS":
            raise PatternError("NOT is followed by EXISTS")
        return lambda document: not list(_select(document, steps))
    test = parse_comparison(tokens, _number)
    return lambda document: any(test(value) for value in _select(document, steps))


def _is_constant(steps: list[Step], name: str) -> Test:
    if name not in _CONSTANTS:
        raise PatternError("IS is followed by NULL, TRUE or FALSE")
    constant = _CONSTANTS[name]
    return lambda document: any(value is constant for value in _select(document, steps))


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _steps(selector: str) -> list[Step]:
    steps: list[Step] = []
    for found in _STEP.finditer(selector, 1):
        if found["index"]:
            steps.append(int(found["index"]))
        elif found["double"]:
            steps.append(unquote(found["double"]))
        else:
            name = found["all"] or found["name"]
            steps.append(None if name == "*" else found["single"] if name is None else name)
    return steps


def _select(document: Any, steps: list[Step]) -> list[Any]:
    """Return the values that a selector names; none if there is no such property."""
    values = [document]
    for step in steps:
        values = [inner for value in values for inner in _descend(value, step)]
    return values


def _descend(value: Any, step: Step) -> Iterable[Any]:
    if step is None:
        return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if isinstance(step, int):
        return value[step : step + 1] if isinstance(value, list) else ()
    return (value[step],) if isinstance(value, dict) and step in value else ()
