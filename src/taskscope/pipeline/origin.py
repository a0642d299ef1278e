"""What a task adds to the telemetry of its containers: attributes of the cloud, of the task, of a container."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from taskscope.model.attributes import Attributes
from taskscope.model.ecs import name_of
from taskscope.model.resource import UNKNOWN_SERVICE, Resource

_PLATFORMS: Final = frozenset({None, "aws_ecs", "aws_ec2"})
"""What a sender inside of a task may say where it runs; another platform's telemetry only passes through the task."""
_SHARED_NETWORKS: Final = frozenset({"awsvpc", "host"})
"""Modes in which an address is that of all containers of a task, or of a whole host."""


@dataclass(frozen=True, slots=True)
class Origin:
    """One task, as far as it can be said of its senders."""

    task_arn: str
    attributes: Attributes
    containers: Mapping[str, Attributes] = field(default_factory=dict)
    """By id and by name."""
    by_address: Mapping[str, Attributes] = field(default_factory=dict)
    """By address, of containers that have one of their own: in bridge mode."""
    addresses: frozenset[str] = frozenset()
    """All of the task's, beside loopback."""

    def add_to(self, resource: Resource, sender: str) -> Resource:
        """Return the resource with what it does not say itself; a resource that names its task has said it all."""
        said = resource.attributes
        if said.get("aws.ecs.task.arn") or said.get("cloud.platform") not in _PLATFORMS:
            return resource
        container = self._container(said, sender)
        attributes = {**self.attributes, **container, **said}
        if resource.service_name.partition(":")[0] == UNKNOWN_SERVICE:
            attributes["service.name"] = self.attributes.get("aws.ecs.task.family", UNKNOWN_SERVICE)
        return Resource(attributes, resource.schema_url)

    def _container(self, said: Attributes, sender: str) -> Attributes:
        for name in ("container.id", "container.name"):
            if isinstance(value := said.get(name), str) and value:
                return self.containers.get(value, {})
        return self.by_address.get(sender, {})


def from_metadata(document: Mapping[str, Any]) -> Origin:
    """
    Read the answer of the task metadata endpoint (v4, ``/task``).

    Raises:
        KeyError: It has no task ARN.
    """
    arn = document["TaskARN"]
    attributes = task_attributes(
        arn,
        cluster=document.get("Cluster", ""),
        family=document.get("Family"),
        revision=document.get("Revision"),
        launch_type=document.get("LaunchType"),
        zone=document.get("AvailabilityZone"),
    )
    containers = [each for each in document.get("Containers") or () if each.get("Type", "NORMAL") == "NORMAL"]
    named = [
        container_attributes(each.get("Name"), each.get("DockerId"), each.get("ContainerARN")) for each in containers
    ]
    addresses: set[str] = set()
    own: dict[str, Attributes] = {}
    for container, known in zip(containers, named, strict=True):
        for network in container.get("Networks") or ():
            found = [each for kind in ("IPv4Addresses", "IPv6Addresses") for each in network.get(kind) or () if each]
            addresses.update(found)
            if network.get("NetworkMode") not in _SHARED_NETWORKS:
                own.update(dict.fromkeys(found, known))
    return Origin(arn, attributes, _by_name(named), own, frozenset(addresses))


def from_task(document: Mapping[str, Any]) -> Origin:
    """
    Read a task of the ECS API, or the ``detail`` of its state change.

    Raises:
        KeyError: It has no task ARN.
    """
    arn = document["taskArn"]
    family, _, revision = name_of(document.get("taskDefinitionArn", "")).partition(":")
    attributes = task_attributes(
        arn,
        cluster=document.get("clusterArn", ""),
        family=family,
        revision=revision,
        launch_type=document.get("launchType"),
        zone=document.get("availabilityZone"),
    )
    named = [
        container_attributes(each.get("name"), each.get("runtimeId"), each.get("containerArn"))
        for each in document.get("containers") or ()
    ]
    return Origin(arn, attributes, _by_name(named), addresses=frozenset(_attached(document)))


def _attached(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the addresses of a task's network interfaces; their type is ``eni`` in events, else in the API."""
    for attachment in document.get("attachments") or ():
        for detail in attachment.get("details") or ():
            if detail.get("name") in {"privateIPv4Address", "privateIPv6Address"} and detail.get("value"):
                yield detail["value"]


def _by_name(containers: Sequence[Attributes]) -> Mapping[str, Attributes]:
    return {
        value: container
        for container in containers
        for key in ("container.id", "container.name")
        if isinstance(value := container.get(key), str)
    }


def task_attributes(
    arn: str, *, cluster: str, family: str | None, revision: str | None, launch_type: str | None, zone: str | None
) -> Attributes:
    """Write OpenTelemetry's names; the cluster is a short name on EC2, and an ARN on Fargate."""
    [partition, _, region, account] = (*arn.split(":"), "", "", "", "")[1:5]
    if cluster and ":" not in cluster:
        cluster = f"arn:{partition}:ecs:{region}:{account}:cluster/{cluster}"
    found = {
        "cloud.provider": "aws",
        "cloud.platform": "aws_ecs",
        "cloud.region": region,
        "cloud.account.id": account,
        "cloud.availability_zone": zone,
        "aws.ecs.cluster.arn": cluster,
        "aws.ecs.task.arn": arn,
        "aws.ecs.task.id": name_of(arn),
        "aws.ecs.task.family": family,
        "aws.ecs.task.revision": revision,
        "aws.ecs.launchtype": launch_type.lower() if launch_type else None,
    }
    return {name: value for name, value in found.items() if value}


def container_attributes(name: str | None, runtime_id: str | None, arn: str | None) -> Attributes:
    """Write OpenTelemetry's names; what is not known is left out."""
    found = {"container.name": name, "container.id": runtime_id, "aws.ecs.container.arn": arn}
    return {key: value for key, value in found.items() if value}
