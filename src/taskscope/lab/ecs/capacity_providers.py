"""Capacity providers: the two that every account has."""

from typing import Final

from taskscope.lab.ecs import wording
from taskscope.lab.ecs.arns import short_name
from taskscope.lab.ecs.context import Context
from taskscope.lab.ecs.new_task import PROVIDERS
from taskscope.lab.gateway.service import Call, Document

_MOST: Final = 10


def describe(context: Context, call: Call) -> Document:
    """DescribeCapacityProviders."""
    wanted = call.params.get("capacityProviders") or list(PROVIDERS)
    if not 1 <= (call.params.get("maxResults") or _MOST) <= _MOST:
        raise wording.invalid(f"maxResults must be between 1 and {_MOST}.")
    names = context.region(call.region).names
    found: list[Document] = [
        {
            "capacityProviderArn": names.capacity_provider(name),
            "name": name,
            "status": "ACTIVE",
            "type": name,
            "tags": [],
        }
        for name in PROVIDERS
        if name in map(short_name, wanted)
    ]
    failures = [{"arn": each, "reason": "MISSING"} for each in wanted if short_name(each) not in PROVIDERS]
    return {"capacityProviders": found, "failures": failures}


OPERATIONS: Final = {"DescribeCapacityProviders": describe}
