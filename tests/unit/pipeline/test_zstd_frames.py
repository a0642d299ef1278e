"""Where zstd's frames end: the walk agrees with what the library writes."""

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from taskscope.pipeline.zstd_frames import ends_whole

SKIPPABLE = (0x184D2A53).to_bytes(4, "little") + (3).to_bytes(4, "little") + b"abc"
COMPRESSORS = st.builds(
    zstandard.ZstdCompressor,
    level=st.sampled_from([1, 3, 19]),
    write_checksum=st.booleans(),
    write_content_size=st.booleans(),
)


@given(COMPRESSORS, st.binary(max_size=400), st.integers(1, 1000), st.sampled_from([b"", SKIPPABLE]))
def test_whole_frames_end_whole(compressor: zstandard.ZstdCompressor, content: bytes, times: int, more: bytes) -> None:
    """With and without their optional fields, and beside frames that are to be skipped."""
    body = compressor.compress(content * times) + more

    assert ends_whole(body)
    assert ends_whole(body + body)
    assert not ends_whole(body[:-1])
    assert not ends_whole(body + b"\0")


@pytest.mark.parametrize("body", [b"", SKIPPABLE])
def test_nothing_is_whole(body: bytes) -> None:
    """No frame at all, and one without content."""
    assert ends_whole(body)


@given(st.binary(min_size=1, max_size=100))
def test_other_bytes_are_no_frames(body: bytes) -> None:
    """Without the magic number."""
    assert not ends_whole(b"\x01" + body)
