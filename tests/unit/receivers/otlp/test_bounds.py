"""Compressed bodies are checked without keeping what comes out."""

import asyncio
import gzip
import tracemalloc
from collections.abc import Callable

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from taskscope.receivers.otlp import bounds
from taskscope.receivers.otlp.refusal import FRAMING, SIZE, RefusedError
from taskscope.spool.frame import Encoding

_BOTH: dict[Encoding, Callable[[bytes], bytes]] = {Encoding.GZIP: gzip.compress, Encoding.ZSTD: zstandard.compress}
_encodings = st.sampled_from(sorted(_BOTH))


def _check(body: bytes, encoding: Encoding, limit: int = 1 << 20) -> int:
    return asyncio.run(bounds.check(body, encoding, limit))


def _why(body: bytes, encoding: Encoding, limit: int = 1 << 20) -> object:
    with pytest.raises(RefusedError) as refused:
        _check(body, encoding, limit)
    return refused.value.reason


@given(st.lists(st.binary(max_size=3000), min_size=1, max_size=4), _encodings)
def test_size_is_that_of_all_members(parts: list[bytes], encoding: Encoding) -> None:
    """A body of several members is as large as all of them."""
    body = b"".join(_BOTH[encoding](part) for part in parts)

    assert _check(body, encoding) == sum(map(len, parts))


@given(st.binary(min_size=1, max_size=2000), _encodings, st.data())
def test_cut_body_is_refused(content: bytes, encoding: Encoding, data: st.DataObject) -> None:
    """A body that ends too early is no body, wherever it ends."""
    body = _BOTH[encoding](content)

    assert _why(body[: data.draw(st.integers(1, len(body) - 1))], encoding) is FRAMING


@pytest.mark.parametrize("encoding", sorted(_BOTH))
@pytest.mark.parametrize("body", [b"hello", b"\x0a\x00" * 100, b"\x1f\x8b\x08\x00" + b"\xff" * 40])
def test_other_bytes_are_refused(encoding: Encoding, body: bytes) -> None:
    """What is not of its encoding is refused, and so is anything behind it."""
    assert _why(body, encoding) is FRAMING
    assert _why(_BOTH[encoding](b"fine") + b"more", encoding) is FRAMING


def test_wrong_checksum_is_refused() -> None:
    """A body that was damaged on its way is not kept."""
    body = bytearray(gzip.compress(b"content" * 10))
    body[-5] ^= 1

    assert _why(bytes(body), Encoding.GZIP) is FRAMING


@pytest.mark.parametrize("encoding", sorted(_BOTH))
def test_limit_is_exact(encoding: Encoding) -> None:
    """The limit itself is allowed, one byte more is not."""
    body = _BOTH[encoding](b"\0" * 5000)

    assert _check(body, encoding, 5000) == 5000
    assert _why(body, encoding, 4999) is SIZE


@pytest.mark.parametrize("encoding", sorted(_BOTH))
def test_bomb_takes_little_memory(encoding: Encoding) -> None:
    """64 MiB of zeros are never in memory together: some 22 MiB are."""
    body = _BOTH[encoding](b"\0" * (64 << 20))
    tracemalloc.start()
    assert _check(body, encoding, 1 << 30) == 64 << 20
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 48 << 20


def test_many_small_members_are_refused() -> None:
    """A body of thousands of empty members would cost a decoder each."""
    assert _why(gzip.compress(b"") * 2000, Encoding.GZIP) is SIZE


def test_window_beyond_what_decoders_support_is_refused() -> None:
    """A sender cannot make the decoder hold a window of 128 MiB."""
    wide = zstandard.ZstdCompressionParameters.from_level(3, window_log=27)
    writer = zstandard.ZstdCompressor(compression_params=wide).compressobj()
    body = writer.compress(b"\0" * 1000) + writer.flush()

    assert _why(body, Encoding.ZSTD) is FRAMING
