"""
Performance events as Container Insights writes them.

Schema and units: Amazon CloudWatch user guide, "Container Insights performance log events for Amazon ECS" and "Amazon
ECS Container Insights metrics". CPU is in units of 1,024 for a CPU, memory in MiB under the name of megabytes, network
in bytes a second, storage in bytes since the start.

Container Insights names its metrics in a member ``CloudWatchMetrics`` at the root. CloudWatch takes metrics from
anybody's events by ``_aws`` (Embedded Metric Format), so that is where they are here, and only there: they must not
count twice.
"""

import json
from typing import Any, Final

from taskscope.clock import MILLISECOND
from taskscope.model import container_metrics as metrics
from taskscope.model.attributes import attribute_text
from taskscope.model.container_metrics import CONTAINER_NAME, DIRECTION_OF_DISK, DIRECTION_OF_NETWORK
from taskscope.model.ecs import name_of
from taskscope.model.metric import Metric
from taskscope.sinks.cloudwatch.insights_usage import Usage
from taskscope.sinks.cloudwatch.template import UNKNOWN, cluster_name
from taskscope.wire.emf.members import MAX_TEXT, RESERVED, plain

NAMESPACE: Final = "ECS/ContainerInsights"
_CPU_UNITS: Final = 1024
_MIB: Final = 1 << 20
_GB: Final = 10**9
_UNITS: Final = {
    "CpuUtilized": "None", "CpuReserved": "None", "MemoryUtilized": "Megabytes", "MemoryReserved": "Megabytes",
    "NetworkRxBytes": "Bytes/Second", "NetworkTxBytes": "Bytes/Second",
    "StorageReadBytes": "Bytes", "StorageWriteBytes": "Bytes",
    "EphemeralStorageReserved": "Gigabytes", "EphemeralStorageUtilized": "Gigabytes",
}  # fmt: skip
"""What CloudWatch makes metrics of, of a task."""
_RUNNING: Final = "RUNNING"
"""Whoever has statistics runs."""
_NETWORK: Final = {"Bytes": "io", "Packets": "packets", "Errors": "errors", "Dropped": "dropped"}


def event(usage: Usage) -> tuple[int, str]:
    """Return the time in milliseconds and the event of a task or a container."""
    time_ms = usage.time_ns // MILLISECOND
    members = _task(usage, time_ms) if not usage.subject.container else _container(usage)
    document = {"Version": "0", **members, "Timestamp": time_ms}
    said = {name: value for name, value in document.items() if value is not None}
    return time_ms, json.dumps(said, separators=(",", ":"), allow_nan=False)


def _container(usage: Usage) -> dict[str, Any]:
    said = usage.resource.attributes
    memory = usage.average(metrics.MEMORY_WORKING_SET)
    image, tags = _text(said, "container.image.name"), said.get("container.image.tags")
    tag = tags[0] if isinstance(tags, list | tuple) and tags else ""
    return {
        "Type": "Container",
        "ContainerName": _text(said, CONTAINER_NAME) or usage.subject.container,
        **_whose(usage),
        "Image": (f"{image}:{tag}" if tag else image) or None,
        "ContainerKnownStatus": _RUNNING,
        "CpuUtilized": _scaled(usage.average(metrics.CPU_USAGE), _CPU_UNITS),
        "CpuReserved": _scaled(usage.last(metrics.CPU_RESERVED), _CPU_UNITS),
        "MemoryUtilized": _mebibytes(usage.average(metrics.MEMORY_USAGE) if memory is None else memory),
        "MemoryReserved": _mebibytes(usage.last(metrics.MEMORY_LIMIT)),
        **_storage(usage, metrics.DISK_IO),
        **_network(usage, "container.network."),
    }


