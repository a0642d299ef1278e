"""What holds for any request that the protocol can say, of every signal."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskscope.wire.otlp.count import count_rows
from tests.unit.wire.otlp.codecs import CODECS, Codec, told
from tests.unit.wire.otlp.messages import messages, otlp_json

each_codec = pytest.mark.parametrize("codec", CODECS, ids=[codec.signal.value for codec in CODECS])
requests_are_large = settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


@each_codec
@requests_are_large
@given(data=st.data(), enum_names=st.booleans())
def test_json_says_the_same_as_protobuf(codec: Codec, data: st.DataObject, *, enum_names: bool) -> None:
    """One request in both encodings makes the same rows and the same reasons."""
    request = data.draw(messages(codec.request))
    expected = codec.decode(request.SerializeToString())

    decoded = codec.decode_json(otlp_json(request, enum_names=enum_names))

    assert told(decoded.rows) == told(expected.rows)
    assert list(decoded.invalid) == list(expected.invalid)


@each_codec
@requests_are_large
@given(data=st.data())
def test_rows_survive_the_way_to_bytes_and_back(codec: Codec, data: st.DataObject) -> None:
    """Written rows read as the same rows; metrics that say the same come together, so order is not compared."""
    rows = codec.decode(data.draw(messages(codec.request)).SerializeToString()).rows

    again = codec.decode(codec.encode(rows))

    assert sorted(told(again.rows)) == sorted(told(rows))
    assert not again.invalid


@each_codec
@requests_are_large
@given(data=st.data())
def test_count_is_what_decoding_finds(codec: Codec, data: st.DataObject) -> None:
    """Rows are counted without decoding, the invalid ones too."""
    body = data.draw(messages(codec.request)).SerializeToString()
    decoded = codec.decode(body)

    assert count_rows(codec.signal, body) == len(decoded.rows) + len(decoded.invalid)
