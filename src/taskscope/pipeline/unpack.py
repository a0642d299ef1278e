"""Uncompressed bodies of frames, bounded: what a sender compressed may be anything."""

import zlib
from collections.abc import Callable
from typing import Final

import zstandard
from isal import isal_zlib

from taskscope.errors import MalformedPayloadError
from taskscope.pipeline.zstd_frames import ends_whole
from taskscope.spool.frame import Encoding, Frame

MAX_BODY_BYTES: Final = 256 * 1024 * 1024
"""A receiver allows less; this is what is believed of a spool that it did not write."""

_STEP: Final = 1024 * 1024
"""Bytes that are made at once, between two looks at the bound."""
_ZLIB_ERRORS: Final[tuple[type[Exception], ...]] = (isal_zlib.error, zlib.error)  # type: ignore[assignment]
_GZIP_WINDOW: Final = 31
"""zlib's way to say: gzip, largest window."""


def uncompressed(frame: Frame, *, max_bytes: int = MAX_BODY_BYTES) -> bytes:
    """
    Return the body of a frame as it was before its sender compressed it.

    Raises:
        MalformedPayloadError: It is not what its encoding says, or larger than ``max_bytes``.
    """
    unpack = _UNPACK.get(frame.encoding)
    if unpack is None:
        raise MalformedPayloadError(f"a body has the unknown encoding {frame.encoding}")
    return unpack(frame.body, max_bytes)


def _identity(body: bytes, _max_bytes: int) -> bytes:
    return body


def _gunzip(body: bytes, max_bytes: int) -> bytes:
    """gzip may have several members, one after another (RFC 1952, 2.2)."""
    pieces: list[bytes] = []
    left, size = body, 0
    while left:
        member = isal_zlib.decompressobj(_GZIP_WINDOW)
        try:
            while not member.eof:
                pieces.append(member.decompress(left, _STEP))
                size += len(pieces[-1])
                if not pieces[-1] and not member.eof:
                    raise MalformedPayloadError("a gzip body ends too early")
                left = member.unconsumed_tail
                if size > max_bytes:
                    raise MalformedPayloadError(f"a gzip body is larger than {max_bytes} bytes")
        except _ZLIB_ERRORS as error:
            raise MalformedPayloadError(f"a body is no gzip: {error}") from None
        left = member.unused_data
    return b"".join(pieces)


def _unzstd(body: bytes, max_bytes: int) -> bytes:
    """zstd may have several frames as well; its reader passes over a last one that is not whole."""
    if not ends_whole(body):
        raise MalformedPayloadError("a zstd body ends too early, or is none")
    try:
        with zstandard.ZstdDecompressor().stream_reader(body, read_across_frames=True) as reader:
            content = reader.read(max_bytes + 1)
    except zstandard.ZstdError as error:
        raise MalformedPayloadError(f"a body is no zstd: {error}") from None
    if len(content) > max_bytes:
        raise MalformedPayloadError(f"a zstd body is larger than {max_bytes} bytes")
    return content


_UNPACK: Final[dict[int, Callable[[bytes, int], bytes]]] = {
    Encoding.IDENTITY: _identity,
    Encoding.GZIP: _gunzip,
    Encoding.ZSTD: _unzstd,
}
