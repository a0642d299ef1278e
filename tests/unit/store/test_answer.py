"""Answers of the engine: ids in hexadecimal, text as text."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.store.answer import read_answer


def _answer(kind: str, *values: bytes) -> bytes:
    """Write values as the engine does, each a row of one column."""
    head = json.dumps(["n"]) + "\n" + json.dumps([kind]) + "\n"
    return head.encode() + b"".join(b"[" + each + b"]\n" for each in values)


def _engine_writes(value: bytes) -> bytes:
    """Write bytes as a string of the engine's JSON (WriteBufferFromOStream, writeAnyEscapedString)."""
    escaped = "".join(
        json.dumps(char)[1:-1] if char < " " or char in '"\\' else char for char in value.decode("latin-1")
    )
    raw = escaped.encode("latin-1")
    return b'"' + raw.replace(b"\xe2\x80\xa8", b"\\u2028").replace(b"\xe2\x80\xa9", b"\\u2029") + b'"'


@given(st.binary(min_size=8, max_size=8))
def test_an_id_is_its_bytes_in_hexadecimal(value: bytes) -> None:
    """Whatever they are, and the nulls at its end are part of it."""
    assert read_answer(_answer("FixedString(8)", _engine_writes(value))).rows == [[value.hex()]]


@given(st.text())
def test_text_beside_an_id_stays_text(text: str) -> None:
    """Line separators, which the engine escapes, among it."""
    written = _engine_writes(text.encode("utf-8", "replace"))
    member = b"[" + _engine_writes(b"12345678") + b"," + written + b"]"

    [[[digits, read]]] = read_answer(_answer("Tuple(FixedString(8), String)", member)).rows

    assert (digits, read) == (b"12345678".hex(), text.encode("utf-8", "replace").decode())


_ID = b'"\xff\\u0000\xffaaaaa"'
_HEX = "ff00ff6161616161"


@pytest.mark.parametrize(
    ("kind", "written", "read"),
    [
        ("Array(FixedString(8))", b"[" + _ID + b"]", [_HEX]),
        ("Array(Array(FixedString(8)))", b"[[" + _ID + b"],[]]", [[_HEX], []]),
        ("Nullable(FixedString(8))", b"null", None),
        ("LowCardinality(Nullable(FixedString(8)))", _ID, _HEX),
        ("Map(FixedString(8), Array(UInt8))", b"{" + _ID + b":[1]}", {_HEX: [1]}),
        ("Tuple(DateTime64(9, 'U,T(C'), FixedString(8))", b'["t",' + _ID + b"]", ["t", _HEX]),
        ("Tuple(`a, (` UInt8, b FixedString(8))", b'{"a, (":1,"b":' + _ID + b"}", {"a, (": 1, "b": _HEX}),
        ("FixedString(16)", b'"' + b"\\u0000" * 16 + b'"', "0" * 32),
        ("FixedString(3)", b'"abc"', "abc"),
        ("Enum8('FixedString(8)' = 1)", b'"\xc3\xa9"', "\u00e9"),
    ],
)
def test_ids_are_found_however_deep_they_are(kind: str, written: bytes, read: Any) -> None:
    """Strings of other lengths are text."""
    assert read_answer(_answer(kind, written)).rows == [[read]]


@pytest.mark.parametrize("kind", ["String", "Tuple(FixedString(8), String)"])
def test_bytes_that_are_no_text_are_replaced(kind: str) -> None:
    """As JSON cannot have them."""
    written = b'"a\xff"' if kind == "String" else b"[" + _ID + b',"a\xff"]'

    [[read]] = read_answer(_answer(kind, written)).rows

    assert read == ("a\ufffd" if kind == "String" else [_HEX, "a\ufffd"])


def test_an_answer_without_rows_has_columns() -> None:
    """With their types."""
    assert read_answer(_answer("FixedString(8)")) == (["n"], ["FixedString(8)"], [])
