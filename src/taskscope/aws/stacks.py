"""CloudFormation: the resources of a stack."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from taskscope.aws.failures import named
from taskscope.aws.session import Account


class StackResource(NamedTuple):
    """One resource as CloudFormation knows it."""

    logical_id: str
    physical_id: str
    """Empty before it is created."""
    type: str


class Stacks:
    """CloudFormation of one region. Every method may raise a ``TaskscopeError`` of ``aws.failures``."""

    def __init__(self, account: Account, *, region: str | None = None) -> None:
        self._account = account
        self._region = region

    def resources(self, stack: str) -> Iterator[StackResource]:
        """Yield the resources of a stack, named by name or ARN; not those of stacks in it (ListStackResources)."""
        client: Any = self._account.client("cloudformation", region=self._region)
        with named(f"list the resources of stack {stack}", service="cloudformation"):
            for page in client.get_paginator("list_stack_resources").paginate(StackName=stack):
                for each in page["StackResourceSummaries"]:
                    physical = each.get("PhysicalResourceId", "")
                    yield StackResource(each["LogicalResourceId"], physical, each["ResourceType"])
