"""Decompression within bounds: gzip with any number of members, and Zstandard."""

from typing import Final

import zstandard
from isal import isal_zlib

from taskscope.errors import MalformedPayloadError

_SLICE: Final = 16_384
"""Bytes offered at once: what follows a member is copied for each member, so slices keep many small ones linear."""
_GZIP: Final = 31
"""zlib's window bits for gzip's own header and checksum."""


def inflate(data: bytes, compression: str, limit_bytes: int) -> bytes:
    """
    Decompress ``gzip`` or ``zstd``.

    Raises:
        MalformedPayloadError: The data is not whole, not of that kind, or larger than the limit.
    """
    try:
        if compression == "gzip":
            return _gunzip(data, limit_bytes)
        if compression == "zstd":
            return _unzstd(data, limit_bytes)
    except (isal_zlib.error, zstandard.ZstdError) as error:  # type: ignore[misc]  # its stub calls a class an object
        raise MalformedPayloadError(f"the entries are no {compression}: {error}") from None
    raise MalformedPayloadError(f"the compression {compression[:32]!r} is not known")


def _gunzip(data: bytes, limit_bytes: int) -> bytes:
    parts: list[bytes] = []
    left = limit_bytes
    member = isal_zlib.decompressobj(wbits=_GZIP)
    for start in range(0, len(data), _SLICE):
        rest = data[start : start + _SLICE]
        while rest:
            if member.eof:
                member = isal_zlib.decompressobj(wbits=_GZIP)
            part = member.decompress(rest, left + 1)
            left -= len(part)
            if left < 0:
                raise _too_large(limit_bytes)
            parts.append(part)
            rest = member.unused_data if member.eof else member.unconsumed_tail
    if not member.eof:
        raise MalformedPayloadError("the gzip data ends too early")
    return b"".join(parts)


def _unzstd(data: bytes, limit_bytes: int) -> bytes:
    with zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True) as reader:
        content = reader.read(limit_bytes + 1)
    if len(content) > limit_bytes:
        raise _too_large(limit_bytes)
    return content


def _too_large(limit_bytes: int) -> MalformedPayloadError:
    return MalformedPayloadError(f"the entries are larger than {limit_bytes} bytes when decompressed")
