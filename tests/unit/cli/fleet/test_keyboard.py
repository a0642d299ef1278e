"""Keys of what a terminal sends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.cli.fleet.keyboard import read_keys


@pytest.mark.parametrize(
    ("sent", "keys"),
    [
        ("q", ["q"]),
        ("\x1b[A\x1b[B", ["up", "down"]),
        ("\x1bOAj", ["up", "j"]),
        ("\r\n", ["enter", "enter"]),
        ("\x1b", ["escape"]),
        ("\x1b[5~x", ["page up", "x"]),
        ("\x1b[1;5Ax", ["x"]),
        ("\x1b[", []),
        ("a\x7f\x08\x01\u00e9", ["a", "backspace", "backspace", "\u00e9"]),
    ],
)
def test_keys_are_read(sent: str, keys: list[str]) -> None:
    """Characters, names of keys that have none, nothing of keys that mean nothing here."""
    assert list(read_keys(sent)) == keys


@given(st.text(st.characters(codec="utf-8")))
def test_whatever_is_sent_is_read(sent: str) -> None:
    """No control character comes through."""
    assert all(len(key) > 1 or key.isprintable() for key in read_keys(sent))
