"""
One record of a segment file: a frame with its length and checksum. Pure: bytes in, frames out.

Layout, little endian, 21 bytes before sender and body::

    magic    2   f5 54
    crc32    4   over all that follows
    length   4   of the body
    received 8   nanoseconds since the epoch
    kind     1
    encoding 1
    sender   1   length of the sender's address
    ...          sender, body
"""

import struct
import zlib
from collections.abc import Iterator
from enum import Enum, auto
from typing import Final, NamedTuple, TypeAlias

from taskscope.spool.frame import Frame

MAGIC: Final = b"\xf5T"
_LEAD: Final = struct.Struct("<2sI")
_HEAD: Final = struct.Struct("<IqBBB")
_BOTH: Final = struct.Struct(_LEAD.format + _HEAD.format.removeprefix("<"))
OVERHEAD: Final = _LEAD.size + _HEAD.size
MAX_BODY_BYTES: Final = 256 * 1024 * 1024
"""Longer ones are refused; a length beyond it is taken for damage and not for a reason to wait."""

Buffer: TypeAlias = bytes | memoryview


class Flaw(Enum):
    """Why no record is read at an offset."""

    INCOMPLETE = auto()
    """The bytes end before the record does: it is being written, or was torn off."""
    DAMAGED = auto()
    """These bytes are no record, or not the one that was written."""


class Record(NamedTuple):
    """A frame and where it ends."""

    frame: Frame
    end: int


def encode(frame: Frame) -> list[bytes]:
    """
    Return a record in two pieces, so that a large body is not copied.

    Raises:
        ValueError: The body is longer than ``MAX_BODY_BYTES``.
    """
    if len(frame.body) > MAX_BODY_BYTES:
        raise ValueError(f"a body of {len(frame.body)} bytes is longer than {MAX_BODY_BYTES}")
    sender = frame.sender.encode("utf-8", "replace")[:255]
    head = _HEAD.pack(len(frame.body), frame.received_ns, frame.kind, frame.encoding, len(sender)) + sender
    return [_LEAD.pack(MAGIC, zlib.crc32(frame.body, zlib.crc32(head))) + head, frame.body]


def size(frame: Frame) -> int:
    """Return the bytes that the record of a frame takes."""
    return OVERHEAD + min(len(frame.sender.encode("utf-8", "replace")), 255) + len(frame.body)


def decode(content: bytes, offset: int) -> Record | Flaw:
    """Read the record that begins at ``offset``, or say why there is none."""
    if len(content) - offset < OVERHEAD:
        whole = content[offset : offset + len(MAGIC)] == MAGIC[: len(content) - offset]
        return Flaw.INCOMPLETE if whole else Flaw.DAMAGED
    magic, crc, length, received_ns, kind, encoding, sender_length = _BOTH.unpack_from(content, offset)
    if magic != MAGIC or length > MAX_BODY_BYTES:
        return Flaw.DAMAGED
    body_at = offset + OVERHEAD + sender_length
    end = body_at + length
    if end > len(content):
        return Flaw.INCOMPLETE
    body = content[body_at:end]
    head = content[offset + _LEAD.size : body_at]
    if zlib.crc32(body, zlib.crc32(head)) != crc:
        return Flaw.DAMAGED
    sender = head[_HEAD.size :].decode("utf-8", "replace") if sender_length else ""
    return Record(Frame(kind, received_ns, body, encoding, sender), end)


def find(content: bytes, offset: int) -> int | None:
    """Return where the next sound record begins, at ``offset`` or later; None if there is none."""
    return next((at for at in _candidates(content, offset) if isinstance(decode(content, at), Record)), None)


def _candidates(content: bytes, offset: int) -> Iterator[int]:
    """Yield where the magic bytes are."""
    at = content.find(MAGIC, offset)
    while at >= 0:
        yield at
        at = content.find(MAGIC, at + 1)
