"""Where containers of tasks can be reached: what DescribeTasks and DescribeTaskDefinition say of networks and ports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self

from taskscope.model.ecs import name_of

INTERFACE: Final = "ElasticNetworkInterface"
"""The type of the attachment that an ``awsvpc`` task has."""


@dataclass(frozen=True, slots=True)
class PortBinding:
    """A container's port, and the port of its host that stands for it."""

    container_port: int
    host_port: int
    protocol: str = "tcp"


@dataclass(frozen=True, slots=True)
class PlacedContainer:
    """A container of a task, with the ports of the host that it has got."""

    name: str
    last_status: str = ""
    image: str = ""
    bindings: tuple[PortBinding, ...] = ()
    """Of network modes other than ``awsvpc``."""

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Read a ``Container`` of the ECS API."""
        bindings = (
            PortBinding(each["containerPort"], each["hostPort"], each.get("protocol") or "tcp")
            for each in document.get("networkBindings") or ()
            if each.get("containerPort") and each.get("hostPort")
        )
        return cls(
            name=document["name"],
            last_status=document.get("lastStatus", ""),
            image=document.get("image", ""),
            bindings=tuple(bindings),
        )


@dataclass(frozen=True, slots=True)
class PlacedTask:
    """A task and where it runs. Texts are empty where ECS does not say."""

    arn: str
    cluster_arn: str
    definition_arn: str
    group: str = ""
    last_status: str = ""
    desired_status: str = ""
    health_status: str = ""
    launch_type: str = ""
    """Empty where a capacity provider chose it in ways that ECS does not tell."""
    capacity_provider: str = ""
    availability_zone: str = ""
    platform_family: str = ""
    platform_version: str = ""
    instance_arn: str = ""
    """The container instance; Fargate has none."""
    address: str = ""
    """Of the task's own network interface (``awsvpc``): its private IPv4 address, else its IPv6 address."""
    subnet: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    containers: tuple[PlacedContainer, ...] = ()

    @property
    def id(self) -> str:
        """The task's id."""
        return name_of(self.arn)

    @property
    def cluster(self) -> str:
        """The cluster's name."""
        return name_of(self.cluster_arn)

    @property
    def region(self) -> str:
        """The region that the ARN names."""
        return self.arn.split(":")[3] if self.arn.count(":") > 3 else ""  # noqa: PLR2004 (arn:partition:ecs:region:…)

    @property
    def service(self) -> str:
        """The name of the ECS service that owns the task; empty without one."""
        kind, _, name = self.group.partition(":")
        return name if kind == "service" else ""

    @property
    def family(self) -> str:
        """The family of its task definition."""
        return name_of(self.definition_arn).rpartition(":")[0]

    @property
    def revision(self) -> str:
        """The revision of its task definition."""
        return name_of(self.definition_arn).rpartition(":")[2]

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Read a ``Task`` of DescribeTasks."""
        interfaces = [each for each in document.get("attachments") or () if each.get("type") == INTERFACE]
        details = {each["name"]: each.get("value", "") for each in _details(interfaces)}
        containers = document.get("containers") or ()
        return cls(
            arn=document["taskArn"],
            cluster_arn=document["clusterArn"],
            definition_arn=document["taskDefinitionArn"],
            group=document.get("group", ""),
            last_status=document.get("lastStatus", ""),
            desired_status=document.get("desiredStatus", ""),
            health_status=document.get("healthStatus", ""),
            launch_type=document.get("launchType", ""),
            capacity_provider=document.get("capacityProviderName", ""),
            availability_zone=document.get("availabilityZone", ""),
            platform_family=document.get("platformFamily", ""),
            platform_version=document.get("platformVersion", ""),
            instance_arn=document.get("containerInstanceArn", ""),
            address=details.get("privateIPv4Address") or _interface_address(containers),
            subnet=details.get("subnetId", ""),
            tags={each["key"]: each.get("value", "") for each in document.get("tags") or ()},
            containers=tuple(PlacedContainer.from_document(each) for each in containers),
        )


def _details(attachments: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [detail for each in attachments for detail in each.get("details") or ()]


def _interface_address(containers: Sequence[Mapping[str, Any]]) -> str:
    """Return the address that containers have of the task's interface; a subnet of IPv6 alone gives no other."""
    interfaces = [each for container in containers for each in container.get("networkInterfaces") or ()]
    found = [each.get("privateIpv4Address") or each.get("ipv6Address") or "" for each in interfaces]
    return next(filter(None, found), "")


@dataclass(frozen=True, slots=True)
class ExposedContainer:
    """What a task definition says of a container's ports."""

    name: str
    ports: tuple[int, ...] = ()
    """Container ports of its mappings, over TCP."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Docker labels."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a task definition says of networks and ports."""

    network_mode: str
    """``awsvpc``, ``bridge``, ``host``, ``none``; ``default`` on Windows."""
    containers: tuple[ExposedContainer, ...]

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Read a ``TaskDefinition`` of DescribeTaskDefinition; without a network mode it is ``bridge`` (its docs)."""
        return cls(
            network_mode=document.get("networkMode") or "bridge",
            containers=tuple(_exposed(each) for each in document.get("containerDefinitions") or ()),
        )


def _exposed(document: Mapping[str, Any]) -> ExposedContainer:
    mappings = [each for each in document.get("portMappings") or () if (each.get("protocol") or "tcp") == "tcp"]
    ports: list[int] = []
    for each in mappings:
        first, _, last = str(each.get("containerPortRange") or each.get("containerPort") or "").partition("-")
        ports.extend(range(int(first), int(last or first) + 1) if first else ())
    return ExposedContainer(document["name"], tuple(ports), dict(document.get("dockerLabels") or {}))
