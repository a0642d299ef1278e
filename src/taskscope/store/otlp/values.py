"""One AnyValue, read from its bytes: of the few values that SQL cannot write as text."""

import struct
from collections.abc import Iterator
from typing import Final

from taskscope.errors import MalformedPayloadError
from taskscope.model.attributes import AttributeValue

_DEPTH: Final = 30
"""Deeper values are left to the plain decoder, which knows how deep is too deep."""
_SIGN: Final = 1 << 63
_DOUBLE: Final = struct.Struct("<d")
_LONGEST_VARINT: Final = 10
_FIRST: Final = 0x0A
"""Field 1 with a length: the elements of lists and maps, and a pair's key."""


def read_varint(data: bytes, position: int) -> tuple[int, int]:
    """
    Return a varint and where it ends.

    Raises:
        MalformedPayloadError: It does not end, or the data does.
    """
    number = 0
    for index, byte in enumerate(data[position : position + _LONGEST_VARINT]):
        number |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:  # noqa: PLR2004 (the highest bit says that more follows)
            return number, position + index + 1
    raise MalformedPayloadError("a number in Protobuf does not end")


def fields(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """
    Yield the fields of a message: their tag, where they begin, and where their content begins and ends.

    A tag is the field's number times 8, plus its kind: 2 for what has a length.

    Raises:
        MalformedPayloadError: The message is longer than its bytes, or has a kind of field that OTLP does not use.
    """
    while start < end:
        tag, content = read_varint(data, start)
        match tag & 7:
            case 0:
                _, after = read_varint(data, content)
            case 1:
                after = content + 8
            case 2:
                length, content = read_varint(data, content)
                after = content + length
            case 5:
                after = content + 4
            case kind:
                raise MalformedPayloadError(f"a field in Protobuf has the kind {kind}")
        if after > end:
            raise MalformedPayloadError("a field in Protobuf is longer than its message")
        yield tag, start, content, after
        start = after


def read_value(data: bytes, depth: int = _DEPTH) -> AttributeValue:
    """
    Read an AnyValue.

    Raises:
        MalformedPayloadError: It does not read as one, or nests too deep.
    """
    if not depth:
        raise MalformedPayloadError("a value nests too deep")
    value: AttributeValue = None
    for tag, _, start, end in fields(data, 0, len(data)):
        value = _read_member(tag, data[start:end], depth, value)
    return value


def _read_member(tag: int, content: bytes, depth: int, before: AttributeValue) -> AttributeValue:
    match tag:
        case 0x0A:
            return _text(content)
        case 0x10:
            return bool(read_varint(content, 0)[0])
        case 0x18:
            unsigned = read_varint(content, 0)[0] & (2 * _SIGN - 1)
            return unsigned - 2 * _SIGN if unsigned & _SIGN else unsigned
        case 0x21:
            return float(_DOUBLE.unpack(content)[0])
        case 0x2A:
            return [
                read_value(content[start:end], depth - 1)
                for tag, _, start, end in fields(content, 0, len(content))
                if tag == _FIRST
            ]
        case 0x32:
            return dict(
                _pair(content[start:end], depth - 1)
                for tag, _, start, end in fields(content, 0, len(content))
                if tag == _FIRST
            )
        case 0x3A:
            return content
        case _:
            return before


def _pair(data: bytes, depth: int) -> tuple[str, AttributeValue]:
    key, value = "", None
    for tag, _, start, end in fields(data, 0, len(data)):
        if tag == _FIRST:
            key = _text(data[start:end])
        elif tag == 0x12:  # noqa: PLR2004 (KeyValue.value)
            value = read_value(data[start:end], depth)
    return key, value


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise MalformedPayloadError(f"a text is no UTF-8: {error}") from error
