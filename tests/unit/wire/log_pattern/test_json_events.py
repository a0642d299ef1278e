import json

import pytest

from taskscope.wire.log_pattern.json_events import parse_json_pattern
from taskscope.wire.log_pattern.values import PatternError

EVENT = json.dumps(
    {
        "level": "ERROR",
        "status": 503,
        "ratio": 0.25,
        "path": "/api/orders/7",
        "user": {"id": "u-1", "tags": ["new", "eu"], "cluster.name": "demo"},
        "items": [{"sku": "a", "n": 1}, {"sku": "b", "n": 2}],
        "nothing": None,
        "cached": False,
        "retried": True,
        "code": "12",
    }
)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ('$.level = "ERROR"', True),
        ("$.level = ERROR", True),
        ('$.level = "error"', False),
        ('$.level != "INFO"', True),
        ('$.path = "/api/*"', True),
        ('$.path = "*/orders/*"', True),
        ("$.status = 503", True),
        ("$.status != 503", False),
        ("$.status >= 500 && $.status < 600", True),
        ("$.status > 5.03e2", False),
        ("$.ratio <= .25", True),
        ("$.user.id = %^u-[0-9]+$%", True),
        ("$.user.tags[1] = eu", True),
        ("$.user.tags[2] = eu", False),
        ("$.user.tags[*] = eu", True),
        ("$.user['cluster.name'] = demo", True),
        ('$.user.["cluster.name"] = demo', True),
        ("$.items[*].n = 2", True),
        ("$.items[0].sku = b", False),
        ("$.*.id = u-1", True),
        ("$.nothing IS NULL", True),
        ("$.absent IS NULL", False),
        ("$.absent NOT EXISTS", True),
        ("$.nothing NOT EXISTS", False),
        ("$.retried IS TRUE && $.cached IS FALSE", True),
        ("$.cached = 0", False),
        ("$.code = 12", True),
        ("$.code > 11", False),
        ('$.absent != "x"', False),
        ("$.level = INFO || $.level = ERROR && $.status = 503", True),
        ("($.level = INFO || $.level = ERROR) && $.status = 1", False),
        ("(($.level = ERROR))", True),
    ],
)
def test_conditions_on_properties(pattern: str, expected: bool) -> None:  # noqa: FBT001 a table of cases
    """Operators, wildcards, arrays, constants and their precedence as documented."""
    assert parse_json_pattern(pattern)(EVENT) is expected


@pytest.mark.parametrize("message", ["text", f"prefix {EVENT}", "[1]", "null", "7", "", "{", "[" * 100_000])
def test_only_a_json_object_matches(message: str) -> None:
    """A text before the object kills the match, as does any other JSON value."""
    assert not parse_json_pattern("$.absent NOT EXISTS")(message)


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "$.a",
        "$ = 1",
        "a = 1",
        "$.a =",
        "$.a = = 1",
        "$.a > x",
        '$.a > "5"',
        "$.a = 1 $.b = 2",
        "($.a = 1",
        "$.a = 1)",
        "$.a IS",
        "$.a IS MAYBE",
        "$.a NOT",
        "$.a = 1 &&",
        "$.a > %x%",
        "$.a = $.b",
        '$.a = "x',
        "$.a & 1",
    ],
)
def test_a_wrong_pattern_is_refused(pattern: str) -> None:
    """Half conditions, open parentheses and unknown words are errors."""
    with pytest.raises(PatternError):
        parse_json_pattern(pattern)
