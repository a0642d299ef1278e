"""EventBridge's operations on rules: PutRule, DescribeRule, ListRules and their kin, and tags."""

from collections.abc import Mapping
from typing import Final

from taskscope.lab.events.bus import Bus
from taskscope.lab.events.matchers import PatternError
from taskscope.lab.events.paging import page
from taskscope.lab.events.pattern import Pattern, parse_pattern
from taskscope.lab.events.rules import DEFAULT_BUS, Rule
from taskscope.lab.gateway.service import ApiError, Call, Document, Operation

_MAX_RULES: Final = 300  # a bus's default quota


def read_pattern(text: str) -> Pattern:
    """
    Compile an event pattern.

    Raises:
        ApiError: ``InvalidEventPatternException``, it is malformed.
    """
    try:
        return parse_pattern(text)
    except PatternError as error:
        raise ApiError("InvalidEventPatternException", f"Event pattern is not valid. Reason: {error}") from None


class RuleOperations:
    """Rules and the bus itself, as the API sees them."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.operations: Mapping[str, Operation] = {
            "PutRule": self.put_rule,
            "DeleteRule": self.delete_rule,
            "DescribeRule": self.describe_rule,
            "ListRules": self.list_rules,
            "EnableRule": self.enable_rule,
            "DisableRule": self.disable_rule,
            "DescribeEventBus": self.describe_event_bus,
            "ListEventBuses": self.list_event_buses,
            "TagResource": self.tag_resource,
            "UntagResource": self.untag_resource,
            "ListTagsForResource": self.list_tags_for_resource,
        }

    def put_rule(self, call: Call) -> Document:
        """Create a rule, or replace what a rule says while its targets stay."""
        params = call.params
        rules = self._bus.rules(call)
        name = params["Name"]
        if "ScheduleExpression" in params:
            raise ApiError("ValidationException", "The lab runs no schedules; give the rule an EventPattern.")
        if "EventPattern" not in params:
            raise ApiError("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.")
        old = rules.find(name)
        if old is None and len(rules) >= _MAX_RULES:
            raise ApiError("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
        rule = Rule(
            name=name,
            arn=self._bus.rule_arn(call.region, name),
            pattern=params["EventPattern"],
            matches=read_pattern(params["EventPattern"]),
            enabled=params.get("State", "ENABLED") != "DISABLED",
            description=params.get("Description"),
            role_arn=params.get("RoleArn"),
            tags=old.tags if old else {tag["Key"]: tag["Value"] for tag in params.get("Tags", [])},
            targets=old.targets if old else {},
        )
        rules.put(rule)
        return {"RuleArn": rule.arn}

    def delete_rule(self, call: Call) -> Document:
        """Delete a rule that has no targets."""
        self._bus.rules(call).delete(call.params["Name"])
        return {}

    def describe_rule(self, call: Call) -> Document:
        """Return one rule."""
        rule = self._bus.rules(call).get(call.params["Name"])
        return rule.document() | {"CreatedBy": call.account}

    def list_rules(self, call: Call) -> Document:
        """Return the rules whose names begin with ``NamePrefix``."""
        prefix = call.params.get("NamePrefix", "")
        found = [rule.document() for rule in self._bus.rules(call) if rule.name.startswith(prefix)]
        rules, token = page(found, call.params)
        return {"Rules": rules, "NextToken": token}

    def enable_rule(self, call: Call) -> Document:
        """Let a rule match again."""
        self._bus.rules(call).get(call.params["Name"]).enabled = True
        return {}

    def disable_rule(self, call: Call) -> Document:
        """Keep a rule from matching."""
        self._bus.rules(call).get(call.params["Name"]).enabled = False
        return {}

    def describe_event_bus(self, call: Call) -> Document:
        """Return the default bus; the lab has no other."""
        name = call.params.get("Name", DEFAULT_BUS)
        if name not in {DEFAULT_BUS, self._bus.arn(call.region)}:
            raise ApiError("ResourceNotFoundException", f"Event bus {name} does not exist.")
        return self._bus_document(call)

    def list_event_buses(self, call: Call) -> Document:
        """Return the default bus, if ``NamePrefix`` lets it."""
        named = DEFAULT_BUS.startswith(call.params.get("NamePrefix", ""))
        return {"EventBuses": [self._bus_document(call)] if named else []}

    def tag_resource(self, call: Call) -> Document:
        """Add or change tags of a rule."""
        self._tagged(call).tags.update((tag["Key"], tag["Value"]) for tag in call.params["Tags"])
        return {}

    def untag_resource(self, call: Call) -> Document:
        """Remove tags of a rule."""
        tags = self._tagged(call).tags
        for key in call.params["TagKeys"]:
            tags.pop(key, None)
        return {}

    def list_tags_for_resource(self, call: Call) -> Document:
        """Return the tags of a rule."""
        return {"Tags": [{"Key": key, "Value": value} for key, value in self._tagged(call).tags.items()]}

    def _bus_document(self, call: Call) -> Document:
        return {"Name": DEFAULT_BUS, "Arn": self._bus.arn(call.region)}

    def _tagged(self, call: Call) -> Rule:
        arn = call.params["ResourceARN"]
        prefix, _, name = arn.partition(":rule/")
        if f"{prefix}:rule/" != self._bus.rule_arn(call.region, ""):
            raise ApiError("ResourceNotFoundException", f"{arn} is no rule of the default event bus in {call.region}.")
        return self._bus.rules(call).get(name.removeprefix(f"{DEFAULT_BUS}/"))
