import re
from typing import Any

import pytest

from taskscope.lab.gateway.constraints import violations
from taskscope.lab.gateway.models import service_model


@pytest.mark.parametrize(
    ("shape", "value", "words"),
    [
        ("DescribeLogGroupsRequest", {"limit": 51}, "Value '51' at 'limit' failed to satisfy constraint"),
        ("CreateLogGroupRequest", {"logGroupName": "x" * 513}, "length less than or equal to 512"),
        ("CreateLogGroupRequest", {"logGroupName": "ok", "tags": {"a": "b" * 300}}, "at 'tags.a'"),
        ("StartLiveTailRequest", {"logGroupIdentifiers": ["arn:x", "*"]}, "at 'logGroupIdentifiers.2.member'"),
        ("DescribeLogStreamsRequest", {"orderBy": "Size"}, r"enum value set: \[LogStreamName, LastEventTime\]"),
    ],
)
def test_what_the_model_forbids_is_worded_as_aws_does(shape: str, value: dict[str, Any], words: str) -> None:
    """The text has the value, the place and the constraint."""
    [text] = violations(service_model("logs").shape_for(shape), value)
    assert text.startswith("1 validation error detected: ")
    assert re.search(words, text)


def test_several_problems_are_counted() -> None:
    """One answer names them all."""
    value = {"limit": 99, "logGroupClass": "X"}
    [text] = violations(service_model("logs").shape_for("DescribeLogGroupsRequest"), value)
    assert text.startswith("2 validation errors detected: ")


def test_what_the_model_allows_passes() -> None:
    """Nothing is said of good input."""
    value = {"limit": 50, "logGroupNamePrefix": "/ecs/", "logGroupClass": "STANDARD"}
    assert violations(service_model("logs").shape_for("DescribeLogGroupsRequest"), value) == []
