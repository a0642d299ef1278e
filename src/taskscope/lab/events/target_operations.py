"""EventBridge's operations on the targets of a rule."""

from collections.abc import Mapping
from typing import Final

from taskscope.lab.events.bus import Bus
from taskscope.lab.events.paging import page
from taskscope.lab.events.transform import PathError, check_path
from taskscope.lab.gateway.service import ApiError, Call, Document, Operation

_MAX_TARGETS: Final = 5  # a rule's default quota
_INPUTS: Final = ("Input", "InputPath", "InputTransformer")
_ARN_PARTS: Final = 6


class TargetOperations:
    """Targets, as the API sees them."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.operations: Mapping[str, Operation] = {
            "PutTargets": self.put_targets,
            "RemoveTargets": self.remove_targets,
            "ListTargetsByRule": self.list_targets_by_rule,
            "ListRuleNamesByTarget": self.list_rule_names_by_target,
        }

    def put_targets(self, call: Call) -> Document:
        """Add targets to a rule, or replace those of the same ids: all of them or none."""
        rule = self._bus.rules(call).get(call.params["Rule"])
        new = {target["Id"]: target for target in call.params["Targets"]}
        for target in new.values():
            self._check(target)
        if len(rule.targets | new) > _MAX_TARGETS:
            raise ApiError("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
        rule.targets |= new
        return {"FailedEntryCount": 0, "FailedEntries": []}

    def remove_targets(self, call: Call) -> Document:
        """Remove targets by id; an unknown id is a failed entry."""
        rule = self._bus.rules(call).get(call.params["Rule"])
        failed = [
            {
                "TargetId": target_id,
                "ErrorCode": "ResourceNotFoundException",
                "ErrorMessage": f"Rule {rule.name} has no target {target_id}.",
            }
            for target_id in call.params["Ids"]
            if rule.targets.pop(target_id, None) is None
        ]
        return {"FailedEntryCount": len(failed), "FailedEntries": failed}

    def list_targets_by_rule(self, call: Call) -> Document:
        """Return the targets of a rule."""
        rule = self._bus.rules(call).get(call.params["Rule"])
        targets, token = page(list(rule.targets.values()), call.params)
        return {"Targets": targets, "NextToken": token}

    def list_rule_names_by_target(self, call: Call) -> Document:
        """Return the names of the rules that send to an ARN."""
        arn = call.params["TargetArn"]
        found = [
            rule.name for rule in self._bus.rules(call) if any(arn == target["Arn"] for target in rule.targets.values())
        ]
        names, token = page(found, call.params)
        return {"RuleNames": names, "NextToken": token}

    def _check(self, target: Document) -> None:
        """Refuse at once what could only fail later."""
        arn = target["Arn"]
        parts = arn.split(":", _ARN_PARTS - 1)
        if len(parts) != _ARN_PARTS or parts[0] != "arn":
            raise ApiError(
                "ValidationException", f"Parameter {arn} is not valid. Reason: Provided Arn is not in correct format."
            )
        known = self._bus.dispatcher.services
        if parts[2] not in known:
            raise ApiError("ValidationException", f"The lab delivers to {', '.join(known)}; {arn} is none of them.")
        if sum(name in target for name in _INPUTS) > 1:
            raise ApiError(
                "ValidationException", f"Only one of {', '.join(_INPUTS)} must be provided for target {target['Id']}."
            )
        transformer = target.get("InputTransformer", {})
        try:
            for path in [target.get("InputPath", "$"), *transformer.get("InputPathsMap", {}).values()]:
                check_path(path)
        except PathError as error:
            raise ApiError("ValidationException", f"Invalid path of target {target['Id']}: {error}.") from None
