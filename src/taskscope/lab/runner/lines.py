"""From bytes of a container's output to log messages: lines, their times, and lines that belong together. Pure."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from taskscope.lab.logs.api import LogLine

MAX_MESSAGE_BYTES: Final = 262_118
"""Where Docker's awslogs driver splits a message: 256 KiB less the 26 bytes that each log event costs."""
_LONGEST_CHARACTER: Final = 4


class LineAssembler:
    """
    Cuts chunks of bytes into lines. No byte is lost: bytes that are not UTF-8 become U+FFFD, an empty line becomes
    one blank (PutLogEvents refuses empty messages), a line over ``MAX_MESSAGE_BYTES`` is split between characters.
    """

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, chunk: bytes, timestamp: int) -> Iterator[LogLine]:
        """Take a chunk that was read at ``timestamp`` (epoch milliseconds); yield the lines that end in it."""
        self._rest += chunk
        *lines, rest = self._rest.split(b"\n")
        self._rest = rest
        for line in lines:
            yield from _messages(bytes(line), timestamp)
        while len(self._rest) > MAX_MESSAGE_BYTES + _LONGEST_CHARACTER:
            cut = _character_bound(self._rest, MAX_MESSAGE_BYTES)
            head, self._rest = bytes(self._rest[:cut]), self._rest[cut:]
            yield from _messages(head, timestamp)

    def close(self, timestamp: int) -> Iterator[LogLine]:
        """Yield what is left of a line without end."""
        rest, self._rest = bytes(self._rest), bytearray()
        if rest:
            yield from _messages(rest, timestamp)


class MultilineAssembler:
    """Joins lines to one message: a line in which the pattern is found starts a new one (awslogs-multiline-pattern)."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern
        self._pending: list[LogLine] = []
        self._size = 0

    def feed(self, lines: Iterable[LogLine]) -> Iterator[LogLine]:
        """Take lines; yield each message that they complete."""
        for line in lines:
            size = len(line.message.encode()) + 1
            if self._pending and (self._pattern.search(line.message) or self._size + size > MAX_MESSAGE_BYTES):
                yield from self.flush()
            self._pending.append(line)
            self._size += size

    @property
    def pending_since(self) -> int | None:
        """Time of the first line that waits, in epoch milliseconds."""
        return self._pending[0].timestamp if self._pending else None

    def flush(self) -> Iterator[LogLine]:
        """Yield the message that waits for more lines; its time is that of its first line."""
        pending, self._pending, self._size = self._pending, [], 0
        if pending:
            yield LogLine(pending[0].timestamp, "\n".join(line.message for line in pending))


def _messages(line: bytes, timestamp: int) -> Iterator[LogLine]:
    """Yield a line as one message, or as several when it is too long; decoding can make it up to three times longer."""
    text = line.decode("utf-8", "replace").encode()
    start = 0
    while len(text) - start > MAX_MESSAGE_BYTES:
        cut = start + _character_bound(text[start : start + MAX_MESSAGE_BYTES + 1], MAX_MESSAGE_BYTES)
        yield LogLine(timestamp, text[start:cut].decode())
        start = cut
    yield LogLine(timestamp, text[start:].decode() or " ")


def _character_bound(text: bytes | bytearray, limit: int) -> int:
    """Return the last position up to ``limit`` where a UTF-8 character begins."""
    cut = limit
    while cut > limit - _LONGEST_CHARACTER and text[cut] & 0xC0 == 0x80:  # noqa: PLR2004  # 10xxxxxx continues one
        cut -= 1
    return cut
