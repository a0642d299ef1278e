"""Log groups: create, delete, describe, retention, tags."""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from taskscope.clock import MILLISECOND, Clock
from taskscope.lab.gateway.service import ApiError, Call, Document, Operation
from taskscope.lab.logs.errors import group_exists, invalid
from taskscope.lab.logs.identifiers import asked_group, group_arn, group_name
from taskscope.lab.logs.store import Group, Region
from taskscope.lab.logs.tokens import read_key, write_key

RETENTION_DAYS: Final = frozenset(
    {1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
)
"""The periods that PutRetentionPolicy takes."""

MAX_TAGS: Final = 50
PAGE: Final = 50
"""Default and greatest number of groups or streams a page."""

RegionOf: TypeAlias = Callable[[Call], Region]


class GroupOperations:
    """The operations on log groups. Retention refuses old events on arrival; what is stored stays readable."""

    def __init__(self, region_of: RegionOf, clock: Clock) -> None:
        self._region_of = region_of
        self._clock = clock
        self.operations: Mapping[str, Operation] = {
            "CreateLogGroup": self._create,
            "DeleteLogGroup": self._delete,
            "DescribeLogGroups": self._describe,
            "PutRetentionPolicy": self._put_retention,
            "DeleteRetentionPolicy": self._delete_retention,
            "TagResource": self._tag,
            "UntagResource": self._untag,
            "ListTagsForResource": self._list_tags,
        }

    def _create(self, call: Call) -> Document:
        region, params = self._region_of(call), call.params
        name = params["logGroupName"]
        if name in region.groups:
            raise group_exists()
        region.groups[name] = Group(
            name,
            created=self._clock() // MILLISECOND,
            group_class=params.get("logGroupClass", "STANDARD"),
            kms_key=params.get("kmsKeyId"),
            deletion_protection=params.get("deletionProtectionEnabled", False),
            tags=dict(params.get("tags", {})),
        )
        return {}

    def _delete(self, call: Call) -> Document:
        region = self._region_of(call)
        group = asked_group(call, region)
        if group.deletion_protection:
            raise ApiError("ValidationException", "The specified log group is protected from deletion.")
        del region.groups[group.name]
        return {}

    def _describe(self, call: Call) -> Document:
        params = call.params
        groups = _selected(call, self._region_of(call))
        limit = params.get("limit", PAGE)
        if "nextToken" in params:
            (after,) = read_key(params["nextToken"], str)
            groups = [group for group in groups if group.name > after]
        shape = _brief if "logGroupNamePattern" in params else _full
        return {
            "logGroups": [shape(call, group) for group in groups[:limit]],
            "nextToken": write_key(groups[limit - 1].name) if len(groups) > limit else None,
        }

    def _put_retention(self, call: Call) -> Document:
        days = call.params["retentionInDays"]
        if days not in RETENTION_DAYS:
            allowed = ", ".join(map(str, sorted(RETENTION_DAYS)))
            raise invalid(f"Invalid retentionInDays {days}; it must be one of: {allowed}")
        asked_group(call, self._region_of(call)).retention = days
        return {}

    def _delete_retention(self, call: Call) -> Document:
        asked_group(call, self._region_of(call)).retention = None
        return {}

    def _tagged(self, call: Call) -> Group:
        arn = call.params["resourceArn"]
        if not arn.startswith("arn:"):
            raise invalid(f"Invalid resource ARN: {arn}")
        return self._region_of(call).group(group_name(call, arn))

    def _tag(self, call: Call) -> Document:
        group = self._tagged(call)
        tags = group.tags | call.params["tags"]
        if len(tags) > MAX_TAGS:
            raise ApiError("TooManyTagsException", f"A resource can have at most {MAX_TAGS} tags.")
        group.tags = tags
        return {}

    def _untag(self, call: Call) -> Document:
        group = self._tagged(call)
        gone = set(call.params["tagKeys"])
        group.tags = {key: value for key, value in group.tags.items() if key not in gone}
        return {}

    def _list_tags(self, call: Call) -> Document:
        return {"tags": self._tagged(call).tags}


def _selected(call: Call, region: Region) -> list[Group]:
    """Return the groups that DescribeLogGroups asks for, in ASCII order of their names."""
    params = call.params
    prefix, part = params.get("logGroupNamePrefix"), params.get("logGroupNamePattern")
    identifiers, group_class = params.get("logGroupIdentifiers"), params.get("logGroupClass")
    if prefix is not None and part is not None:
        raise invalid("logGroupNamePrefix and logGroupNamePattern are mutually exclusive.")
    if identifiers is not None and any(filter_ is not None for filter_ in (prefix, part, group_class)):
        raise invalid("logGroupIdentifiers cannot be combined with other filters.")
    names = None if identifiers is None else {group_name(call, identifier) for identifier in identifiers}
    return [
        group
        for name, group in sorted(region.groups.items())
        if name.startswith(prefix or "")
        and (part or "") in name
        and (names is None or name in names)
        and group_class in (None, group.group_class)
    ]


def _brief(call: Call, group: Group) -> Document:
    """Describe a group as a search by pattern does: name, creation and ARN alone."""
    return {
        "logGroupName": group.name,
        "creationTime": group.created,
        "arn": f"{group_arn(call.region, call.account, group.name)}:*",
    }


def _full(call: Call, group: Group) -> Document:
    return _brief(call, group) | {
        "logGroupArn": group_arn(call.region, call.account, group.name),
        "logGroupClass": group.group_class,
        "retentionInDays": group.retention,
        "kmsKeyId": group.kms_key,
        "deletionProtectionEnabled": group.deletion_protection,
        "metricFilterCount": 0,
        "storedBytes": sum(stream.stored_bytes for stream in group.streams.values()),
    }
