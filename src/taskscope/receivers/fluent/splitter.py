"""
Messages cut out of the byte stream of the Fluent forward protocol (v1), by a walk that builds no objects.

msgpack's ``skip`` goes on where the bytes ended last time, so a message that comes in pieces is walked once.
"""

from typing import Final, NamedTuple

from msgpack import BufferFull, OutOfData, Unpacker  # type: ignore[import-untyped]  # it ships no types

_NIL: Final = 0xC0
"""A heartbeat."""
_READ_BYTES: Final = 1 << 20
"""More than one read of asyncio brings (256 KiB)."""
_STRINGS: Final = frozenset((*range(0xA0, 0xC0), 0xD9, 0xDA, 0xDB, 0xC4, 0xC5, 0xC6))
"""First bytes of str and bin, which senders take for each other."""
_ARRAYS: Final = frozenset((*range(0x90, 0xA0), 0xDC, 0xDD))
_LEAST, _MOST = 2, 4
"""``[tag, entries, option?]``, or ``[tag, time, record, option?]``."""
_ACK: Final = b"\x81\xa3ack"
"""A map of one key; its value follows."""


class Message(NamedTuple):
    """One message as it came, and the answer that its sender waits for."""

    body: bytes
    ack: bytes | None
    """``{"ack": chunk}``, packed; None where the option has no ``chunk``."""


class Splitter:
    """Takes bytes of one connection, gives whole messages; after the first ``fault`` there are no more."""

    def __init__(self, max_message_bytes: int) -> None:
        self.fault: str | None = None
        """What is wrong with the stream."""
        self._limit = max_message_bytes
        self._unpacker = Unpacker(raw=True, max_buffer_size=max_message_bytes + _READ_BYTES)
        self._bytes = bytearray()
        self._base = 0
        """Offset in the stream of the first of ``_bytes``, where the present message begins."""
        self._size = 0
        """Of the present message's array; 0 before its header is read."""
        self._bounds: list[int] = []
        """Where each element of it begins, and where the last one ended."""

    @property
    def held_bytes(self) -> int:
        """Bytes of the message that is not whole yet."""
        return len(self._bytes)

    def feed(self, data: bytes) -> list[Message]:
        """Return the messages that these bytes complete; what comes after a fault is ignored."""
        messages: list[Message] = []
        if self.fault is not None:
            return messages
        try:
            self._unpacker.feed(data)
            self._bytes += data
            while True:
                if message := self._next():
                    messages.append(message)
        except OutOfData:
            if len(self._bytes) > self._limit:
                self._fail(f"a message is larger than {self._limit} bytes")
        except BufferFull:
            self._fail(f"a message is larger than {self._limit} bytes")
        except ValueError as error:  # msgpack has several kinds of it
            self._fail(f"it is no message of the forward protocol: {error}")
        return messages

    def _fail(self, fault: str) -> None:
        self.fault = fault
        self._bytes.clear()

    def _next(self) -> Message | None:
        """
        Walk to the end of a message; None for a heartbeat.

        Raises:
            OutOfData: The bytes end within it.
            ValueError: It is none.
        """
        if not self._size:
            if not self._bytes:
                raise OutOfData
            if self._bytes[0] == _NIL:
                self._unpacker.skip()
                self._drop(1)
                return None
            self._size = self._header()
            self._bounds = [self._unpacker.tell()]
        while len(self._bounds) <= self._size:
            self._unpacker.skip()
            self._bounds.append(self._unpacker.tell())
        message = self._message()
        self._drop(len(message.body))
        self._size = 0
        return message

    def _header(self) -> int:
        size = self._unpacker.read_array_header()
        if not _LEAST <= size <= _MOST:
            raise ValueError(f"an array of {size}")
        return int(size)

    def _message(self) -> Message:
        end = self._bounds[-1] - self._base
        if end > self._limit:
            raise ValueError(f"{end} bytes, which is more than {self._limit}")
        tag, second = (self._bytes[each - self._base] for each in self._bounds[:2])
        if tag not in _STRINGS:
            raise ValueError("its tag is no string")
        body = bytes(memoryview(self._bytes)[:end])
        has_option = self._size == _MOST or (self._size == _MOST - 1 and (second in _STRINGS or second in _ARRAYS))
        return Message(body, _ack(body[self._bounds[-2] - self._base :]) if has_option else None)

    def _drop(self, count: int) -> None:
        del self._bytes[:count]
        self._base += count


def _ack(option: bytes) -> bytes | None:
    """
    Return the answer that a message's option asks for; its ``chunk`` goes back as it came.

    Raises:
        ValueError: The option is neither a map nor nil.
    """
    if option[0] == _NIL:
        return None
    reading = Unpacker(raw=True, strict_map_key=False, max_buffer_size=len(option))
    reading.feed(option)
    for _ in range(reading.read_map_header()):
        key = reading.unpack()
        begin = reading.tell()
        reading.skip()
        if key == b"chunk":
            return _ACK + option[begin : reading.tell()]
    return None
