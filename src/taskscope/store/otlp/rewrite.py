"""Bodies with lists, maps and odd doubles in attributes, rewritten so that each of these is the text of its value."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

import numpy as np

from taskscope.model.attributes import attribute_text
from taskscope.store.otlp.marks import find_marks
from taskscope.store.otlp.values import fields, read_value
from taskscope.wire.otlp.framing import delimited

_Message: TypeAlias = Mapping[int, "_Message"] | None
"""The fields of a message that lead to values, by number; None is a value itself."""

_KEY_VALUE: Final[_Message] = {2: None}
_SPAN: Final[_Message] = {9: _KEY_VALUE, 11: {3: _KEY_VALUE}, 13: {4: _KEY_VALUE}}
_REQUEST: Final[_Message] = {1: {1: {1: _KEY_VALUE}, 2: {1: {3: _KEY_VALUE}, 2: _SPAN}}}
_HAS_LENGTH: Final = 2
_TEXT: Final = b"\x7a"
"""Field 15, which OTLP does not use: a text that was no string, such as a ``service.name`` that is a list."""


def for_engine(bodies: Sequence[bytes]) -> bytes:
    """
    Join bodies as the engine reads them, each behind its length, with values that SQL cannot write as text rewritten.

    Raises:
        MalformedPayloadError: A body that has such values does not read as Protobuf.
    """
    data = delimited(bodies)
    marks = find_marks(data)
    if not len(marks):
        return data
    ends = np.cumsum([len(delimited([body])) for body in bodies])
    return delimited(
        _rewritten(
            body,
            (marks[np.searchsorted(marks, end - len(body)) : np.searchsorted(marks, end)] - (end - len(body))).tolist(),
        )
        for body, end in zip(bodies, ends.tolist(), strict=True)
    )


def _rewritten(body: bytes, marks: Sequence[int]) -> bytes:
    return _walk(body, 0, len(body), _REQUEST, marks) if marks else body


def _walk(body: bytes, start: int, end: int, message: _Message, marks: Sequence[int]) -> bytes:
    """Copy a message, going into those of its fields that have a mark inside."""
    if message is None:
        return _text_of(body[start:end])
    parts = []
    copied = start
    for tag, field_start, content, after in fields(body, start, end):
        number = tag >> 3
        if tag & 7 != _HAS_LENGTH or number not in message or not _any_in(marks, content, after):
            continue
        parts += [
            body[copied:field_start],
            _length_delimited(number, _walk(body, content, after, message[number], marks)),
        ]
        copied = after
    return b"".join([*parts, body[copied:end]])


def _any_in(marks: Sequence[int], start: int, end: int) -> bool:
    index = bisect_left(marks, start)
    return index < len(marks) and marks[index] < end


def _text_of(value: bytes) -> bytes:
    if value[:1] not in b"*2!":
        return value
    return _TEXT + delimited([attribute_text(read_value(value)).encode()])


def _length_delimited(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | _HAS_LENGTH]) + delimited([content])
