"""Decompression within bounds."""

import gzip

import pytest
import zstandard

from taskscope.errors import MalformedPayloadError
from taskscope.wire.fluent.inflate import inflate


def _compress(content: bytes, compression: str) -> bytes:
    return gzip.compress(content, mtime=0) if compression == "gzip" else zstandard.compress(content)


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
@pytest.mark.parametrize("parts", [[b"one"], [b"one", b"", b"two" * 30_000], [b"x"] * 5_000, [b""]])
def test_members_are_joined(compression: str, parts: list[bytes]) -> None:
    """A sender's buffer appends one member for each write."""
    data = b"".join(_compress(part, compression) for part in parts)

    assert inflate(data, compression, 100_000) == b"".join(parts)


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_limit_is_of_all_members_together(compression: str) -> None:
    """Up to it and no byte more."""
    data = _compress(bytes(600), compression) + _compress(bytes(400), compression)

    assert inflate(data, compression, 1000) == bytes(1000)
    with pytest.raises(MalformedPayloadError, match="larger than 999 bytes"):
        inflate(data, compression, 999)


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_bomb_is_refused_before_it_grows(compression: str) -> None:
    """A hundred megabytes of zeros in little."""
    with pytest.raises(MalformedPayloadError, match="larger than"):
        inflate(_compress(bytes(100_000_000), compression), compression, 1_000_000)


@pytest.mark.parametrize(
    ("data", "compression"),
    [
        (b"", "gzip"),
        (b"rubbish", "gzip"),
        (gzip.compress(b"content" * 100, mtime=0)[:-4], "gzip"),
        (gzip.compress(b"content", mtime=0) + b"rubbish", "gzip"),
        (gzip.compress(b"content", mtime=0)[:-8] + bytes(8), "gzip"),
        (b"rubbish", "zstd"),
        (b"", "lz4"),
    ],
)
def test_anything_else_is_malformed(data: bytes, compression: str) -> None:
    """Nothing, rubbish, a cut end, a rest, a wrong checksum, a compression that we do not know."""
    with pytest.raises(MalformedPayloadError):
        inflate(data, compression, 1_000_000)
