"""Spans written as OTLP/JSON."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskscope.wire.otlp.json_spans import traces_document
from taskscope.wire.otlp.json_traces import decode_traces_json
from tests.unit.wire.otlp.codecs import CAPTURES, TRACES, Capture, told
from tests.unit.wire.otlp.messages import messages

_TRACES = [each for each in CAPTURES if each.codec is TRACES]


@pytest.mark.parametrize("capture", _TRACES, ids=[each.file for each in _TRACES])
def test_captured_spans_survive_the_way_to_json_and_back(capture: Capture) -> None:
    """Types of attributes too."""
    rows = capture.decode(capture.body).rows
    assert told(decode_traces_json(json.dumps(traces_document(rows)).encode()).rows) == told(rows)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_any_spans_survive_the_way_to_json_and_back(data: st.DataObject) -> None:
    """Bytes, lists, maps, numbers that are none."""
    rows = TRACES.decode(data.draw(messages(TRACES.request)).SerializeToString()).rows
    again = decode_traces_json(json.dumps(traces_document(rows)).encode())
    assert sorted(told(again.rows)) == sorted(told(rows))
    assert not again.invalid


def test_nothing_is_an_empty_request() -> None:
    """No resources."""
    assert traces_document([]) == {"resourceSpans": []}
