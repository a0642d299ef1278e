"""Rows are counted without decoding; that the count is right is among the properties and captures."""

import pytest
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric, MetricsData, ScopeMetrics

from taskscope.errors import MalformedPayloadError
from taskscope.model.batch import Signal
from taskscope.wire.otlp.count import count_rows
from tests.unit.wire.otlp.codecs import METRICS, capture


def test_invalid_rows_and_unreadable_text_are_counted() -> None:
    """Only frames are looked at: a span whose name is not UTF-8 counts."""
    span = b"\x2a\x01\xff"
    scope = b"\x12" + bytes([len(span)]) + span
    resource = b"\x12" + bytes([len(scope)]) + scope

    assert count_rows(Signal.SPANS, b"\x0a" + bytes([len(resource)]) + resource) == 1


@pytest.mark.parametrize("signal", [Signal.SPANS, Signal.LOGS, Signal.METRICS])
@pytest.mark.parametrize(
    "body", [b"\x0a", b"\x0a\x05\x12", b"\x0a\x04\x12\x02\x12\x01", b"\x07", b'{"resourceSpans":[]}']
)
def test_body_that_is_not_framed_is_malformed(signal: Signal, body: bytes) -> None:
    """Lengths beyond the end, wire types that do not exist, and JSON sent by mistake."""
    with pytest.raises(MalformedPayloadError):
        count_rows(signal, body)


def test_of_two_kinds_of_data_the_last_counts() -> None:
    """A metric has one kind; of a body that names two, Protobuf's decoder keeps the second, and so does the count."""
    points = b"\x0a\x00"
    metric = b"\x2a\x02" + points + b"\x3a\x04" + points + points
    body = MetricsData(resource_metrics=[{"scope_metrics": [ScopeMetrics(metrics=[Metric.FromString(metric)])]}])  # type: ignore[list-item]  # a dict is a message
    raw = body.SerializeToString()
    twice = b"\x0a\x0e\x12\x0c\x12\x0a" + metric

    assert count_rows(Signal.METRICS, raw) == count_rows(Signal.METRICS, twice) == len(METRICS.decode(twice).rows) == 2


def test_changes_are_no_signal_of_otlp() -> None:
    """Only the three signals can be counted."""
    with pytest.raises(ValueError, match="changes"):
        count_rows(Signal.CHANGES, capture("python_http_02_v1_traces.pb").body)
