"""Event patterns, one row for each thing that the EventBridge user guide says about the language."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.lab.events.matchers import PatternError
from taskscope.lab.events.pattern import compile_pattern, parse_pattern

_EVENT: dict[str, Any] = {
    "source": "aws.ecs",
    "detail-type": "ECS Task State Change",
    "detail": {
        "lastStatus": "STOPPED",
        "group": "service:Web",
        "clusterArn": "arn:aws:ecs:us-east-1:123456789012:cluster/prod",
        "cpu": 256,
        "enabled": True,
        "reason": None,
        "empty": "",
        "address": "10.0.1.7",
        "zones": ["a", "b"],
        "none": [],
        "containers": [{"name": "app", "exitCode": 137}, {"name": "proxy", "exitCode": 0}],
    },
}

_MATCHING: list[dict[str, Any]] = [
    {"source": ["aws.ecs"]},
    {"source": ["aws.s3", "aws.ecs"], "detail": {"lastStatus": ["STOPPED"]}},
    {"detail": {"group": [{"prefix": "service:"}]}},
    {"detail": {"group": [{"prefix": {"equals-ignore-case": "SERVICE:w"}}]}},
    {"detail": {"clusterArn": [{"suffix": "/prod"}]}},
    {"detail": {"group": [{"suffix": {"equals-ignore-case": "WEB"}}]}},
    {"detail": {"group": [{"equals-ignore-case": "SERVICE:web"}]}},
    {"detail": {"lastStatus": [{"anything-but": "RUNNING"}]}},
    {"detail": {"lastStatus": [{"anything-but": ["RUNNING", "PENDING"]}]}},
    {"detail": {"cpu": [{"anything-but": [512, 1024]}]}},
    {"detail": {"group": [{"anything-but": {"prefix": "family:"}}]}},
    {"detail": {"group": [{"anything-but": {"suffix": ["x", "y"]}}]}},
    {"detail": {"group": [{"anything-but": {"wildcard": "*batch*"}}]}},
    {"detail": {"group": [{"anything-but": {"equals-ignore-case": "service:api"}}]}},
    {"detail": {"cpu": [{"numeric": ["=", 256.0]}]}},
    {"detail": {"cpu": [{"numeric": [">", 0, "<=", 256]}]}},
    {"detail": {"cpu": [256.0]}},
    {"detail": {"enabled": [True]}},
    {"detail": {"reason": [None]}},
    {"detail": {"empty": [""]}},
    {"detail": {"stoppedAt": [{"exists": False}]}},
    {"detail": {"reason": [{"exists": True}]}},
    {"detail": {"none": [{"exists": False}]}},
    {"nothing": {"at": {"all": [{"exists": False}]}}},
    {"detail": {"clusterArn": [{"wildcard": "arn:*:cluster/*"}]}},
    {"detail": {"address": [{"cidr": "10.0.0.0/16"}]}},
    {"detail": {"zones": ["b", "z"]}},
    {"detail": {"containers": {"name": ["app"], "exitCode": [137]}}},
    {"$or": [{"source": ["aws.s3"]}, {"detail": {"lastStatus": ["STOPPED"]}}]},
    {
        "source": ["aws.ecs"],
        "detail": {"$or": [{"cpu": [{"numeric": [">", 1000]}]}, {"group": [{"prefix": "service"}]}]},
    },
]

_MISSING: list[dict[str, Any]] = [
    {"source": ["aws.s3"]},
    {"source": ["aws.ecs"], "detail": {"lastStatus": ["RUNNING"]}},
    {"detail": {"group": ["service:web"]}},
    {"detail": {"group": [{"prefix": "Service"}]}},
    {"detail": {"lastStatus": [{"anything-but": ["STOPPED"]}]}},
    {"detail": {"absent": [{"anything-but": ["x"]}]}},
    {"detail": {"group": [{"anything-but": {"prefix": ["family:", "service:"]}}]}},
    {"detail": {"cpu": [{"numeric": ["<", 256]}]}},
    {"detail": {"cpu": ["256"]}},
    {"detail": {"enabled": [1]}},
    {"detail": {"cpu": [{"prefix": "2"}]}},
    {"detail": {"reason": [""]}},
    {"detail": {"reason": [{"exists": False}]}},
    {"detail": {"containers": [{"exists": True}]}},
    {"detail": {"address": [{"cidr": "192.168.0.0/16"}]}},
    {"detail": {"group": [{"cidr": "10.0.0.0/8"}]}},
    {"detail": {"zones": ["z"]}},
    {"detail": {"containers": {"name": ["app"], "exitCode": [0]}}},
    {"detail": {"lastStatus": {"deeper": ["STOPPED"]}}},
    {"$or": [{"source": ["aws.s3"]}, {"source": ["aws.ec2"]}]},
]

_MALFORMED: list[tuple[str, str]] = [
    ("[]", "not an object"),
    ("{", "No JSON"),
    ("{}", "Empty objects"),
    ('{"source": "aws.ecs"}', "must be an object or an array"),
    ('{"source": []}', "Empty arrays"),
    ('{"source": [["a"]]}', "Arrays in arrays"),
    ('{"detail": {}}', "Empty objects"),
    ('{"a": [{"like": "x"}]}', "Unrecognized match type like"),
    ('{"a": [{"prefix": "x", "suffix": "y"}]}', "Only one key"),
    ('{"a": [{}]}', "Only one key"),
    ('{"a": [{"prefix": 5}]}', "must be a string"),
    ('{"a": [{"exists": "yes"}]}', "true or false"),
    ('{"a": [{"numeric": ["<"]}]}', "one or two comparisons"),
    ('{"a": [{"numeric": ["~", 5]}]}', "operator: ~"),
    ('{"a": [{"numeric": ["<", "5"]}]}', "must be numeric"),
    ('{"a": [{"cidr": "10.0.0.0/33"}]}', "Malformed CIDR"),
    ('{"a": [{"wildcard": "a**b"}]}', "Consecutive"),
    ('{"a": [{"wildcard": "a\\\\b"}]}', "escape"),
    ('{"a": [{"anything-but": []}]}', "Empty arrays"),
    ('{"a": [{"anything-but": {"numeric": ["<", 1]}}]}', "Unsupported anything-but"),
    ('{"a": [{"anything-but": [true]}]}', "only strings and numbers"),
    ('{"$or": {"a": ["b"]}}', "array of objects"),
    ('{"a": ["' + "x" * 5000 + '"]}', "longer than"),
]


@pytest.mark.parametrize("pattern", _MATCHING, ids=json.dumps)
def test_pattern_matches(pattern: dict[str, Any]) -> None:
    """A pattern accepts the event of a stopped task that fits it."""
    assert parse_pattern(json.dumps(pattern))(_EVENT)


@pytest.mark.parametrize("pattern", _MISSING, ids=json.dumps)
def test_pattern_does_not_match(pattern: dict[str, Any]) -> None:
    """A pattern refuses the event when one of its fields does not fit."""
    assert not parse_pattern(json.dumps(pattern))(_EVENT)


@pytest.mark.parametrize(("text", "reason"), _MALFORMED, ids=[reason for _, reason in _MALFORMED])
def test_malformed_pattern_says_why(text: str, reason: str) -> None:
    """Each way of getting a pattern wrong has its own message."""
    with pytest.raises(PatternError, match=reason):
        parse_pattern(text)


_leaf = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=5)
_name = st.text(max_size=3).filter(lambda name: name != "$or")
_document = st.recursive(
    st.dictionaries(_name, _leaf, min_size=1, max_size=3),
    lambda inner: st.dictionaries(_name, inner | _leaf, min_size=1, max_size=3),
    max_leaves=8,
)


def _exact(document: Any) -> Any:
    """Build the pattern that asks for each leaf of a document."""
    if isinstance(document, dict):
        return {name: _exact(part) for name, part in document.items()}
    return [document]


@given(_document)
def test_document_matches_the_pattern_of_its_own_values(document: dict[str, Any]) -> None:
    """Whatever an event says, the pattern that lists exactly this accepts it, and refuses the empty event."""
    matches = compile_pattern(_exact({"event": document}))

    assert matches({"event": document})
    assert not matches({})


@given(st.text(max_size=20))
def test_escaped_wildcard_means_the_text_itself(text: str) -> None:
    """With each star and backslash escaped, a wildcard accepts exactly its text."""
    escaped = text.replace("\\", "\\\\").replace("*", "\\*")

    assert compile_pattern({"a": [{"wildcard": escaped}]})({"a": text})
    assert not compile_pattern({"a": [{"wildcard": escaped}]})({"a": text + "!"})
