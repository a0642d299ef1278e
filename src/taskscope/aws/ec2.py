"""EC2: addresses of instances."""

from collections.abc import Sequence
from typing import Any, Final

from taskscope.aws.failures import named
from taskscope.aws.session import Account

_FILTER_LIMIT: Final = 200
"""Values that one filter takes (DescribeInstances)."""


class Ec2:
    """EC2 of one region. Every method may raise a ``TaskscopeError`` of ``aws.failures``."""

    def __init__(self, account: Account, *, region: str | None = None) -> None:
        self._account = account
        self._region = region

    @property
    def _client(self) -> Any:
        return self._account.client("ec2", region=self._region)

    def private_addresses(self, ids: Sequence[str]) -> dict[str, str]:
        """
        Return the private IPv4 addresses of instances, by id; those that are gone are left out (DescribeInstances).

        Ids go into a filter, because a single one that EC2 does not know fails a call that names it.
        """
        found: dict[str, str] = {}
        with named("read the addresses of container instances", service="ec2"):
            for start in range(0, len(ids), _FILTER_LIMIT):
                wanted = [{"Name": "instance-id", "Values": list(ids[start : start + _FILTER_LIMIT])}]
                for page in self._client.get_paginator("describe_instances").paginate(Filters=wanted):
                    found |= {
                        each["InstanceId"]: each["PrivateIpAddress"]
                        for reservation in page["Reservations"]
                        for each in reservation["Instances"]
                        if each.get("PrivateIpAddress")
                    }
        return found
