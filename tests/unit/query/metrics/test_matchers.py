"""Conditions on labels."""

import re

import pytest

from taskscope.errors import UsageError
from taskscope.query.metrics.matchers import check_groups, matching, read_matcher
from taskscope.query.metrics.places import Place


@pytest.mark.parametrize(
    ("text", "operator", "value"),
    [
        ("code=200", "=", "200"),
        (" code = 200", "=", " 200"),
        ("code!=200", "!=", "200"),
        ("code=~2..", "match", "^(?s:2..)$"),
        ("code!~a=b|c!d", "NOT match", "^(?s:a=b|c!d)$"),
        ("path==x", "=", "=x"),
        ("http.route=", "=", ""),
    ],
)
def test_a_matcher_is_a_label_an_operator_and_a_value(text: str, operator: str, value: str) -> None:
    """The first operator parts them; expressions are for the whole value."""
    label = re.split(r"[!=]", text)[0].strip()
    condition = matching([read_matcher(text)], {label: Place.OWN})

    assert operator in condition.sql
    assert condition.values == (label, value)


@pytest.mark.parametrize("text", ["", "code", "=200", "~x"])
def test_what_is_no_matcher_is_refused(text: str) -> None:
    """The error shows it, and how to write one."""
    with pytest.raises(UsageError, match="is no condition on a label"):
        read_matcher(text)


def test_no_matcher_lets_everything_through() -> None:
    """It is the empty condition."""
    assert matching([], {}).bound() == ("true", {})


@pytest.mark.parametrize("by", [("a", "a"), ("",), tuple("abcdefghijk")])
def test_labels_to_group_by_are_different_and_few(by: tuple[str, ...]) -> None:
    """One twice would be one label of the answer."""
    with pytest.raises(UsageError, match="group by up to 10 different labels"):
        check_groups(by)
