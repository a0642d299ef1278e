"""
The task as ``/task`` (versions 3 and 4) and ``/v2/metadata`` describe it.

Shapes: Amazon ECS task metadata endpoint version 4 (docs.aws.amazon.com/AmazonECS/latest/developerguide, "Task metadata
endpoint") and the ECS agent's ``TaskResponse``. Versions 2 and 3 lack members, and name none otherwise.
"""

from collections.abc import Mapping
from typing import Any, Final

from taskscope.errors import MalformedPayloadError
from taskscope.model.task_metadata import NORMAL, TaskContainer, TaskInfo
from taskscope.wire.task_metadata.fields import (
    count,
    instant,
    integer,
    mebibytes,
    number,
    pairs,
    part,
    parts,
    text,
    texts,
)

_SYNCHRONIZED: Final = {"SYNCHRONIZED": True, "NOT_SYNCHRONIZED": False}
_ARN_PARTS: Final = 6
_UNRESERVED_UNITS: Final = 2
"""What the agent says of a container whose definition has no CPU, or 0: the kernel's least (amazon-ecs-agent)."""


def read_task(document: object) -> TaskInfo:
    """
    Read a task; members that are missing or of another type than they should be count as not said.

    Raises:
        MalformedPayloadError: It is no JSON object, or has no ``TaskARN``, or its ``Containers`` are no array.
    """
    if not isinstance(document, dict):
        raise MalformedPayloadError(f"the task's metadata are no JSON object but {repr(document)[:80]}")
    arn = text(document.get("TaskARN"))
    if not arn:
        raise MalformedPayloadError(f"the task's metadata name no TaskARN, only {', '.join(sorted(document))[:80]!r}")
    if not isinstance(document.get("Containers"), list | None):
        raise MalformedPayloadError(f"the task's Containers are no array but {repr(document['Containers'])[:80]}")
    limits, storage, clock = (part(document, name) for name in ("Limits", "EphemeralStorageMetrics", "ClockDrift"))
    cluster, cluster_arn = _cluster(text(document.get("Cluster")), arn)
    error_milliseconds = number(clock.get("ClockErrorBound"))
    return TaskInfo(
        cluster=cluster,
        arn=arn,
        family=text(document.get("Family")),
        revision=text(document.get("Revision")),
        cluster_arn=cluster_arn,
        service=text(document.get("ServiceName")),
        desired_status=text(document.get("DesiredStatus")),
        known_status=text(document.get("KnownStatus")),
        availability_zone=text(document.get("AvailabilityZone")),
        launch_type=text(document.get("LaunchType")),
        cpu_limit=number(limits.get("CPU")) or None,  # 0 is Go's way to say none
        memory_limit_bytes=mebibytes(limits.get("Memory")) or None,
        pull_started_ns=instant(document.get("PullStartedAt")),
        pull_stopped_ns=instant(document.get("PullStoppedAt")),
        execution_stopped_ns=instant(document.get("ExecutionStoppedAt")),
        ephemeral_used_bytes=mebibytes(storage.get("Utilized")),
        ephemeral_reserved_bytes=mebibytes(storage.get("Reserved")),
        clock_error_seconds=None if error_milliseconds is None else error_milliseconds / 1000,
        clock_synchronized=_SYNCHRONIZED.get(text(clock.get("ClockSynchronizationStatus"))),
        containers=tuple(map(_container, parts(document, "Containers"))),
    )


def _cluster(said: str, task_arn: str) -> tuple[str, str]:
    """Return name and ARN: EC2 says the name, Fargate the ARN; a task's ARN has the account, and most have the name."""
    pieces = task_arn.split(":", _ARN_PARTS - 1)
    where = ":".join(pieces[:-1]) if len(pieces) == _ARN_PARTS else ""
    path = pieces[-1].split("/")  # task/CLUSTER/ID, or task/ID of accounts that keep the old format
    name = said.rpartition("/")[2] or (path[1] if where and len(path) > 2 else "")  # noqa: PLR2004 - counted above
    if said.startswith("arn:"):
        return name, said
    return name, f"{where}:cluster/{name}" if where and name else ""


def _reserved(units: float | None) -> float | None:
    return units if units is not None and units > _UNRESERVED_UNITS else None


def _container(document: Mapping[str, Any]) -> TaskContainer:
    limits, health = part(document, "Limits"), part(document, "Health")
    networks = list(parts(document, "Networks"))
    return TaskContainer(
        id=text(document.get("DockerId")),
        name=text(document.get("Name")),
        type=text(document.get("Type")) or NORMAL,
        docker_name=text(document.get("DockerName")),
        image=text(document.get("Image")),
        image_id=text(document.get("ImageID")),
        arn=text(document.get("ContainerARN")),
        desired_status=text(document.get("DesiredStatus")),
        known_status=text(document.get("KnownStatus")),
        exit_code=integer(document.get("ExitCode")),
        cpu_units=_reserved(number(limits.get("CPU"))),
        memory_limit_bytes=mebibytes(limits.get("Memory")) or None,
        created_ns=instant(document.get("CreatedAt")),
        started_ns=instant(document.get("StartedAt")),
        finished_ns=instant(document.get("FinishedAt")),
        health=text(health.get("status")),
        health_since_ns=instant(health.get("statusSince")),
        restarts=count(document.get("RestartCount")),
        network_mode=next((mode for each in networks if (mode := text(each.get("NetworkMode")))), ""),
        addresses=tuple(
            address for each in networks for kind in ("IPv4Addresses", "IPv6Addresses") for address in texts(each, kind)
        ),
        log_driver=text(document.get("LogDriver")),
        log_options=pairs(document, "LogOptions"),
        labels=pairs(document, "Labels"),
    )
