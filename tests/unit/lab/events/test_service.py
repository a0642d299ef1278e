"""EventBridge through the gateway: rules, targets and events by API."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from taskscope.lab.threaded import ThreadedAws

_ACCOUNT = "123456789012"
_PATTERN = json.dumps({"source": ["my.app"]})
_QUEUE = f"arn:aws:sqs:us-east-1:{_ACCOUNT}:queue"


@pytest.fixture(scope="module")
def events(aws: ThreadedAws) -> Any:
    """Give a client of EventBridge."""
    return aws.client("events", region="us-east-1")


@pytest.fixture
def rule(events: Any) -> str:
    """Give the name of a rule that matches nothing."""
    name = f"rule-{uuid.uuid4().hex}"
    events.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))
    return name


def _code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_rule_lives_from_put_to_delete(events: Any) -> None:
    """A rule is described as it was put, can be switched, changed and deleted, twice if need be."""
    name = f"rule-{uuid.uuid4().hex}"

    arn = events.put_rule(Name=name, EventPattern=_PATTERN, Description="mine", State="DISABLED")["RuleArn"]

    assert arn == f"arn:aws:events:us-east-1:{_ACCOUNT}:rule/{name}"
    described = events.describe_rule(Name=name)
    assert (described["Arn"], described["EventPattern"], described["State"]) == (arn, _PATTERN, "DISABLED")
    events.enable_rule(Name=name)
    assert events.describe_rule(Name=name)["State"] == "ENABLED"
    events.disable_rule(Name=name)
    assert events.list_rules(NamePrefix=name)["Rules"][0]["State"] == "DISABLED"
    events.delete_rule(Name=name)
    events.delete_rule(Name=name)
    with pytest.raises(events.exceptions.ResourceNotFoundException):
        events.describe_rule(Name=name)


def test_rules_are_listed_in_pages(events: Any) -> None:
    """ListRules gives names in order, and a token while there are more."""
    prefix = uuid.uuid4().hex
    names = [f"{prefix}-{number}" for number in range(5)]
    for name in reversed(names):
        events.put_rule(Name=name, EventPattern=_PATTERN)

    first = events.list_rules(NamePrefix=prefix, Limit=3)
    second = events.list_rules(NamePrefix=prefix, Limit=3, NextToken=first["NextToken"])

    assert [rule["Name"] for rule in first["Rules"] + second["Rules"]] == names
    assert "NextToken" not in second


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"EventPattern": '{"source": "x"}'}, "InvalidEventPatternException"),
        ({}, "ValidationException"),
        ({"ScheduleExpression": "rate(5 minutes)"}, "ValidationException"),
        ({"EventPattern": _PATTERN, "EventBusName": "other"}, "ResourceNotFoundException"),
    ],
    ids=["pattern", "nothing", "schedule", "bus"],
)
def test_bad_rule_is_refused(events: Any, params: dict[str, Any], code: str) -> None:
    """A rule that could never match is not made."""
    with pytest.raises(ClientError) as caught:
        events.put_rule(Name="bad", **params)

    assert _code(caught) == code


def test_targets_come_and_go(events: Any, rule: str) -> None:
    """Targets are listed by rule and the other way round; a rule with targets stays."""
    arn = f"{_QUEUE}-{rule}"
    assert events.put_targets(Rule=rule, Targets=[{"Id": "1", "Arn": arn}])["FailedEntryCount"] == 0

    assert events.list_targets_by_rule(Rule=rule)["Targets"] == [{"Id": "1", "Arn": arn}]
    assert events.list_rule_names_by_target(TargetArn=arn)["RuleNames"] == [rule]
    with pytest.raises(ClientError, match="has targets"):
        events.delete_rule(Name=rule)
    assert events.remove_targets(Rule=rule, Ids=["1", "2"])["FailedEntries"][0]["TargetId"] == "2"
    assert events.list_targets_by_rule(Rule=rule)["Targets"] == []


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ({"Arn": "no arn"}, "ValidationException"),
        ({"Arn": "arn:aws:states:us-east-1:123456789012:stateMachine:x"}, "ValidationException"),
        ({"Arn": _QUEUE, "InputPath": "detail"}, "ValidationException"),
        ({"Arn": _QUEUE, "InputPath": "$.a", "Input": "{}"}, "ValidationException"),
    ],
    ids=["arn", "service", "path", "two-inputs"],
)
def test_bad_target_is_refused(events: Any, rule: str, target: dict[str, Any], code: str) -> None:
    """A target that nothing could be delivered to is refused at once."""
    with pytest.raises(ClientError) as caught:
        events.put_targets(Rule=rule, Targets=[{"Id": "1", **target}])

    assert _code(caught) == code
    assert events.list_targets_by_rule(Rule=rule)["Targets"] == []


def test_sixth_target_is_over_the_limit(events: Any, rule: str) -> None:
    """A rule has five targets at most."""
    targets = [{"Id": str(number), "Arn": _QUEUE} for number in range(6)]

    with pytest.raises(events.exceptions.LimitExceededException):
        events.put_targets(Rule=rule, Targets=targets)


def test_bad_entries_fail_alone(events: Any) -> None:
    """PutEvents takes the good entries and says what is wrong with each of the others."""
    good = {"Source": "my.app", "DetailType": "t", "Detail": "{}", "Time": datetime(2026, 11, 20, tzinfo=UTC)}
    answer = events.put_events(
        Entries=[
            good,
            good | {"Source": "aws.ecs"},
            good | {"Detail": "[]"},
            {"Source": "my.app", "Detail": "{}"},
            good | {"EventBusName": "other"},
        ]
    )

    assert answer["FailedEntryCount"] == 4
    assert [entry.get("ErrorCode") for entry in answer["Entries"]] == [
        None,
        "NotAuthorizedForSourceException",
        "MalformedDetail",
        "InvalidArgument",
        "ResourceNotFoundException",
    ]
    assert str(uuid.UUID(answer["Entries"][0]["EventId"])) == answer["Entries"][0]["EventId"]


def test_too_many_or_too_large_entries_are_refused_together(events: Any) -> None:
    """A request has ten entries and one megabyte at most."""
    entry = {"Source": "my.app", "DetailType": "t", "Detail": "{}"}
    for entries in ([entry] * 11, [entry | {"Detail": json.dumps({"x": "y" * 1_048_576})}]):
        with pytest.raises(ClientError) as caught:
            events.put_events(Entries=entries)
        assert _code(caught) == "ValidationException"


def test_pattern_can_be_tried(events: Any) -> None:
    """TestEventPattern answers for a complete event and refuses an incomplete one."""
    event = {
        "id": "1",
        "account": _ACCOUNT,
        "source": "my.app",
        "time": "2026-11-20T09:00:00Z",
        "region": "us-east-1",
        "resources": [],
        "detail-type": "t",
        "detail": {},
    }

    assert events.test_event_pattern(EventPattern=_PATTERN, Event=json.dumps(event))["Result"] is True
    assert events.test_event_pattern(EventPattern='{"source": ["x"]}', Event=json.dumps(event))["Result"] is False
    with pytest.raises(ClientError, match="lacks id"):
        events.test_event_pattern(EventPattern=_PATTERN, Event='{"source": "my.app"}')


def test_tags_are_kept_with_the_rule(events: Any, rule: str) -> None:
    """A rule's tags can be set, changed, removed and listed."""
    arn = events.describe_rule(Name=rule)["Arn"]

    events.tag_resource(ResourceARN=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    events.untag_resource(ResourceARN=arn, TagKeys=["a"])

    assert events.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    with pytest.raises(events.exceptions.ResourceNotFoundException):
        events.list_tags_for_resource(ResourceARN=arn.replace("rule/", "archive/"))


def test_default_bus_is_the_only_one(events: Any) -> None:
    """The default event bus is described and listed, no other exists."""
    arn = f"arn:aws:events:us-east-1:{_ACCOUNT}:event-bus/default"

    assert events.describe_event_bus()["Arn"] == arn
    assert [bus["Arn"] for bus in events.list_event_buses()["EventBuses"]] == [arn]
    with pytest.raises(events.exceptions.ResourceNotFoundException):
        events.describe_event_bus(Name="other")
