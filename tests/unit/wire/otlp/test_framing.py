"""Messages in one stream, each behind its length."""

from google.protobuf.internal.decoder import _DecodeVarint32  # type: ignore[attr-defined]  # Protobuf's own reader
from hypothesis import given
from hypothesis import strategies as st

from taskscope.wire.otlp.framing import delimited


@given(sizes=st.lists(st.sampled_from([0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152]), max_size=5))
def test_stream_is_read_by_protobufs_own_reader(sizes: list[int]) -> None:
    """Each length is a varint of as few bytes as it takes, and the message follows."""
    bodies = [b"x" * size for size in sizes]

    stream, at, read = delimited(bodies), 0, []
    while at < len(stream):
        size, at = _DecodeVarint32(stream, at)
        read.append(stream[at : at + size])
        at += size

    assert read == bodies


def test_lengths_are_as_the_protocol_writes_them() -> None:
    """The example of Protobuf's documentation: 150 is 96 01."""
    assert delimited([b"x" * 150, b""]) == b"\x96\x01" + b"x" * 150 + b"\x00"
