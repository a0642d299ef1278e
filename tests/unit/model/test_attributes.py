"""Attributes as text, as the store keeps them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.model.attributes import AttributeValue, attribute_text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("as it is", "as it is"),
        ("", ""),
        (None, ""),
        (True, "true"),
        (False, "false"),
        (7, "7"),
        (-(2**63), "-9223372036854775808"),
        (1.5, "1.5"),
        (2.0, "2.0"),
        (b"\x00\xff", "AP8="),
        (["a", 1, None], '["a",1,null]'),
        (("a", b"\x00"), '["a","AA=="]'),
        ({"k\u00e9y": [True]}, '{"k\u00e9y":[true]}'),
        ({"in": {"side": b"\xff"}}, '{"in":{"side":"/w=="}}'),
    ],
)
def test_value_has_one_text(value: AttributeValue, expected: str) -> None:
    """Compact JSON, but a text is itself; characters beyond ASCII stay readable."""
    assert attribute_text(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(float("nan"), "NaN"), (float("inf"), "Infinity"), (float("-inf"), "-Infinity")]
)
def test_number_that_is_none_has_its_protobuf_name(value: float, expected: str) -> None:
    """The names of Protobuf's JSON form."""
    assert attribute_text(value) == expected


def test_what_is_no_attribute_value_is_refused() -> None:
    """A mistake of the program, not of a sender."""
    wrong: Any = {1, 2}

    with pytest.raises(TypeError, match="set is no attribute value"):
        attribute_text(wrong)


_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.lists(_VALUES) | st.dictionaries(st.text(), _VALUES))
def test_lists_and_maps_are_json(value: Any) -> None:
    """Whatever is in them."""
    assert json.loads(attribute_text(value)) == value
