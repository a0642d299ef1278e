"""Values of all kinds, and what becomes of those that Protobuf cannot hold."""

from typing import Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from taskscope.model.attributes import AttributeValue
from taskscope.model.metric import Datapoint, Exemplar, Metric, MetricKind
from taskscope.model.resource import Resource
from taskscope.wire.otlp.json_metrics import decode_metrics_json
from taskscope.wire.otlp.metrics import decode_metrics, encode_metrics
from taskscope.wire.otlp.rules import MAX_NESTING
from taskscope.wire.otlp.values import read_attributes, read_value, write_value
from tests.unit.wire.otlp.codecs import told
from tests.unit.wire.otlp.messages import otlp_json


def _there_and_back(value: AttributeValue) -> AttributeValue:
    message = AnyValue()
    write_value(message, value)
    return read_value(AnyValue.FromString(message.SerializeToString()))


@pytest.mark.parametrize(
    "value",
    [
        *("", "text", "\x00", True, False, 0, -1, 2**63 - 1, -(2**63), 0.0, -0.0, 1.5, float("nan"), float("-inf")),
        *(b"", b"\x00\xff", None, [], {}, [1, "a", None, [], {"k": []}], {"": {"b": [True, 1.0]}, "n": None}),
    ],
    ids=repr,
)
def test_value_keeps_kind_and_content(value: AttributeValue) -> None:
    """False is not 0, an empty list is not an empty map, nothing is not an empty text."""
    assert told([_there_and_back(value)]) == told([value])


@pytest.mark.parametrize(("value", "text"), [(2**63, "9223372036854775808"), (-(2**70), "-1180591620717411303424")])
def test_integer_of_more_than_64_bits_is_written_as_its_digits(value: int, text: str) -> None:
    """OTLP has no larger integers, and a float would lose digits."""
    assert _there_and_back(value) == text


def test_of_a_key_that_comes_twice_the_last_value_counts() -> None:
    """Attributes are unique by key; a sender that breaks this is not refused."""
    pairs = [KeyValue(key="k", value=AnyValue(int_value=1)), KeyValue(key="k", value=AnyValue(int_value=0))]

    assert read_attributes(pairs) == {"k": 0}


def _nested(levels: int, *, maps: bool) -> AttributeValue:
    value: Any = 7
    for _ in range(levels):
        value = {"k": value} if maps else [value]
    return value  # type: ignore[no-any-return]  # built up from an integer


def _exemplar_with(value: AttributeValue) -> bytes:
    """Write a value at the longest way that OTLP has to one."""
    exemplar = Exemplar(1, 1.0, b"", b"", {"deep": value})
    return encode_metrics([Datapoint(Metric("m", MetricKind.GAUGE), {}, 0, 1.0, Resource(), exemplars=[exemplar])])


@pytest.mark.parametrize("maps", [True, False], ids=["maps", "lists"])
def test_values_nest_as_deep_as_any_receiver_reads(*, maps: bool) -> None:
    """Up to the limit a value comes back in either encoding, even at the end of the longest way."""
    value = _nested(MAX_NESTING, maps=maps)
    body = _exemplar_with(value)

    [point] = decode_metrics(body).rows
    [from_json] = decode_metrics_json(otlp_json(ExportMetricsServiceRequest.FromString(body))).rows

    assert point.exemplars[0].attributes == from_json.exemplars[0].attributes == {"deep": value}


@pytest.mark.parametrize(("maps", "text"), [(True, '{"k":{"k":7}}'), (False, "[[7]]")], ids=["maps", "lists"])
def test_what_nests_deeper_is_written_as_json(*, maps: bool, text: str) -> None:
    """Rows of other origin may nest deeper than Protobuf's readers go; nothing of them is lost."""
    [point] = decode_metrics(_exemplar_with(_nested(MAX_NESTING + 2, maps=maps))).rows

    value = point.exemplars[0].attributes["deep"]
    for _ in range(MAX_NESTING):
        value = value["k" if maps else 0]  # type: ignore[index]  # maps or lists all the way
    assert value == text
