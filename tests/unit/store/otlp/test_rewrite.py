"""Values that SQL cannot write as text are found and rewritten; everything else is left byte for byte."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from taskscope.errors import MalformedPayloadError
from taskscope.model.resource import Resource, Scope
from taskscope.model.span import Span, SpanEvent, SpanLink
from taskscope.store.otlp.marks import find_marks
from taskscope.store.otlp.rewrite import for_engine
from taskscope.store.otlp.values import read_value
from taskscope.wire.otlp.framing import delimited
from taskscope.wire.otlp.traces import encode_traces
from taskscope.wire.otlp.values import read_value as read_message
from taskscope.wire.otlp.values import write_value

_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.text() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def _span(**members: Any) -> Span:
    return Span(
        bytes(range(16)), bytes(range(8)), b"", "n", 1, 1, 2, members.pop("attributes", {}), Resource()
    )._replace(**members)


@given(_VALUES)
def test_values_read_as_protobuf_reads_them(value: Any) -> None:
    """Any value of any depth is what Protobuf's own decoder makes of it."""
    message = AnyValue()
    write_value(message, value)
    assert repr(read_value(message.SerializeToString())) == repr(read_message(message))


@given(st.binary(max_size=60))
def test_damaged_values_end_in_one_error(data: bytes) -> None:
    """Bytes that are no value raise nothing else."""
    with suppress(MalformedPayloadError):
        read_value(data)


def test_plain_bodies_are_only_framed() -> None:
    """Strings, numbers in the middle of their range, truth values and bytes need nothing."""
    plain = {"s": "x", "i": -1, "b": True, "d": 1.5, "z": 0.0, "y": b"\x12\x04\x2a\x02", "e": ""}
    bodies = [encode_traces([_span(attributes=plain)]), encode_traces([])]
    assert for_engine(bodies) == delimited(bodies)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([], b"[]"), ({"a": [1, None]}, b'{"a":[1,null]}'), (1e16, b"1e+16"), (5e-5, b"5e-05"), (float("nan"), b"NaN"),
        (["x" * 200], b'["' + b"x" * 200 + b'"]'), (["x" * 20_000], b'["' + b"x" * 20_000 + b'"]'),
    ],
)  # fmt: skip
def test_values_become_text_wherever_they_are(value: Any, text: bytes) -> None:
    """In resource, scope, span, event and link; the text has a field of its own, and lengths around it are right."""
    attributes = {"before": 1, "k": value, "after": "x"}
    span = _span(
        attributes=attributes,
        resource=Resource(attributes),
        scope=Scope("s", "1", attributes),
        events=[SpanEvent(1, "e", attributes)],
        links=[SpanLink(b"", b"", "", attributes)],
    )
    body, other = encode_traces([_span(), span, _span()]), encode_traces([_span(attributes={"k": "v"})])
    written = for_engine([other, body, other])

    member = b"\x7a" + delimited([text])
    assert written.count(b"\x12" + delimited([member])) == 5
    assert written.startswith(delimited([other]))
    assert written.endswith(delimited([other]))
    assert len(find_marks(written)) == 0


@given(st.lists(st.binary(max_size=80), max_size=4))
def test_any_bytes_are_framed_or_refused(bodies: list[bytes]) -> None:
    """What is no request is passed on, for the engine to refuse, or refused here."""
    with suppress(MalformedPayloadError):
        for_engine(bodies)
