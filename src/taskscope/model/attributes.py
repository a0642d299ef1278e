"""Attributes: typed keys and values on anything, and the one text form that they have in the store."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias, Union

AttributeValue: TypeAlias = Union[  # noqa: UP007 (a name in quotes has no |)
    str, bool, int, float, bytes, Sequence["AttributeValue"], Mapping[str, "AttributeValue"], None
]
"""OpenTelemetry's AnyValue; None is a value that is not set."""

Attributes: TypeAlias = Mapping[str, AttributeValue]


def attribute_text(value: AttributeValue) -> str:
    """
    Write a value as the store keeps it: a string as it is, ``true``, ``1.5``, bytes as base64, the rest as JSON.

    A value that is not set is the empty text.
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int):  # 0.1 us, and through the encoder 4
        return int.__repr__(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return _ENCODE(value)


def _inside(value: object) -> str:
    """Write what JSON has no form for, inside a list or a map."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    raise TypeError(f"{type(value).__name__} is no attribute value")


# Made once: json.dumps makes an encoder for each call that is not by its defaults, which is a third of its time.
_ENCODE: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_inside).encode
