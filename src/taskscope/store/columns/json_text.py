"""Attributes as one JSON text: what the column ``Resource`` holds, as ClickHouse's toJSONString writes it."""

from typing import Final

from taskscope.model.attributes import Attributes
from taskscope.store.columns.arrays import text

_ESCAPES: Final = str.maketrans(
    {number: f"\\u{number:04X}" for number in range(32)}
    | {ord(char): f"\\{name}" for char, name in zip('"\\\b\f\n\r\t', '"\\bfnrt', strict=True)}
    | {0x2028: "\\u2028", 0x2029: "\\u2029"}
)
"""Python's json writes control characters in lowercase, and these two separators as they are."""


def json_text(attributes: Attributes) -> str:
    """Write an object of texts, byte for byte as the engine does for the same attributes in an OTLP body."""
    return "{" + ",".join(f"{_quoted(key)}:{_quoted(text(value))}" for key, value in attributes.items()) + "}"


def _quoted(value: str) -> str:
    return f'"{value.translate(_ESCAPES)}"'
