"""Single keys from a terminal, read as they are pressed; it is as it was afterwards, however the end comes."""

import codecs
import os
import select
import signal
import sys
import termios
import tty
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Final, NoReturn, TypeAlias

_ENDING: Final = (signal.SIGTERM, signal.SIGHUP)
_ESCAPES: Final = {
    "[A": "up", "[B": "down", "OA": "up", "OB": "down", "[5~": "page up", "[6~": "page down", "[H": "home", "[F": "end",
    "OH": "home", "OF": "end",
}  # fmt: skip
"""What follows the escape character, in the two modes of cursor keys."""
_NAMES: Final = {"\r": "enter", "\n": "enter", "\x7f": "backspace", "\x08": "backspace", "\x1b": "escape"}
_AT_ONCE: Final = 1024

Key: TypeAlias = str
"""A character, or the name of a key that has none."""


class Keyboard:
    """The keys of one terminal."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def wait(self, seconds: float) -> Sequence[Key]:
        """Return the keys that are pressed first within a time; none at its end."""
        ready, _, _ = select.select([self._descriptor], [], [], max(0.0, seconds))
        if not ready:
            return ()
        data = os.read(self._descriptor, _AT_ONCE)
        return list(read_keys(self._decoder.decode(data))) if data else ("q",)  # a terminal that is gone


def read_keys(text: str) -> Iterator[Key]:
    """Yield the keys of what a terminal sent: characters, and names of those that have none; leave out unknown ones."""
    place = 0
    while place < len(text):
        if text[place] == "\x1b" and text[place + 1 : place + 2] in {"[", "O"}:
            length = _length(text, place + 2)
            if name := _ESCAPES.get(text[place + 1 : place + 2 + length]):
                yield name
            place += 2 + length
            continue
        key = _NAMES.get(text[place], text[place])
        if len(key) > 1 or key.isprintable():
            yield key
        place += 1


def _length(text: str, start: int) -> int:
    """Return how long a control sequence goes on: up to its first letter or ``~`` (ECMA-48, 5.4)."""
    for length, character in enumerate(text[start:], 1):
        if "@" <= character <= "~":
            return length
    return len(text) - start


@contextmanager
def keyboard() -> Iterator[Keyboard | None]:
    """
    Give the keys of stdin, unseen as they are pressed; None where it is no terminal. Ctrl-C stays what it is.

    A program that is told to end while it draws ends as by ``sys.exit``, so that what surrounds this is left in order.
    """
    if not sys.stdin.isatty():
        with _ends_in_order():
            yield None
        return
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    try:
        with _ends_in_order():
            tty.setcbreak(descriptor, termios.TCSANOW)
            yield Keyboard(descriptor)
    finally:
        termios.tcsetattr(descriptor, termios.TCSANOW, before)


@contextmanager
def _ends_in_order() -> Iterator[None]:
    """Turn signals that end the program into `SystemExit`; do not stop, which would leave the terminal drawn on."""
    stopped = signal.signal(signal.SIGTSTP, signal.SIG_IGN)
    before = {number: signal.signal(number, _end) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.signal(signal.SIGTSTP, stopped)


def _end(number: int, _: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)