def _task(usage: Usage, time_ms: int) -> dict[str, Any]:
    said = usage.resource.attributes
    memory = usage.average(metrics.TASK_MEMORY_WORKING_SET)
    measured = {
        "CpuUtilized": _scaled(usage.average(metrics.TASK_CPU_USAGE), _CPU_UNITS),
        "CpuReserved": _scaled(usage.last(metrics.TASK_CPU_LIMIT), _CPU_UNITS),
        "MemoryUtilized": _mebibytes(usage.average(metrics.TASK_MEMORY_USAGE) if memory is None else memory),
        "MemoryReserved": _mebibytes(usage.last(metrics.TASK_MEMORY_LIMIT)),
        **_storage(usage, metrics.TASK_DISK_IO),
        **_network(usage, "ecs.task.network."),
        "EphemeralStorageReserved": _scaled(usage.last(metrics.TASK_EPHEMERAL_LIMIT), 1 / _GB),
        "EphemeralStorageUtilized": _scaled(usage.average(metrics.TASK_EPHEMERAL_USAGE), 1 / _GB),
    }
    whose = _whose(usage)
    return {
        "Type": "Task",
        **whose,
        "AccountID": _text(said, "cloud.account.id") or None,
        "Region": _text(said, "cloud.region") or None,
        "AvailabilityZone": _text(said, "cloud.availability_zone") or None,
        "KnownStatus": _RUNNING,
        "LaunchType": _text(said, "aws.ecs.launchtype").upper() or None,
        "StartedAt": usage.since_ns // MILLISECOND or None,
        **measured,
        RESERVED: _directive(whose, measured, time_ms),
    }


def _directive(whose: dict[str, Any], measured: dict[str, Any], time_ms: int) -> dict[str, Any]:
    """Name what CloudWatch makes metrics of: for the cluster, for the task's family, and for its service."""
    further = [name for name in ("TaskDefinitionFamily", "ServiceName") if whose[name]]
    declared = [{"Name": name, "Unit": unit} for name, unit in _UNITS.items() if measured.get(name) is not None]
    dimensions = [["ClusterName"], *(["ClusterName", name] for name in further)]
    directive = {"Namespace": NAMESPACE, "Dimensions": dimensions, "Metrics": declared}
    return {"Timestamp": time_ms, "CloudWatchMetrics": [directive] if declared else []}


def _whose(usage: Usage) -> dict[str, Any]:
    """Say which task it is, in texts that CloudWatch takes as dimensions."""
    said = usage.resource.attributes
    texts = {
        "TaskId": name_of(usage.subject.task),
        "TaskDefinitionFamily": _text(said, metrics.TASK_FAMILY),
        "TaskDefinitionRevision": _text(said, "aws.ecs.task.revision"),
        "ServiceName": _text(said, metrics.SERVICE),
        "ClusterName": cluster_name(usage.resource) or UNKNOWN,
    }
    return {name: plain(text, MAX_TEXT) if text else None for name, text in texts.items()}


def _storage(usage: Usage, metric: Metric) -> dict[str, Any]:
    read = usage.total(metric, DIRECTION_OF_DISK, "read")
    written = usage.total(metric, DIRECTION_OF_DISK, "write")
    return {"StorageReadBytes": _whole(read), "StorageWriteBytes": _whole(written)}


def _network(usage: Usage, prefix: str) -> dict[str, Any]:
    """Return what came and went each second, as ``NetworkRxBytes`` and its like."""
    found: dict[str, Any] = {}
    for way, direction in (("Rx", "receive"), ("Tx", "transmit")):
        for what, name in _NETWORK.items():
            rate = usage.rate(_BY_NAME[f"{prefix}{name}"], DIRECTION_OF_NETWORK, direction)
            found[f"Network{way}{what}"] = None if rate is None else round(rate, 3)
    return found


_BY_NAME: Final = {each.name: each for each in vars(metrics).values() if isinstance(each, Metric)}


def _text(said: Any, name: str) -> str:
    return attribute_text(said.get(name))


def _scaled(value: float | None, factor: float) -> float | None:
    return None if value is None else round(value * factor, 6)


def _mebibytes(value: float | None) -> int | None:
    return None if value is None else round(value / _MIB)


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)
