"""Documents of the task metadata endpoint, versions 2 to 4 (spec/ecs-metadata-and-metrics.md, section 2). Pure."""

from typing import Any, Final, TypeAlias

from taskscope.lab.runner.state import ContainerState, TaskState
from taskscope.lab.runner.times import rfc3339

Document: TypeAlias = dict[str, Any]

_DEFAULT_CPU_UNITS: Final = 2
_CPU_UNITS: Final = 1024
_SINCE_V4: Final = frozenset(
    {
        "ClockDrift",
        "ContainerARN",
        "EphemeralStorageMetrics",
        "LaunchType",
        "LogDriver",
        "LogOptions",
        "RestartCount",
        "ServiceName",
        "Snapshotter",
        "VPCID",
    }
)
"""Members that only version 4 has."""


def task_document(task: TaskState, *, version: int, now_ns: int, tags: bool = False) -> Document:
    """Return the answer of ``/task``; with ``tags`` that of ``/taskWithTags``."""
    definition, described = task.assignment.definition, task.assignment.task
    document: Document = {
        "Cluster": described.get("clusterArn", "") if task.is_fargate else task.cluster,
        "TaskARN": task.assignment.task_arn,
        "Family": definition["family"],
        "Revision": str(definition["revision"]),
        "DesiredStatus": task.desired,
        "KnownStatus": task.status,
    }
    if task.assignment.service and not task.is_fargate:
        document["ServiceName"] = task.assignment.service
    if limits := _task_limits(task):
        document["Limits"] = limits
    times = {
        "PullStartedAt": task.pull_started_ns,
        "PullStoppedAt": task.pull_stopped_ns,
        "ExecutionStoppedAt": task.execution_stopped_ns,
    }
    document.update({name: rfc3339(value) for name, value in times.items() if value is not None})
    document["AvailabilityZone"] = described.get("availabilityZone") or f"{task.assignment.region}a"
    document["LaunchType"] = task.launch_type
    if task.is_fargate:
        document["ClockDrift"] = {
            "ClockErrorBound": 0.5,
            "ReferenceTimestamp": rfc3339(now_ns),
            "ClockSynchronizationStatus": "SYNCHRONIZED",
        }
    document["Containers"] = [container_document(task, each, version=version) for each in task.containers.values()]
    if tags:
        document["TaskTags"] = {tag["key"]: tag.get("value", "") for tag in described.get("tags") or []}
    return _of_version(document, version)


def container_document(task: TaskState, container: ContainerState, *, version: int) -> Document:
    """Return the answer of the base path: one container."""
    definition = container.definition
    document: Document = {
        "DockerId": container.runtime_id,
        "Name": container.name,
        "DockerName": container.name if task.is_fargate else _docker_name(task, container),
        "Image": definition.get("image", ""),
        "ImageID": container.digest,
    }
    if container.bindings and not task.is_fargate:
        document["Ports"] = [
            {"ContainerPort": b.container_port, "Protocol": b.protocol, "HostPort": b.host_port, "HostIp": b.address}
            for b in container.bindings
        ]
    document["Labels"] = {**_labels(task, container), **(definition.get("dockerLabels") or {})}
    document["DesiredStatus"] = container.desired
    document["KnownStatus"] = container.status
    if container.exit_code is not None:
        document["ExitCode"] = container.exit_code
    document["Limits"] = _container_limits(definition)
    times = {
        "CreatedAt": container.created_ns,
        "StartedAt": container.started_ns,
        "FinishedAt": container.finished_ns,
    }
    document.update({name: rfc3339(value) for name, value in times.items() if value is not None})
    document["Type"] = "NORMAL"
    if container.health:
        document["Health"] = _health(container)
    document.update(_log_members(container))
    document["ContainerARN"] = container.arn
    document["Networks"] = [_network(task, version)]
    if task.is_fargate:
        document["Snapshotter"] = "overlayfs"
    if container.restarts is not None:
        document["RestartCount"] = container.restarts
    return _of_version(document, version)


def _of_version(document: Document, version: int) -> Document:
    if version >= 4:  # noqa: PLR2004  # metadata version 4
        return document
    return {name: value for name, value in document.items() if name not in _SINCE_V4}


def _task_limits(task: TaskState) -> Document:
    """Return CPU in vCPUs and memory in MiB, as far as the task has such limits."""
    described, definition = task.assignment.task, task.assignment.definition
    cpu = described.get("cpu") or definition.get("cpu")
    memory = described.get("memory") or definition.get("memory")
    limits: Document = {"CPU": int(cpu) / _CPU_UNITS} if cpu else {}
    return {**limits, "Memory": int(memory)} if memory else limits


def _container_limits(definition: Document) -> Document:
    limits: Document = {"CPU": definition.get("cpu") or _DEFAULT_CPU_UNITS}
    memory = definition.get("memory")
    return {**limits, "Memory": memory} if memory else limits


def _labels(task: TaskState, container: ContainerState) -> dict[str, str]:
    described, definition = task.assignment.task, task.assignment.definition
    return {
        "com.amazonaws.ecs.cluster": described.get("clusterArn", "") if task.is_fargate else task.cluster,
        "com.amazonaws.ecs.container-name": container.name,
        "com.amazonaws.ecs.task-arn": task.assignment.task_arn,
        "com.amazonaws.ecs.task-definition-family": definition["family"],
        "com.amazonaws.ecs.task-definition-version": str(definition["revision"]),
    }


def _docker_name(task: TaskState, container: ContainerState) -> str:
    definition = task.assignment.definition
    return f"ecs-{definition['family']}-{definition['revision']}-{container.name}-{container.token[:20]}"


def _health(container: ContainerState) -> Document:
    """Return the last health check; the members inside are in lower camel case."""
    health = container.health
    if health is None or health.status == "UNKNOWN":
        return {"status": "UNKNOWN"}
    return {
        "status": health.status,
        "statusSince": rfc3339(health.since_ns),
        "exitCode": health.exit_code,
        "output": health.output,
    }


def _log_members(container: ContainerState) -> Document:
    configuration = container.definition.get("logConfiguration")
    if not configuration:
        return {}
    to = container.destination
    options = to.options if to else configuration.get("options") or {}
    return {"LogDriver": configuration.get("logDriver", ""), "LogOptions": dict(options)}


def _network(task: TaskState, version: int) -> Document:
    attachment = task.attachment
    document: Document = {
        "NetworkMode": task.network_mode,
        "IPv4Addresses": [attachment.address] if attachment else [],
    }
    if version >= 4 and attachment and attachment.namespace:  # noqa: PLR2004  # metadata version 4
        document["AttachmentIndex"] = 0
        document["MACAddress"] = attachment.mac
        document["IPv4SubnetCIDRBlock"] = attachment.subnet
        document["SubnetGatewayIpv4Address"] = f"{attachment.gateway}/{str(attachment.subnet).partition('/')[2]}"
    return document
