"""Systems Manager as far as it knows the lab's machine: DescribeInstanceInformation."""

from collections.abc import Mapping
from typing import Final

from taskscope.clock import Clock, to_datetime
from taskscope.lab.gateway.service import ApiError, Call, Document, Operation
from taskscope.lab.machines.machine import ADDRESS, MANAGED_ID, NAME

_IDS: Final = ("InstanceIds", "ActivationIds", "ResourceType")
"""Filters that are read; others are refused, not ignored."""
_ACTIVATION: Final = "00000000-0000-4000-a000-000000000000"


class SsmService:
    """Answers for the one managed instance; every other operation is the fallback's."""

    name = "ssm"
    whole = False

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self.operations: Mapping[str, Operation] = {"DescribeInstanceInformation": self._describe}

    def _describe(self, call: Call) -> Document:
        facts = {"InstanceIds": MANAGED_ID, "ActivationIds": _ACTIVATION, "ResourceType": "ManagedInstance"}
        for name, values in _wanted(call.params):
            if name not in facts:
                raise ApiError("InvalidInstanceInformationFilterValue", f"The lab reads the filters {', '.join(_IDS)}.")
            if facts[name] not in values:
                return {"InstanceInformationList": []}
        return {"InstanceInformationList": [self._machine()]}

    def _machine(self) -> Document:
        now = to_datetime(self._clock(), None)
        return {
            "InstanceId": MANAGED_ID,
            "PingStatus": "Online",
            "LastPingDateTime": now,
            "AgentVersion": "3.3.0.0",
            "IsLatestVersion": True,
            "PlatformType": "Linux",
            "PlatformName": NAME,
            "PlatformVersion": "",
            "ActivationId": _ACTIVATION,
            "IamRole": "ecsAnywhereRole",
            "RegistrationDate": now,
            "ResourceType": "ManagedInstance",
            "Name": NAME,
            "IPAddress": ADDRESS,
            "ComputerName": NAME,
            "SourceType": "AWS::SSM::ManagedInstance",
        }


def _wanted(params: Document) -> list[tuple[str, list[str]]]:
    """Return the filters of both forms of the API."""
    newer = [(each["Key"], each["Values"]) for each in params.get("Filters") or []]
    return newer + [(each["key"], each["valueSet"]) for each in params.get("InstanceInformationFilterList") or []]
