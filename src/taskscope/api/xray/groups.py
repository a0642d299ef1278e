"""Groups, and the tags of groups and sampling rules."""

from collections.abc import Mapping
from typing import Any

from taskscope.api.xray.sampling import Sampling
from taskscope.api.xray.state import ALL, Group, XrayState, tags_of
from taskscope.errors import NotFoundError, UsageError
from taskscope.query.search.parse import parse


class GroupOperations:
    """The operations of groups and tags; files are small and changed seldom, so nothing is put on a thread."""

    def __init__(self, state: XrayState, sampling: Sampling) -> None:
        self._state = state
        self._sampling = sampling

    async def groups(self, _given: dict[str, Any]) -> dict[str, Any]:
        """GetGroups: all on one page, after AWS's own ``Default``, which holds every trace."""
        return {"Groups": [_document(ALL), *(_document(each) for each in self._state.groups())]}

    async def group(self, given: dict[str, Any]) -> dict[str, Any]:
        """GetGroup."""
        is_all = ALL.name == given.get("GroupName") or ALL.arn == given.get("GroupARN")
        return {"Group": _document(ALL if is_all else self._named(given))}

    async def create(self, given: dict[str, Any]) -> dict[str, Any]:
        """CreateGroup."""
        insights = given.get("InsightsConfiguration", {})
        group = Group(
            given["GroupName"],
            _checked(given.get("FilterExpression", "")),
            insights=insights.get("InsightsEnabled", False),
            notifications=insights.get("NotificationsEnabled", False),
        )
        self._state.create(group, tags_of(given))
        return {"Group": _document(group)}

    async def update(self, given: dict[str, Any]) -> dict[str, Any]:
        """UpdateGroup."""
        changes: dict[str, Any] = {}
        if "FilterExpression" in given:
            changes["expression"] = _checked(given["FilterExpression"])
        insights = given.get("InsightsConfiguration", {})
        for member, name in (("InsightsEnabled", "insights"), ("NotificationsEnabled", "notifications")):
            if member in insights:
                changes[name] = insights[member]
        return {"Group": _document(self._state.update(self._named(given), **changes))}

    async def delete(self, given: dict[str, Any]) -> dict[str, Any]:
        """DeleteGroup."""
        self._state.delete(self._named(given))
        return {}

    async def tags(self, given: dict[str, Any]) -> dict[str, Any]:
        """ListTagsForResource."""
        self._check_resource(given["ResourceARN"])
        tags = self._state.tags(given["ResourceARN"])
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    async def tag(self, given: dict[str, Any]) -> dict[str, Any]:
        """TagResource."""
        arn = given["ResourceARN"]
        self._check_resource(arn)
        self._state.set_tags(arn, {**self._state.tags(arn), **tags_of(given)})
        return {}

    async def untag(self, given: dict[str, Any]) -> dict[str, Any]:
        """UntagResource."""
        arn = given["ResourceARN"]
        self._check_resource(arn)
        kept = {key: value for key, value in self._state.tags(arn).items() if key not in given["TagKeys"]}
        self._state.set_tags(arn, kept)
        return {}

    def _named(self, given: Mapping[str, Any]) -> Group:
        """Return the group that a request names by name or ARN."""
        name, arn = given.get("GroupName"), given.get("GroupARN")
        if bool(name) == bool(arn):
            raise UsageError("name the group by GroupName or by GroupARN")
        if name == ALL.name or arn == ALL.arn:
            raise UsageError(f"the group {ALL.name!r} is of all traces, and stays as it is")
        try:
            return self._state.group(name, arn)
        except NotFoundError as error:  # these operations have no other error in AWS's model
            raise UsageError(error.message) from None

    def _check_resource(self, arn: str) -> None:
        rules = self._sampling.rules.rules() if self._sampling.rules is not None else []
        known = {each.arn for each in self._state.groups()} | {each.document()["RuleARN"] for each in rules}
        if arn not in known:
            raise NotFoundError(f"there is no resource {arn!r}")


def _checked(expression: str) -> str:
    parse(expression)
    return expression


def _document(group: Group) -> dict[str, Any]:
    return {
        "GroupName": group.name,
        "GroupARN": group.arn,
        "FilterExpression": group.expression or None,
        "InsightsConfiguration": {"InsightsEnabled": group.insights, "NotificationsEnabled": group.notifications},
    }
