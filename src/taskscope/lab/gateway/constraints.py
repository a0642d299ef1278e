"""What the models state and botocore's validator leaves to the service: upper limits, patterns, enums."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any


def violations(shape: Any, value: Any) -> list[str]:
    """Return what is wrong, as one text in AWS's wording with all of it, or nothing."""
    found = list(_walk(shape, value, ""))
    if not found:
        return []
    plural = "s" if len(found) > 1 else ""
    return [f"{len(found)} validation error{plural} detected: {'; '.join(found)}"]


def _walk(shape: Any, value: Any, at: str) -> Iterator[str]:
    kind = shape.type_name
    if kind == "structure":
        if not shape.is_document_type:
            for name, item in value.items():
                yield from _walk(shape.members[name], item, f"{at}.{name}" if at else name)
    elif kind == "list":
        yield from _too_great(shape, len(value), "length", at, value)
        for number, item in enumerate(value, 1):
            yield from _walk(shape.member, item, f"{at}.{number}.member")
    elif kind == "map":
        yield from _too_great(shape, len(value), "length", at, value)
        for key, item in value.items():
            yield from _walk(shape.key, key, f"{at}.key")
            yield from _walk(shape.value, item, f"{at}.{key}")
    elif kind == "string":
        yield from _string(shape, value, at)
    elif kind in ("integer", "long", "float", "double"):
        yield from _too_great(shape, value, "value", at, value)


def _string(shape: Any, text: str, at: str) -> Iterator[str]:
    yield from _too_great(shape, len(text), "length", at, text)
    if shape.enum and text not in shape.enum:
        yield _failed(text, at, f"satisfy enum value set: [{', '.join(shape.enum)}]")
    pattern = shape.metadata.get("pattern")
    if pattern and (compiled := _compile(pattern)) and not compiled.fullmatch(text):
        yield _failed(text, at, f"satisfy regular expression pattern: {pattern}")


def _too_great(shape: Any, size: float, what: str, at: str, value: Any) -> Iterator[str]:
    greatest = shape.metadata.get("max")
    if greatest is not None and size > greatest:
        yield _failed(value, at, f"have {what} less than or equal to {greatest}")


def _failed(value: Any, at: str, constraint: str) -> str:
    text = str(value)
    shown = text if len(text) <= 200 else f"{text[:200]}…"  # noqa: PLR2004 a message is for reading
    return f"Value '{shown}' at '{at}' failed to satisfy constraint: Member must {constraint}"


@lru_cache(maxsize=1024)
def _compile(pattern: str) -> re.Pattern[str] | None:
    """Compile a pattern of a model; some are written for Java alone, and are not checked."""
    try:
        return re.compile(pattern)
    except re.error:
        return None
