"""The hand-made Status is what Google's classes read."""

import json

from google.rpc import error_details_pb2, status_pb2  # type: ignore[import-untyped] # it ships no types
from hypothesis import given
from hypothesis import strategies as st

from taskscope.receivers.otlp.refusal import Status

_codes = st.integers(0, 16)


@given(_codes, st.text(), st.none() | st.integers(0, 2**62))
def test_status_reads_back(code: int, message: str, retry_ns: int | None) -> None:
    """Code, message and delay survive, whatever they are."""
    encodable = message.encode("utf-8", "replace").decode()

    read = status_pb2.Status.FromString(Status(code, encodable, retry_ns).protobuf())

    assert (read.code, read.message, len(read.details)) == (code, encodable, int(retry_ns is not None))
    if retry_ns is not None:
        info = error_details_pb2.RetryInfo()
        assert read.details[0].Unpack(info)
        assert info.retry_delay.seconds * 10**9 + info.retry_delay.nanos == retry_ns


@given(_codes, st.text())
def test_json_says_the_same(code: int, message: str) -> None:
    """A sender of JSON gets code and message."""
    assert json.loads(Status(code, message).json()) == {"code": code, "message": message}
