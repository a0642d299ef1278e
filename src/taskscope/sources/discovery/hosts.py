"""Addresses of the machines under tasks: instances of EC2, and machines that Systems Manager knows."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from taskscope.aws.ec2 import Ec2
from taskscope.aws.placement import Placements
from taskscope.aws.ssm import Ssm
from taskscope.errors import DeniedError
from taskscope.sources.discovery.endpoints import UnreachableTaskError

_MANAGED: Final = "mi-"
"""How ids of machines outside of AWS begin; those of ECS Managed Instances are ids of EC2."""


@dataclass(frozen=True, slots=True)
class Host:
    """A machine under tasks."""

    id: str
    address: str


class HostTable:
    """What is known of the machines at one look; asks no more."""

    def __init__(self, ids: Mapping[str, str], addresses: Mapping[str, str], denied: Mapping[str, str]) -> None:
        self._ids = ids
        self._addresses = addresses
        self._denied = denied

    def find(self, instance_arn: str) -> Host:
        """
        Return the machine of a container instance.

        Raises:
            UnreachableTaskError: It has no address, or its address may not be read.
        """
        if not instance_arn:
            raise UnreachableTaskError("ECS does not say on which container instance it runs")
        found = self._ids.get(instance_arn)
        if found is None:
            raise UnreachableTaskError(self._denied.get("ecs") or "its container instance is gone")
        if address := self._addresses.get(found):
            return Host(found, address)
        outside = found.startswith(_MANAGED)
        remedy = f"give --external-address {found}=ADDRESS"
        if reason := self._denied.get("ssm" if outside else "ec2"):
            raise UnreachableTaskError(f"{reason}; add it, or {remedy}")
        knows = "Systems Manager" if outside else "EC2"
        raise UnreachableTaskError(f"{knows} has no address of its machine {found}: {remedy}")


class Hosts:
    """
    Reads addresses, and keeps those that do not change: the machine of a container instance, the private IPv4 address
    of a machine of EC2. Addresses of machines outside of AWS are read at each look.

    A permission that is missing leaves out the tasks that need it; what may be otherwise next time is raised.
    """

    def __init__(self, placements: Placements, ec2: Ec2, ssm: Ssm, given: Mapping[str, str]) -> None:
        self._placements = placements
        self._ec2 = ec2
        self._ssm = ssm
        self._given = given
        self._ids: dict[str, str] = {}
        self._ec2_addresses: dict[str, str] = {}

    def look(self, needed: Mapping[str, Collection[str]]) -> HostTable:
        """
        Return the machines of container instances, given by cluster.

        Raises:
            TaskscopeError: AWS cannot be asked.
        """
        denied: dict[str, str] = {}
        known = {arn: self._ids[arn] for arns in needed.values() for arn in arns if arn in self._ids}
        for cluster, arns in needed.items():
            if fresh := sorted(set(arns) - known.keys()):
                try:
                    known |= self._placements.instances(cluster, fresh)
                except DeniedError as error:
                    denied["ecs"] = error.message
        self._ids = known
        return HostTable(known, self._read_addresses(set(known.values()), denied), denied)

    def _read_addresses(self, ids: set[str], denied: dict[str, str]) -> dict[str, str]:
        outside = sorted(each for each in ids - self._given.keys() if each.startswith(_MANAGED))
        inside = sorted(each for each in ids - self._given.keys() if not each.startswith(_MANAGED))
        kept = {each: self._ec2_addresses[each] for each in inside if each in self._ec2_addresses}
        try:
            self._ec2_addresses = kept | self._ask_ec2([each for each in inside if each not in kept])
        except DeniedError as error:
            denied["ec2"] = error.message
        found = dict(self._ec2_addresses)
        try:
            found |= self._ssm.addresses(outside) if outside else {}
        except DeniedError as error:
            denied["ssm"] = error.message
        return found | dict(self._given)

    def _ask_ec2(self, ids: Sequence[str]) -> dict[str, str]:
        return self._ec2.private_addresses(ids) if ids else {}


def given_addresses(pairs: Iterable[str]) -> dict[str, str]:
    """
    Read ``mi-0123=10.0.0.5`` and the like.

    Raises:
        ValueError: One does not read so.
    """
    found: dict[str, str] = {}
    for pair in pairs:
        machine, equals, address = (part.strip() for part in pair.partition("="))
        if not (machine and equals and address) or any(each in address for each in "/ "):
            raise ValueError(pair)
        found[machine] = address
    return found
