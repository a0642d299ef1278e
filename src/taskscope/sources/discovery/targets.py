"""Targets of Prometheus: an address and the labels of what is behind it. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from taskscope.model.placement import ExposedContainer, PlacedTask
from taskscope.sources.discovery.endpoints import Endpoint
from taskscope.sources.discovery.hosts import Host
from taskscope.sources.discovery.wanted import METRICS_PATH

_META: Final = "__meta_ecs_"
_UNFIT: Final = re.compile(r"[^a-zA-Z0-9_]")


@dataclass(frozen=True, slots=True)
class ScrapeTarget:
    """An exporter."""

    address: str
    """``host:port``."""
    labels: Mapping[str, str]

    def document(self) -> dict[str, Any]:
        """Return a group of ``file_sd`` and ``http_sd``, of this one target."""
        return {"targets": [self.address], "labels": dict(self.labels)}


def target(
    task: PlacedTask, endpoint: Endpoint, exposed: ExposedContainer, *, mode: str, host: Host | None
) -> ScrapeTarget:
    """Return the target of an exporter; ``host`` is the machine at whose address it is reached, if not at its own."""
    address = host.address if host else task.address
    labels = _target_labels(task, endpoint) | _meta_labels(task, endpoint, exposed, mode=mode, address=address)
    if host:
        labels[f"{_META}ec2_instance_id"] = host.id
        labels[f"{_META}ec2_instance_private_ip"] = host.address
    shown = f"[{address}]" if ":" in address else address
    return ScrapeTarget(f"{shown}:{endpoint.port}", {name: value for name, value in labels.items() if value})


def _target_labels(task: PlacedTask, endpoint: Endpoint) -> dict[str, str]:
    """Return labels that every series gets."""
    return {
        "__metrics_path__": "" if endpoint.path == METRICS_PATH else endpoint.path,
        "availability_zone": task.availability_zone,
        "cluster": task.cluster,
        "container": endpoint.container.name,
        "family": task.family,
        "launch_type": task.launch_type,
        "revision": task.revision,
        "service": task.service,
        "task": task.id,
    }


def _meta_labels(
    task: PlacedTask, endpoint: Endpoint, exposed: ExposedContainer, *, mode: str, address: str
) -> dict[str, str]:
    """Return labels for relabelling; where Prometheus' own discovery of ECS (3.6) has one, by its name."""
    plain = {
        "availability_zone": task.availability_zone,
        "capacity_provider": task.capacity_provider,
        "cluster": task.cluster,
        "cluster_arn": task.cluster_arn,
        "container_image": endpoint.container.image,
        "container_instance_arn": task.instance_arn,
        "container_name": endpoint.container.name,
        "container_port": str(endpoint.container_port),
        "desired_status": task.desired_status,
        "health_status": task.health_status,
        "ip_address": address,
        "last_status": task.last_status,
        "launch_type": task.launch_type,
        "network_mode": mode,
        "platform_family": task.platform_family,
        "platform_version": task.platform_version,
        "region": task.region,
        "service": task.service,
        "subnet_id": task.subnet,
        "task_arn": task.arn,
        "task_definition": task.definition_arn,
        "task_family": task.family,
        "task_group": task.group,
        "task_id": task.id,
        "task_revision": task.revision,
    }
    tags = {f"tag_task_{_fit(key)}": value for key, value in task.tags.items()}
    docker = {f"container_label_{_fit(key)}": value for key, value in exposed.labels.items()}
    return {f"{_META}{name}": value for name, value in (plain | tags | docker).items()}


def _fit(text: str) -> str:
    return _UNFIT.sub("_", text)


def documents(targets: Iterable[ScrapeTarget]) -> list[dict[str, Any]]:
    """Return the document of ``file_sd`` and ``http_sd``: in one order, so that what did not change reads the same."""
    ordered = sorted(targets, key=lambda each: (each.labels["cluster"], each.labels["family"], each.address))
    return [each.document() for each in ordered]
