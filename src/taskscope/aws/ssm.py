"""Systems Manager: addresses of machines outside of AWS, which ECS Anywhere runs tasks on."""

from collections.abc import Sequence
from typing import Any, Final

from taskscope.aws.failures import named
from taskscope.aws.session import Account

_FILTER_LIMIT: Final = 100
"""Values that one filter takes (DescribeInstanceInformation)."""


class Ssm:
    """Systems Manager of one region. Every method may raise a ``TaskscopeError`` of ``aws.failures``."""

    def __init__(self, account: Account, *, region: str | None = None) -> None:
        self._account = account
        self._region = region

    @property
    def _client(self) -> Any:
        return self._account.client("ssm", region=self._region)

    def addresses(self, ids: Sequence[str]) -> dict[str, str]:
        """
        Return the addresses of managed instances, by id (DescribeInstanceInformation): IP, else the machine's name.

        The agent tells the IP address of the machine's first interface. Those that it says nothing of are left out.
        """
        found: dict[str, str] = {}
        with named("read the addresses of managed instances", service="ssm"):
            for start in range(0, len(ids), _FILTER_LIMIT):
                wanted = [{"Key": "InstanceIds", "Values": list(ids[start : start + _FILTER_LIMIT])}]
                for page in self._client.get_paginator("describe_instance_information").paginate(Filters=wanted):
                    found |= {
                        each["InstanceId"]: address
                        for each in page["InstanceInformationList"]
                        if (address := each.get("IPAddress") or each.get("ComputerName"))
                    }
        return found
