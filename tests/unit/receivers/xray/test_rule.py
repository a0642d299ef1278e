"""Sampling rules are read strictly, from tables and from documents."""

from typing import Any

import pytest
from botocore import validate
from botocore.session import get_session
from hypothesis import given
from hypothesis import strategies as st

from taskscope.clock import SECOND
from taskscope.errors import UsageError
from taskscope.receivers.xray.rule import Rule, read_rules

_GOOD: dict[str, Any] = {"rule_name": "checkout", "priority": 50, "fixed_rate": 0.2, "reservoir_size": 5}
_SHAPE = get_session().get_service_model("xray").shape_for("SamplingRule")
_texts = st.text(min_size=1, max_size=10)


def test_table_and_document_read_alike() -> None:
    """What a person writes and what the API sends is the same rule."""
    table = _GOOD | {"service_name": "shop-*", "http_method": "POST", "url_path": "/orders*"}
    document = {
        "RuleName": "checkout", "Priority": 50, "FixedRate": 0.2, "ReservoirSize": 5, "ServiceName": "shop-*",
        "HTTPMethod": "POST", "URLPath": "/orders*", "Version": 1, "RuleARN": "arn:aws:xray:::x",
    }  # fmt: skip

    assert Rule.read(table, now=7) == Rule.read(document, now=7)


@given(
    st.builds(
        Rule,
        rule_name=_texts.filter(lambda name: name != "Default"),
        priority=st.integers(1, 9999),
        fixed_rate=st.floats(0, 1),
        reservoir_size=st.integers(0, 1000),
        host=_texts,
        attributes=st.dictionaries(_texts, _texts, max_size=5),
        created_ns=st.just(9),
        modified_ns=st.just(9),
    )
)
def test_document_reads_back(rule: Rule) -> None:
    """A rule survives its way to a client of the API and back, and fits the service model."""
    assert Rule.read(rule.document(), now=9) == rule
    assert not validate.ParamValidator().validate(rule.document(), _SHAPE).has_errors()


def test_record_gives_seconds() -> None:
    """Times of the API are seconds since the epoch."""
    record = Rule.read(_GOOD, now=1_710_000_000 * SECOND + SECOND // 2).record()

    assert (record["CreatedAt"], record["ModifiedAt"]) == (1_710_000_000.5, 1_710_000_000.5)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"rule_name": ""}, "rule_name ''"),
        ({"rule_name": "x" * 33}, "rule_name"),
        ({"priority": 0}, "priority 0"),
        ({"priority": 10_000}, "priority 10000"),
        ({"priority": True}, "priority True"),
        ({"priority": "1"}, "priority '1'"),
        ({"fixed_rate": 1.1}, "fixed_rate 1.1"),
        ({"fixed_rate": -0.1}, "fixed_rate -0.1"),
        ({"fixed_rate": float("nan")}, "fixed_rate nan"),
        ({"reservoir_size": -1}, "reservoir_size -1"),
        ({"reservoir_size": 1.5}, "reservoir_size 1.5"),
        ({"host": "x" * 65}, "host"),
        ({"service_name": 7}, "service_name 7"),
        ({"http_method": "x" * 11}, "http_method"),
        ({"url_path": "x" * 129}, "url_path"),
        ({"attributes": {"x" * 33: "y"}}, "attributes"),
        ({"attributes": dict.fromkeys("abcdef", "y")}, "attributes"),
        ({"attributes": [1]}, "attributes"),
        ({"rule_name": "Default", "priority": 5}, "priority 5"),
        ({"prority": 5}, "'prority'"),
    ],
)
def test_wrong_value_is_named(wrong: dict[str, Any], named: str) -> None:
    """The error names the rule, the key and the value."""
    table = _GOOD | wrong
    with pytest.raises(UsageError, match="sampling rule") as raised:
        Rule.read(table, now=0)

    assert named in str(raised.value)
    assert repr(table["rule_name"]) in str(raised.value)


@pytest.mark.parametrize("missing", sorted(_GOOD))
def test_missing_value_is_named(missing: str) -> None:
    """Name, priority, rate and reservoir have no default."""
    table = {key: value for key, value in _GOOD.items() if key != missing}

    with pytest.raises(UsageError, match=f"{missing} is missing"):
        Rule.read(table, now=0)


def test_two_of_one_name_are_refused() -> None:
    """Statistics go by name."""
    with pytest.raises(UsageError, match="'checkout': there are two"):
        read_rules([_GOOD, _GOOD], now=0)


@pytest.mark.parametrize("tables", [_GOOD, ["checkout"], "checkout", 7])
def test_anything_but_tables_is_refused_with_the_remedy(tables: Any) -> None:
    """``[xray.rule]`` in the file is one table and no list."""
    with pytest.raises(UsageError, match=r"\[\[xray.rule\]\]"):
        read_rules(tables, now=0)
