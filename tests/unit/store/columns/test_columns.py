"""Rows become columns: texts as the model writes them, times within bounds, shared things once."""

from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]  # it has no types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.errors import MalformedPayloadError
from taskscope.model.attributes import attribute_text
from taskscope.model.resource import Resource
from taskscope.store.columns.arrays import Shared, ids, lists, maps, text, times
from taskscope.store.columns.json_text import json_text
from taskscope.store.columns.spans import span_columns
from taskscope.store.columns.tables import columns_of
from tests.contract.store.rows import span

_SCALARS = (
    st.none()
    | st.text()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.binary()
    | st.lists(st.integers() | st.text() | st.booleans() | st.sampled_from([0.0, -0.0]))
)


@given(_SCALARS)
def test_text_is_the_models(value: Any) -> None:
    """The short way for common types writes what the model writes."""
    assert text(value) == attribute_text(value)


def test_resource_text_escapes_as_the_engine_does() -> None:
    """Control characters in uppercase hex, line separators escaped, slashes and other letters as they are."""
    assert json_text({"a/b": '\x1f\n"\\\u2028é', "n": 1}) == '{"a/b":"\\u001F\\n\\"\\\\\\u2028é","n":"1"}'
    assert json_text({}) == "{}"


def test_times_are_bounded() -> None:
    """Before 1970 is 1970, after 2099 is the year 2100."""
    assert times([-5, 7, 2**70]).cast(pa.int64()).to_pylist() == [0, 7, 4_102_444_800_000_000_000]


def test_ids_have_their_length() -> None:
    """An empty id is zeros; one of another length names itself in the error."""
    assert ids([b"", b"\x01" * 8], 8).to_pylist() == [bytes(8), b"\x01" * 8]
    with pytest.raises(MalformedPayloadError, match="0102"):
        ids([b"\x01\x02"], 8)


def test_maps_and_lists_keep_their_rows() -> None:
    """Rows without elements stay empty between those with some."""
    assert maps([{"a": 1}, {}, {"b": "x", "c": None}]).to_pylist() == [[("a", "1")], [], [("b", "x"), ("c", "")]]
    assert lists([[1], [], [2, 3]], pa.array).to_pylist() == [[1], [], [2, 3]]


def test_equal_texts_of_different_objects_are_one() -> None:
    """A dictionary says nothing twice, though resources are told apart by identity."""
    one, same, other = Resource({"a": 1}), Resource({"a": 1}), Resource({"a": 2})
    column = Shared([one, same, other, one]).texts(lambda each: json_text(each.attributes))

    assert len(column.dictionary) == 2
    assert column.to_pylist() == ['{"a":"1"}', '{"a":"1"}', '{"a":"2"}', '{"a":"1"}']


def test_span_columns_have_a_row_for_each_span() -> None:
    """Times, duration and names are in their columns."""
    table = span_columns([span(0), span(1, duration_ns=9)])

    assert table.num_rows == 2
    assert table["Duration"].to_pylist() == [5_000_000, 9]
    assert table["SpanName"].to_pylist() == ["operation 0", "operation 1"]


@pytest.mark.parametrize("wrong", [{"flags": -1}, {"kind": 2**40}, {"name": "\ud800"}, {"attributes": {"k": object()}}])
def test_what_fits_no_column_is_bad_data(wrong: dict[str, Any]) -> None:
    """Numbers that are too large, halves of surrogate pairs and things that are no attributes raise one error."""
    with pytest.raises(MalformedPayloadError, match="spans"):
        columns_of("spans", [span()._replace(**wrong)])
