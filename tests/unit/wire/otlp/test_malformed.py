"""No bytes make a decoder fail otherwise than by saying that they are malformed."""

import json
import random
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.errors import MalformedPayloadError
from taskscope.wire.otlp.count import count_rows
from tests.unit.wire.otlp.codecs import CAPTURES, CODECS, Capture, Codec

each_codec = pytest.mark.parametrize("codec", CODECS, ids=[codec.signal.value for codec in CODECS])
each_capture = pytest.mark.parametrize("capture", CAPTURES, ids=[each.file for each in CAPTURES])

_JSON_KEYS = ["resourceSpans", "scopeSpans", "spans", "resource", "attributes", "key", "value", "kvlistValue", "values"]


def _read(capture: Capture, body: bytes) -> bool:
    """Decode and count; return whether the body was refused."""
    if not capture.is_json:
        try:
            count_rows(capture.codec.signal, body)
        except MalformedPayloadError:
            with pytest.raises(MalformedPayloadError):
                capture.decode(body)
            return True
    try:
        capture.decode(body)
    except MalformedPayloadError:
        return True
    return False


@each_capture
def test_truncated_capture_is_refused_or_read(capture: Capture) -> None:
    """Cut anywhere, a body is malformed or holds fewer rows; what is not even framed does not decode either."""
    offsets = range(1, len(capture.body), 1 + len(capture.body) // 150)

    refused = [offset for offset in offsets if _read(capture, capture.body[:offset])]

    assert len(refused) >= len(offsets) - 1  # the first body in a JSON capture, or a lone tag's end, may happen to read


@each_capture
def test_damaged_capture_is_refused_or_read(capture: Capture) -> None:
    """A few bytes changed make a body malformed or other rows."""
    random_bytes = random.Random(capture.file)  # noqa: S311 (the same damage each time, not a secret)
    for _ in range(100):
        body = bytearray(capture.body)
        for _ in range(random_bytes.randint(1, 4)):
            body[random_bytes.randrange(len(body))] = random_bytes.randrange(256)
        _read(capture, bytes(body))


@each_codec
@given(body=st.binary(max_size=200))
def test_rubbish_is_refused_or_read(codec: Codec, body: bytes) -> None:
    """Bytes that nobody meant do no harm in either encoding."""
    for read in (codec.decode, codec.decode_json, lambda body: count_rows(codec.signal, body)):
        with suppress(MalformedPayloadError):
            read(body)


@each_codec
@given(
    document=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(_JSON_KEYS), inner, max_size=3),
    )
)
def test_json_of_another_shape_is_refused_or_read(codec: Codec, document: Any) -> None:
    """JSON whose values have other types than OTLP's is malformed, not an accident."""
    try:
        codec.decode_json(json.dumps(document).encode())
    except MalformedPayloadError:
        return
    assert isinstance(document, dict)


@pytest.mark.parametrize("opening", [b"[", b'{"resourceSpans":', b'{"unknown":['])
@each_codec
def test_json_nested_without_end_is_refused(codec: Codec, opening: bytes) -> None:
    """A hundred thousand levels exhaust no stack."""
    with pytest.raises(MalformedPayloadError):
        codec.decode_json(opening * 100_000)


@each_codec
def test_text_that_is_not_utf8_is_refused(codec: Codec) -> None:
    """Protobuf's strings are UTF-8: the whole request is malformed where a schema URL is not."""
    body = b"\x0a\x03\x1a\x01\xff"

    assert count_rows(codec.signal, body) == 0
    with pytest.raises(MalformedPayloadError, match="5 bytes"):
        codec.decode(body)


@each_codec
def test_empty_request_has_no_rows(codec: Codec) -> None:
    """Exporters may send nothing, which is no error."""
    assert codec.decode(b"").rows == []
    assert codec.decode_json(b"{}").rows == []
    assert count_rows(codec.signal, b"") == 0
