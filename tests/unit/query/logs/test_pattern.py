"""JSON patterns over records that receivers took apart."""

import json

import pytest

from taskscope.model.log_line import LogLine
from taskscope.query.logs.pattern import event_of, plan_pattern


def line(body: str, **attributes: str) -> LogLine:
    """Return a line; two underscores in a name are a dot."""
    return LogLine(
        "", 0, "", "error", body, attributes={name.replace("__", "."): each for name, each in attributes.items()}
    )


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("{ $.status = 500 }", True),
        ('{ $.message = "card*" && $.level = "error" }', True),
        ("{ $.http.path = %^/o% }", True),
        ("{ $.items[1] = 2 }", True),
        ("{ $.ok IS FALSE }", True),
        ("{ $.status > 500 }", False),
        ("{ $.missing = * }", False),
    ],
)
def test_attributes_are_the_members_of_the_line(pattern: str, matches: bool) -> None:  # noqa: FBT001 (a table)
    """Numbers, lists and truth values are read back out of their texts; dots are paths."""
    record = line("card declined", status="500", http__path="/orders", items="[1, 2]", ok="false")
    tried = plan_pattern(pattern).matches
    assert tried is not None
    assert tried(record) is matches


def test_a_body_that_is_json_stays_itself() -> None:
    """Attributes are then of its sender, not of the line."""
    assert event_of(line(' {"n": 1}', n="2")) == ' {"n": 1}'
    assert json.loads(event_of(line("x", a="{", b="1" * 30)))["a"] == "{"


@pytest.mark.parametrize("pattern", ["", "ERROR", "-a b", "?a ?b", '"a b"'])
def test_terms_are_sql_alone(pattern: str) -> None:
    """Nothing is left to be tried record by record."""
    assert plan_pattern(pattern).matches is None
