"""
Answers of the engine: rows as JSON has them, ids as hexadecimal digits.

A string of ClickHouse is any bytes. The engine's JSON formats replace what is no UTF-8, but for those with a row to a
line (``output_format_json_validate_utf8``): so ids, which are ``FixedString(16)`` and ``(8)``, come in such a one.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import msgspec

FORMAT: Final = "JSONCompactEachRowWithNamesAndTypes"
SETTINGS: Final = {"output_format_json_quote_64bit_integers": 0}

_IDS: Final = frozenset({"FixedString(8)", "FixedString(16)"})
_HAS_IDS: Final = re.compile(rb"FixedString\((?:8|16)\)")
_TYPE: Final = re.compile(r"(Array|Map|Tuple|Nullable|LowCardinality)\((.*)\)", re.DOTALL)
_NAMED: Final = re.compile(r"(?:`(?:[^`\\]|\\.)*`|\w+) (?=\w)")
"""What a member of a tuple may have before its type."""
_decode_lines: Final = msgspec.json.Decoder().decode_lines
_Read = Callable[[Any], Any]


class Answer(NamedTuple):
    """What the engine said."""

    names: Sequence[str]
    types: Sequence[str]
    rows: Sequence[Sequence[Any]]


def read_answer(answer: bytes) -> Answer:
    """Read an answer in ``FORMAT``; bytes of a text that are no UTF-8 are replaced."""
    if not _HAS_IDS.search(answer):
        names, types, *rows = _decode_lines(answer.decode("utf-8", "replace"))
        return Answer(names, types, rows)
    names, types, *rows = _decode_lines(answer.decode("latin-1"))  # each byte a character, until its type is known
    names, types = _text(names), _text(types)
    readers = [_reader(each) for each in types]
    return Answer(names, types, [[read(value) for read, value in zip(readers, row, strict=True)] for row in rows])


def _reader(kind: str) -> _Read:
    """Return what makes of the JSON of a type what we give."""
    if kind in _IDS:
        return _hex
    match = _TYPE.fullmatch(kind)
    if match is None or not _HAS_IDS.search(kind.encode()):
        return _text
    readers = [_reader(each) for each in _split(match[2])]
    if match[1] in ("Nullable", "LowCardinality"):
        return readers[0]
    if match[1] == "Array":
        return lambda values: [readers[0](each) for each in values]
    if match[1] == "Map":
        return lambda pairs: {readers[0](key): readers[1](value) for key, value in pairs.items()}
    return lambda values: _tuple(readers, values)


def _split(text: str) -> list[str]:
    """Split the arguments of a type, ``a`` of ``Tuple(a UInt8, …)`` left out."""
    parts, depth, start = [], 0, 0
    for match in re.finditer(r"`(?:[^`\\]|\\.)*`|'(?:[^'\\]|\\.)*'|[(),]", text):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if match[0] == "," and depth == 0:
            parts.append(text[start : match.start()])
            start = match.end()
    return [_NAMED.sub("", each.strip(), count=1) for each in (*parts, text[start:])]


def _tuple(readers: Sequence[_Read], values: Any) -> Any:
    """Read a tuple, which is an object if its members have names."""
    if isinstance(values, dict):
        return {_text(name): read(each) for read, (name, each) in zip(readers, values.items(), strict=True)}
    return [read(each) for read, each in zip(readers, values, strict=True)]


def _hex(value: str | None) -> str | None:
    return None if value is None else _bytes(value).hex()


def _text(value: Any) -> Any:
    """Make text of characters that stand for bytes, however deep they are."""
    if isinstance(value, str):
        return value if value.isascii() else _bytes(value).decode("utf-8", "replace")
    if isinstance(value, list):
        return [_text(each) for each in value]
    if isinstance(value, dict):
        return {_text(key): _text(each) for key, each in value.items()}
    return value


def _bytes(value: str) -> bytes:
    """Return the bytes; U+2028 and U+2029 are the only characters beyond them that the engine writes as an escape."""
    return value.replace("\u2028", "\xe2\x80\xa8").replace("\u2029", "\xe2\x80\xa9").encode("latin-1")
