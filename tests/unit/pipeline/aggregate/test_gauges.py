"""The state of gauges, kept with the cursor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.errors import MalformedPayloadError
from taskscope.pipeline.aggregate.gauges import GaugeKey, GaugeState
from taskscope.wire.statsd.sample import Kind, Series

_texts = st.text(max_size=8)
_series = st.builds(
    Series, _texts, st.just(Kind.GAUGE), st.lists(st.tuples(_texts, _texts), max_size=3).map(tuple), _texts
)


@given(st.dictionaries(st.builds(GaugeKey, _texts, _series), st.floats(allow_nan=False, allow_infinity=False)))
def test_state_that_was_written_is_read_back(values: dict[GaugeKey, float]) -> None:
    """In its order, which says what is forgotten first."""
    state = GaugeState.from_json(GaugeState(values).to_json())

    assert list(state.values.items()) == list(values.items())


@pytest.mark.parametrize("text", ["", "{", "7", "[[1]]", '[["a","b",[],"c","x"]]', "[[[],[],[],[],1]]"])
def test_anything_else_is_malformed(text: str) -> None:
    """A cursor's file may be damaged."""
    with pytest.raises(MalformedPayloadError):
        GaugeState.from_json(text)
