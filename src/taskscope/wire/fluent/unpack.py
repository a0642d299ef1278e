"""
From the bytes of one forward message to its tag and entries, twice: quickly, and plainly.

Forward protocol 1 and 1.5: ``[tag, time, record, option?]``, ``[tag, [entry…], option?]`` or ``[tag, packed, option?]``
with packed entries in a bin (old clients: a str) one after the other, perhaps compressed. An entry is
``[time, record]``, of Fluent Bit also ``[[time, metadata], record]``. A bare nil is a heartbeat.
"""

from collections.abc import Callable
from datetime import datetime
from math import isfinite
from typing import Any, Final, NamedTuple, TypeAlias

import msgpack  # type: ignore[import-untyped]  # it brings no types
import msgspec

from taskscope.clock import MICROSECOND, SECOND, from_datetime
from taskscope.errors import MalformedPayloadError
from taskscope.wire.fluent.inflate import inflate

DEFAULT_LIMIT_BYTES: Final = 64 * 1024 * 1024
_MAX_NS: Final = 2**63 - 1
_EVENT_TIME: Final = 0
"""Extension type: seconds and nanoseconds, four bytes each, big-endian."""
_EVENT_TIME_BYTES: Final = 8
_MIN_ENTRY_BYTES: Final = 3
_ARRAY_32: Final = b"\xdd"
_EXTENSIONS: Final = (msgspec.msgpack.Ext, msgpack.ExtType)
_FAST_REFUSES: Final = (msgspec.MsgspecError, ValueError, TypeError, OverflowError, RecursionError, MemoryError)
_PLAIN_REFUSES: Final = (
    msgpack.UnpackException, ValueError, TypeError, OverflowError, RecursionError, MemoryError
)  # fmt: skip


class Entry(NamedTuple):
    """One record as it was packed; its texts may still be bytes."""

    time_ns: int
    """0 where the sender does not say, or says nonsense."""
    record: dict[Any, Any]
    metadata: Any = None


class Message(NamedTuple):
    """One forward message."""

    tag: str
    entries: list[Entry]


class _Reader(NamedTuple):
    """One way to read MessagePack."""

    one: Callable[[bytes], Any]
    """Reads a single value that the bytes hold wholly."""
    many: Callable[[bytes, Any], list[Any]]
    """Reads values one after the other; the second argument is the sender's word for how many there are."""


Unpack: TypeAlias = Callable[[bytes, int], Message]


def unpack(message: bytes, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> Message:
    """
    Read a message quickly, or plainly what the quick way refuses (texts that are no UTF-8, a wrong ``size``).

    Raises:
        MalformedPayloadError: The bytes are no forward message, or hold more than ``limit_bytes`` when decompressed.
    """
    try:
        return _read(message, limit_bytes, _FAST)
    except _FAST_REFUSES:
        return unpack_plainly(message, limit_bytes)


def unpack_plainly(message: bytes, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> Message:
    """
    Read a message with the reference implementation of MessagePack alone.

    Raises:
        MalformedPayloadError: As ``unpack``.
    """
    try:
        return _read(message, limit_bytes, _PLAIN)
    except _PLAIN_REFUSES as error:
        reason = str(error) or type(error).__name__
        raise MalformedPayloadError(f"the message is no MessagePack: {reason[:200]}") from None


def _fast_many(packed: bytes, size: Any) -> list[Any]:
    """Read the stream as one array of ``size`` values: 0.6 us a record where the Unpacker takes 2.3."""
    if type(size) is not int or not 0 <= size <= len(packed) // _MIN_ENTRY_BYTES:
        raise ValueError("no usable size")
    values: list[Any] = msgspec.msgpack.decode(_ARRAY_32 + size.to_bytes(4, "big") + packed)
    return values


def _plain_unpacker(content: bytes) -> msgpack.Unpacker:
    """Give an Unpacker that leaves texts as bytes, which keeps those that are no UTF-8."""
    unpacker = msgpack.Unpacker(
        raw=True, strict_map_key=False, timestamp=3, max_buffer_size=max(len(content), 1)
    )  # fmt: skip
    unpacker.feed(content)
    return unpacker


def _plain_many(packed: bytes, size: Any) -> list[Any]:  # noqa: ARG001 (the stream itself says how many there are)
    unpacker = _plain_unpacker(packed)
    values, end = [], 0
    for value in unpacker:
        values.append(value)
        end = unpacker.tell()
    if end != len(packed):
        raise ValueError("the last value ends too early")
    return values


def _plain_one(content: bytes) -> Any:
    values = _plain_many(content, None)
    if len(values) != 1:
        raise ValueError(f"{len(values)} values where one belongs")
    return values[0]


_FAST: Final = _Reader(msgspec.msgpack.decode, _fast_many)
_PLAIN: Final = _Reader(_plain_one, _plain_many)


def _read(message: bytes, limit_bytes: int, reader: _Reader) -> Message:
    value = reader.one(message)
    if value is None:
        return Message("", [])
    match value:
        case [str() | bytes() as tag, list() as entries, *options]:
            pass
        case [str() | bytes() as tag, str() | bytes() as packed, *options]:
            entries = _read_packed(packed, _option(options), limit_bytes, reader)
        case [str() | bytes() as tag, time, record, *_]:
            entries = [[time, record]]
        case _:
            raise MalformedPayloadError("the message is no array of tag, entries and option")
    return Message(text(tag), [read for read in map(_read_entry, entries) if read is not None])


def _read_packed(packed: str | bytes, option: dict[str, Any], limit_bytes: int, reader: _Reader) -> list[Any]:
    content = packed.encode() if isinstance(packed, str) else packed
    compression = option.get("compressed", "text")
    if compression not in {"text", b"text"}:
        content = inflate(content, text(compression), limit_bytes)
    return reader.many(content, option.get("size"))


def _option(options: list[Any]) -> dict[str, Any]:
    if options and isinstance(options[0], dict):
        return {text(key): value for key, value in options[0].items()}
    return {}


def _read_entry(entry: Any) -> Entry | None:
    """Read an entry; nil, and an entry whose record is nil, are nothing."""
    match entry:
        case [list() as head, dict() as record, *_] if head:
            return Entry(_read_time(head[0]), record, head[1] if len(head) > 1 else None)
        case [time, dict() as record, *_]:
            return Entry(_read_time(time), record)
        case None | [_, None, *_]:
            return None
    raise MalformedPayloadError("an entry is no array of time and record")


def _read_time(time: Any) -> int:
    """Read nanoseconds since the epoch: 0, nil and what no clock says stand for the time of arrival."""
    if isinstance(time, _EXTENSIONS):
        data = bytes(time.data)
        if time.code != _EVENT_TIME or len(data) != _EVENT_TIME_BYTES:
            raise MalformedPayloadError(f"extension type {time.code} is no EventTime")
        nanoseconds = int.from_bytes(data[:4], "big") * SECOND + int.from_bytes(data[4:], "big")
    elif isinstance(time, datetime):
        nanoseconds = from_datetime(time)
    elif isinstance(time, float) and isfinite(time):
        nanoseconds = round(time * (SECOND // MICROSECOND)) * MICROSECOND  # a float of today has no more digits
    elif isinstance(time, int):
        nanoseconds = time * SECOND
    elif time is None or isinstance(time, float):
        nanoseconds = 0
    else:
        raise MalformedPayloadError("the time of an entry is no time")
    return nanoseconds if 0 <= nanoseconds <= _MAX_NS else 0


def text(value: Any) -> str:
    """Read a text that may be packed as bin; what is no UTF-8 in it is replaced."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
