"""
What a function writes, read as log events: lines of standard output, and the framed messages of the runtime client.

The runtime client frames what ``logging`` and an uncaught exception say (4 bytes of type beginning with a5 5a, 4 of
length, 8 of microseconds, the message), so that a traceback stays one event. Both come through one pipe, in order.
Pure.
"""

from typing import Final

_MAGIC: Final = b"\xa5\x5a\x00"  # no UTF-8 text begins so
_HEADER: Final = 16
_LONGEST: Final = 262_118  # bytes of one event; a longer line is cut into several, as Lambda does at 256 KiB


class LogDecoder:
    """Turns chunks of bytes, cut anywhere, into messages; an unfinished one waits for its rest."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, chunk: bytes) -> list[str]:
        """Take a chunk and return the messages that are complete now, each with its newline."""
        self._buffer += chunk
        messages: list[str] = []
        while (taken := self._next()) is not None:
            messages += taken
        return messages

    def finish(self) -> list[str]:
        """Return what is left, as a message of its own."""
        rest, self._buffer = self._buffer, b""
        return _cut(rest)

    def _next(self) -> list[str] | None:
        """Take one line or frame off the buffer; None when more bytes are needed."""
        if self._buffer.startswith(_MAGIC):
            return self._next_frame()
        frame = self._buffer.find(_MAGIC)
        newline = self._buffer.find(b"\n")
        if frame >= 0 and not 0 <= newline < frame:
            return self._take(frame)  # a text without newline, then a frame
        if newline >= 0:
            return self._take(newline + 1)
        return self._take(_LONGEST) if len(self._buffer) > _LONGEST else None

    def _next_frame(self) -> list[str] | None:
        if len(self._buffer) < _HEADER:
            return None
        end = _HEADER + int.from_bytes(self._buffer[4:8], "big")
        if len(self._buffer) < end:
            return None
        message, self._buffer = self._buffer[_HEADER:end], self._buffer[end:]
        return _cut(message)

    def _take(self, length: int) -> list[str]:
        line, self._buffer = self._buffer[:length], self._buffer[length:]
        return _cut(line)


def _cut(message: bytes) -> list[str]:
    """Decode a message in pieces that one log event can hold, never through a character."""
    pieces: list[str] = []
    while message:
        end = min(len(message), _LONGEST)
        while end < len(message) and message[end] & 0xC0 == 0x80:  # noqa: PLR2004 - the bits of a UTF-8 continuation byte
            end -= 1
        pieces.append(message[: end or _LONGEST].decode(errors="replace"))
        message = message[end or _LONGEST :]
    return pieces
