"""Bodies as they were before their senders compressed them, and never more of them than allowed."""

import contextlib
import gzip
import tracemalloc
import zlib
from collections.abc import Callable

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from taskscope.errors import MalformedPayloadError
from taskscope.pipeline import unpack
from taskscope.pipeline.unpack import uncompressed
from taskscope.spool.frame import Encoding, Frame, Kind


def stream_zstd(content: bytes) -> bytes:
    """Compress as a stream: its frame does not say how long it is."""
    compressor = zstandard.ZstdCompressor(write_checksum=True).compressobj()
    return compressor.compress(content) + compressor.flush()


COMPRESS: dict[Encoding, list[Callable[[bytes], bytes]]] = {
    Encoding.GZIP: [gzip.compress, lambda content: gzip.compress(content, 0)],
    Encoding.ZSTD: [zstandard.compress, stream_zstd],
}
CONTENTS = st.one_of(
    st.binary(max_size=300),
    st.builds(lambda unit, times: unit * times, st.binary(min_size=1, max_size=20), st.integers(1, 200_000)),
)


def frame(body: bytes, encoding: int) -> Frame:
    """Return a frame with a compressed body."""
    return Frame(Kind.OTLP_LOGS_PROTOBUF, 7, body, encoding)


@given(st.data(), st.sampled_from(list(COMPRESS)), st.lists(CONTENTS, min_size=1, max_size=3))
def test_body_is_what_was_compressed(data: st.DataObject, encoding: Encoding, contents: list[bytes]) -> None:
    """In one member or frame, or in several, one after another."""
    body = b"".join(data.draw(st.sampled_from(COMPRESS[encoding]))(each) for each in contents)

    assert uncompressed(frame(body, encoding)) == b"".join(contents)


@pytest.mark.parametrize("size", [0, 1, unpack._STEP - 1, unpack._STEP, unpack._STEP + 1, 3 * unpack._STEP])
@pytest.mark.parametrize("encoding", list(COMPRESS))
def test_sizes_around_a_step_are_whole(encoding: Encoding, size: int) -> None:
    """Where output waits inside the library though all input was taken."""
    for compress in COMPRESS[encoding]:
        assert uncompressed(frame(compress(bytes(size)), encoding)) == bytes(size)


@given(st.data(), st.sampled_from(list(COMPRESS)), CONTENTS)
def test_body_that_ends_early_is_refused(data: st.DataObject, encoding: Encoding, content: bytes) -> None:
    """At any byte but between two members: half a request is none."""
    body = data.draw(st.sampled_from(COMPRESS[encoding]))(content)
    end = data.draw(st.integers(1, len(body) - 1))

    with pytest.raises(MalformedPayloadError):
        uncompressed(frame(body[:end], encoding))


@given(st.sampled_from(list(COMPRESS)), st.binary(min_size=1, max_size=200))
def test_any_bytes_are_read_or_refused(encoding: Encoding, body: bytes) -> None:
    """With no other error."""
    for content in (body, COMPRESS[encoding][0](b"x") + body):
        with contextlib.suppress(MalformedPayloadError):
            uncompressed(frame(content, encoding))


@pytest.mark.parametrize("encoding", list(COMPRESS))
def test_bomb_costs_little_more_than_is_allowed(encoding: Encoding) -> None:
    """A few kilobytes that would be a gigabyte; one that is just as long as allowed passes."""
    most = 4 << 20
    bomb = COMPRESS[encoding][0](bytes(64 << 20))
    tracemalloc.start()
    with pytest.raises(MalformedPayloadError, match=f"larger than {most} bytes"):
        uncompressed(frame(bomb, encoding), max_bytes=most)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 3 * most
    assert len(uncompressed(frame(COMPRESS[encoding][0](bytes(most)), encoding), max_bytes=most)) == most


def test_body_that_is_not_compressed_is_itself() -> None:
    """Not even copied."""
    body = b"as it is"

    assert uncompressed(frame(body, Encoding.IDENTITY)) is body


def test_unknown_encoding_is_named() -> None:
    """A spool of a later version may have it."""
    with pytest.raises(MalformedPayloadError, match="unknown encoding 77"):
        uncompressed(frame(b"x", 77))


def test_damaged_checksum_is_refused() -> None:
    """gzip's and zstd's own."""
    body = bytearray(gzip.compress(b"content"))
    body[-5] ^= 1
    assert zlib.crc32(b"content")
    with pytest.raises(MalformedPayloadError, match="no gzip"):
        uncompressed(frame(bytes(body), Encoding.GZIP))
    body = bytearray(stream_zstd(b"content"))
    body[-1] ^= 1
    with pytest.raises(MalformedPayloadError, match="no zstd"):
        uncompressed(frame(bytes(body), Encoding.ZSTD))
