"""
CloudWatch's filter patterns over the store's records.

A pattern of terms is SQL. What JSON and column patterns say is tried here, on what SQL has let through. Where a
receiver took a JSON line apart, the pattern sees the line put together again: its members are the record's attributes.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from taskscope.model.log_line import LogLine
from taskscope.query.logs.condition import Condition
from taskscope.wire.log_pattern.compiler import Matcher, compile_pattern
from taskscope.wire.log_pattern.terms import split_terms

_SCALAR: Final = re.compile(r"-?\d{1,18}(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[\[{].*[\]}]", re.DOTALL)
"""Texts of attributes that were no texts where they came from."""


class Pattern(NamedTuple):
    """A filter pattern, in the part that the store checks and the part that is left."""

    condition: Condition
    matches: Callable[[LogLine], bool] | None
    """None where the condition says it all."""


def plan_pattern(pattern: str) -> Pattern:
    """
    Part a pattern.

    Raises:
        PatternError: It is wrong.
    """
    matcher = compile_pattern(pattern)
    text = pattern.strip()
    if not text:
        return Pattern(Condition(), None)
    if text.startswith("{"):
        return Pattern(Condition("(startsWith(trimLeft(Body), '{') OR notEmpty(LogAttributes))"), _of_event(matcher))
    if text.startswith("["):
        return Pattern(Condition(), _of_body(matcher))
    if text.startswith("%"):
        return Pattern(Condition("Body != ''"), _of_body(matcher))
    return Pattern(_terms(text), None)


def _terms(text: str) -> Condition:
    needed, excluded, optional = split_terms(text)
    if needed or excluded:
        return Condition.all(
            *(Condition.of("position(Body, ?) > 0", each) for each in needed),
            *(Condition.of("position(Body, ?) = 0", each) for each in excluded),
        )
    return Condition.any(*(Condition.of("position(Body, ?) > 0", each) for each in optional))


def _of_body(matcher: Matcher) -> Callable[[LogLine], bool]:
    return lambda line: matcher(line.body)


def _of_event(matcher: Matcher) -> Callable[[LogLine], bool]:
    return lambda line: matcher(event_of(line))


def event_of(line: LogLine) -> str:
    """Return the JSON object that a record was, or is."""
    if line.body.lstrip().startswith("{"):
        return line.body
    document = {name: _value(text) for name, text in line.attributes.items()}
    return json.dumps({"message": line.body, "level": line.severity, **_nested(document)})


def _value(text: str) -> Any:
    if not _SCALAR.fullmatch(text):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Add ``{"a": {"b": 1}}`` beside ``{"a.b": 1}``: senders of attributes write paths with dots."""
    document = dict(flat)
    for name, value in flat.items():
        *path, last = name.split(".")
        place: Any = document
        for step in path:
            place = place.setdefault(step, {}) if isinstance(place, dict) else None
        if path and isinstance(place, dict):
            place.setdefault(last, value)
    return document
