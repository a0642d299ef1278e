"""Compressed bodies: whole, and not too large when decompressed. What comes out is counted and let go."""

import asyncio
from collections.abc import Callable
from typing import Any, Final, NamedTuple, cast

import zstandard
from isal import isal_zlib

from taskscope.receivers.otlp.refusal import FRAMING, SIZE, RefusedError
from taskscope.spool.frame import Encoding

_GZIP: Final = 31
"""``wbits``: a gzip header and the largest window."""
_MAX_WINDOW_BYTES: Final = 8 << 20
"""What decoders of Zstandard are asked to support (RFC 8878, 3.1.1.1.2); a sender could ask for 2 GiB."""
_MAX_MEMBERS: Final = 1024
"""Members of one gzip body, frames of a Zstandard one: each costs a new decoder, and may be as small as 20 bytes."""
_INLINE_BYTES: Final = 128 << 10
"""A larger body is checked on another thread: isal reads 128 KiB in about 1 ms."""


class _Codec(NamedTuple):
    decoder: Callable[[], Any]
    slice_bytes: int
    """As much as is decompressed at once: its output is at most 16 MiB for gzip (1032 times), 22 MiB for Zstandard
    (three bytes make a block of 128 KiB)."""


_CODECS: Final = {
    Encoding.GZIP: _Codec(lambda: isal_zlib.decompressobj(wbits=_GZIP), 16 << 10),
    Encoding.ZSTD: _Codec(
        lambda: zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW_BYTES).decompressobj(), 512
    ),
}  # fmt: skip


_ERRORS: Final[tuple[type[Exception], ...]] = (cast("type[Exception]", isal_zlib.error), zstandard.ZstdError)
"""isal's types call its exception class an instance."""


async def check(body: bytes, encoding: Encoding, limit: int) -> int:
    """
    Return the decompressed size of a body.

    Raises:
        RefusedError: It is larger than ``limit``, or the body is no whole stream of its encoding.
    """
    if encoding is Encoding.IDENTITY or not body:
        return len(body)
    if len(body) > _INLINE_BYTES:
        return await asyncio.to_thread(_decompressed_bytes, body, encoding, limit)
    return _decompressed_bytes(body, encoding, limit)


def _decompressed_bytes(body: bytes, encoding: Encoding, limit: int) -> int:
    codec = _CODECS[encoding]
    decoder, members, total = codec.decoder(), 1, 0
    for start in range(0, len(body), codec.slice_bytes):
        rest = body[start : start + codec.slice_bytes]
        while rest:
            if decoder.eof:
                decoder, members = codec.decoder(), members + 1
            total += len(_decompress(decoder, rest, encoding))
            if total > limit or members > _MAX_MEMBERS:
                raise RefusedError(SIZE, f"the request is larger than {limit} bytes when decompressed")
            rest = decoder.unused_data if decoder.eof else b""
    if not decoder.eof:
        raise RefusedError(FRAMING, f"the {encoding.name.lower()} body ends too early")
    return total


def _decompress(decoder: Any, rest: bytes, encoding: Encoding) -> bytes:
    try:
        decompressed: bytes = decoder.decompress(rest)
    except _ERRORS as error:
        raise RefusedError(FRAMING, f"the body is no {encoding.name.lower()}: {error}") from None
    return decompressed
