"""
ECS objects as DescribeTasks, DescribeServices and DescribeTaskDefinition give them.

``from_document`` reads a document of the ECS API: times may be datetimes (SDK) or ISO 8601 texts
(EventBridge, recorded states); members that are absent become None.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self

from taskscope.clock import from_datetime

EVENTS_KEPT: Final = 100
"""Events that ECS keeps of a service; older ones are gone."""


def name_of(arn: str) -> str:
    """Return what follows the last ``/`` of an ARN: a task's id, a cluster's or service's name, ``family:revision``."""
    return arn.rpartition("/")[2]


def _time(value: datetime | str | None) -> int | None:
    if value is None:
        return None
    return from_datetime(datetime.fromisoformat(value) if isinstance(value, str) else value)


@dataclass(frozen=True, slots=True)
class Container:
    """One container of a task; ECS gives it no times of its own."""

    name: str
    last_status: str
    runtime_id: str | None = None
    exit_code: int | None = None
    reason: str | None = None
    health: str | None = None

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Read a ``Container`` of the ECS API."""
        return cls(
            name=document["name"],
            last_status=document.get("lastStatus", ""),
            runtime_id=document.get("runtimeId"),
            exit_code=document.get("exitCode"),
            reason=document.get("reason"),
            health=document.get("healthStatus"),
        )


@dataclass(frozen=True, slots=True)
class Task:
    """One ECS task. Times are nanoseconds since the epoch; None: the task did not come that far."""

    arn: str
    cluster_arn: str
    definition_arn: str
    created_at: int
    last_status: str
    desired_status: str
    connected_at: int | None = None
    pull_started_at: int | None = None
    pull_stopped_at: int | None = None
    started_at: int | None = None
    stopping_at: int | None = None
    execution_stopped_at: int | None = None
    stopped_at: int | None = None
    stop_code: str | None = None
    stopped_reason: str | None = None
    group: str = ""
    started_by: str | None = None
    launch_type: str = ""
    containers: tuple[Container, ...] = ()

    @property
    def id(self) -> str:
        """The task's id, 32 hexadecimal digits (older tasks: a UUID)."""
        return name_of(self.arn)

    @property
    def region(self) -> str | None:
        """The region that the ARN names."""
        parts = self.arn.split(":")
        return parts[3] if len(parts) > 3 else None  # noqa: PLR2004 (arn:partition:ecs:region:account:task)

    @property
    def cluster(self) -> str:
        """The cluster's name."""
        return name_of(self.cluster_arn)

    @property
    def service(self) -> str | None:
        """The name of the ECS service that owns the task."""
        kind, _, name = self.group.partition(":")
        return name if kind == "service" else None

    @property
    def stopped(self) -> bool:
        """Whether the task has come to its end."""
        return self.last_status in {"STOPPED", "DELETED"}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Read a ``Task`` of DescribeTasks, or the ``detail`` of an "ECS Task State Change"."""
        created = _time(document.get("createdAt"))
        return cls(
            arn=document["taskArn"],
            cluster_arn=document["clusterArn"],
            definition_arn=document["taskDefinitionArn"],
            created_at=created or 0,
            last_status=document.get("lastStatus", ""),
            desired_status=document.get("desiredStatus", ""),
            connected_at=_time(document.get("connectivityAt")),
            pull_started_at=_time(document.get("pullStartedAt")),
            pull_stopped_at=_time(document.get("pullStoppedAt")),
            started_at=_time(document.get("startedAt")),
            stopping_at=_time(document.get("stoppingAt")),
            execution_stopped_at=_time(document.get("executionStoppedAt")),
            stopped_at=_time(document.get("stoppedAt")),
            stop_code=document.get("stopCode"),
            stopped_reason=document.get("stoppedReason"),
            group=document.get("group", ""),
            started_by=document.get("startedBy"),
            launch_type=document.get("launchType", ""),
            containers=tuple(Container.from_document(each) for each in document.get("containers", ())),
        )


@dataclass(frozen=True, slots=True)
class ServiceEvent:
    """One line of an ECS service's history."""

    id: str
    created_at: int
    message: str

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Read a ``ServiceEvent`` of DescribeServices."""
        return cls(id=document["id"], created_at=_time(document["createdAt"]) or 0, message=document["message"])


@dataclass(frozen=True, slots=True)
class LogConfiguration:
    """Where a container's output goes: the driver and its options, as the task definition says."""

    driver: str
    options: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_document(cls, document: Mapping[str, Any] | None) -> Self | None:
        """Read a ``LogConfiguration`` of the ECS API; None if there is none."""
        return cls(document["logDriver"], dict(document.get("options") or {})) if document else None


@dataclass(frozen=True, slots=True)
class EcsService:
    """An ECS service: its history, and where its Service Connect proxies write."""

    name: str
    events: tuple[ServiceEvent, ...] = ()
    """Newest first, at most ``EVENTS_KEPT``."""
    connect_logs: Mapping[str, LogConfiguration | None] = field(default_factory=dict)
    """By deployment, newest first: a deployment may change where proxies write."""
    definitions: tuple[str, ...] = ()
    """ARNs of the task definitions of its deployments, newest first, each once."""

    def connect_logs_of(self, task: Task) -> LogConfiguration | None:
        """Return where the task's proxy writes: as its own deployment says, else, when that is gone, the newest."""
        if (own := task.started_by or "") in self.connect_logs:
            return self.connect_logs[own]
        return next(filter(None, self.connect_logs.values()), None)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Read a ``Service`` of DescribeServices."""
        connect = {
            each.get("id", ""): LogConfiguration.from_document(
                (each.get("serviceConnectConfiguration") or {}).get("logConfiguration")
            )
            for each in document.get("deployments", ())
        }
        return cls(
            name=document["serviceName"],
            events=tuple(ServiceEvent.from_document(each) for each in document.get("events", ())),
            connect_logs=connect,
            definitions=tuple(
                dict.fromkeys(
                    each["taskDefinition"] for each in document.get("deployments", ()) if each.get("taskDefinition")
                )
            ),
        )


@dataclass(frozen=True, slots=True)
class TaskDefinition:
    """What the timeline needs of a task definition: its name and each container's log configuration."""

    arn: str
    logs: Mapping[str, LogConfiguration | None]
    """By container name; None where the definition names no driver."""

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Read a ``TaskDefinition`` of DescribeTaskDefinition."""
        logs = {
            each["name"]: LogConfiguration.from_document(each.get("logConfiguration"))
            for each in document.get("containerDefinitions", ())
        }
        return cls(arn=document["taskDefinitionArn"], logs=logs)
