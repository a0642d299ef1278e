"""
The event pattern language of EventBridge: a document of the event's shape whose leaves are arrays of accepted values.

Fields of one object must all match, entries of one array are alternatives, ``$or`` lists alternative objects.
Pure; the source is the EventBridge user guide, "Creating event patterns".
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from taskscope.lab.events.matchers import PatternError, compile_test

Pattern: TypeAlias = Callable[[Any], bool]
"""Whether an event, or a part of one, matches."""

_LONGEST: Final = 4096  # characters in a pattern, EventBridge's default quota is 2048 and can be raised


def parse_pattern(text: str) -> Pattern:
    """
    Read an event pattern.

    Raises:
        PatternError: The text is no JSON object, is too long, or says something that the language does not have.
    """
    if len(text) > _LONGEST:
        raise PatternError(f"Event pattern is longer than {_LONGEST} characters")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PatternError(f"No JSON: {error}") from None
    return compile_pattern(document)


def compile_pattern(document: Any) -> Pattern:
    """
    Compile a parsed event pattern, or an object inside one.

    Raises:
        PatternError: An object or array is empty, a leaf is no array, or an expression is unknown.
    """
    if not isinstance(document, dict):
        raise PatternError("Filter is not an object")
    if not document:
        raise PatternError("Empty objects are not allowed")
    fields = [_compile_field(name, part) for name, part in document.items()]

    def matches(event: Any) -> bool:
        # An array of objects matches when one element matches alone, so that its fields belong together.
        if isinstance(event, list) and event:
            return any(matches(element) for element in event)
        members = event if isinstance(event, dict) else {}
        return all(field(members) for field in fields)

    return matches


def _compile_field(name: str, part: Any) -> Callable[[Mapping[str, Any]], bool]:
    if name == "$or":
        return _compile_or(part)
    if isinstance(part, dict):
        inner = compile_pattern(part)
        return lambda members: inner(members.get(name))
    if not isinstance(part, list):
        raise PatternError(f'"{name}" must be an object or an array')
    if not part:
        raise PatternError("Empty arrays are not allowed")
    tests = [compile_test(entry) for entry in part]

    def holds(members: Mapping[str, Any]) -> bool:
        values = list(_leaves(members[name])) if name in members else []
        return any(test(values) for test in tests)

    return holds


def _compile_or(part: Any) -> Callable[[Mapping[str, Any]], bool]:
    if not isinstance(part, list) or not part:
        raise PatternError("$or must be an array of objects")
    alternatives = [compile_pattern(document) for document in part]
    return lambda members: any(matches(members) for matches in alternatives)


def _leaves(value: Any) -> Iterator[Any]:
    """Yield the plain values of a field; objects are no leaves, so ``exists`` does not see them."""
    if isinstance(value, list):
        for element in value:
            yield from _leaves(element)
    elif not isinstance(value, dict):
        yield value
