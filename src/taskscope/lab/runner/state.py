"""What the agent knows of its tasks and containers while they run; the metadata endpoint reads it."""

import random
import secrets
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from taskscope.lab.ecs.agent import Assignment
from taskscope.lab.runner.awslogs import Destination
from taskscope.lab.runner.cgroup import Group
from taskscope.lab.runner.network import Attachment
from taskscope.lab.runner.ports import Binding

Document: TypeAlias = dict[str, Any]


@dataclass(slots=True)
class Health:
    """Result of the last health check."""

    status: str = "UNKNOWN"
    since_ns: int = 0
    exit_code: int = 0
    output: str = ""


@dataclass(slots=True)
class ContainerState:
    """One container: its definition with overrides applied, and how far it has come."""

    name: str
    definition: Document
    arn: str
    runtime_id: str
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    """What names the container in the URL of its metadata."""
    status: str = "PENDING"
    desired: str = "RUNNING"
    exit_code: int | None = None
    digest: str = ""
    created_ns: int | None = None
    started_ns: int | None = None
    finished_ns: int | None = None
    restarts: int | None = None
    """None without a restart policy."""
    health: Health | None = None
    """None without a health check."""
    destination: Destination | None = None
    bindings: list[Binding] = field(default_factory=list)
    group: Group | None = None
    pid: int | None = None


@dataclass(slots=True)
class TaskState:
    """One task: its assignment and what has come of it."""

    assignment: Assignment
    containers: dict[str, ContainerState]
    attachment: Attachment | None = None
    pull_started_ns: int | None = None
    pull_stopped_ns: int | None = None
    execution_stopped_ns: int | None = None
    desired: str = "RUNNING"

    @property
    def launch_type(self) -> str:
        """``FARGATE``, ``EC2`` or ``EXTERNAL``."""
        launch_type: str = self.assignment.task.get("launchType") or "EC2"
        return launch_type

    @property
    def is_fargate(self) -> bool:
        """Whether documents take Fargate's shape."""
        return self.launch_type == "FARGATE"

    @property
    def cluster(self) -> str:
        """The cluster's short name."""
        arn: str = self.assignment.task.get("clusterArn") or ""
        return arn.rpartition("/")[2]

    @property
    def network_mode(self) -> str:
        """The definition's network mode; ECS takes ``bridge`` where none is given."""
        mode: str = self.assignment.definition.get("networkMode") or "bridge"
        return mode

    @property
    def status(self) -> str:
        """How far the task has come: as far as the container that is the furthest behind."""
        statuses = {container.status for container in self.containers.values()}
        if statuses == {"STOPPED"}:
            return "STOPPED"
        return "PENDING" if "PENDING" in statuses else "RUNNING"


def task_state(assignment: Assignment) -> TaskState:
    """Return the beginning of a task: every container of the task with its definition and the overrides applied."""
    definitions = {entry["name"]: entry for entry in assignment.definition["containerDefinitions"]}
    overrides = {
        entry["name"]: entry for entry in (assignment.task.get("overrides") or {}).get("containerOverrides") or []
    }
    state = TaskState(assignment, {})
    for container in assignment.task["containers"]:
        name = container["name"]
        state.containers[name] = ContainerState(
            name=name,
            definition=overridden(definitions[name], overrides.get(name, {})),
            arn=container.get("containerArn", ""),
            runtime_id=container.get("runtimeId") or _runtime_id(assignment.task_id, fargate=state.is_fargate),
        )
    return state


def overridden(definition: Document, override: Document) -> Document:
    """Apply one of the task's ``containerOverrides`` to a container definition."""
    changed = {**definition}
    for member in ("command", "cpu", "memory", "memoryReservation"):
        if override.get(member) is not None:
            changed[member] = override[member]
    if override.get("environment"):
        merged = {entry["name"]: entry.get("value", "") for entry in definition.get("environment") or []}
        merged.update({entry["name"]: entry.get("value", "") for entry in override["environment"]})
        changed["environment"] = [{"name": name, "value": value} for name, value in merged.items()]
    if override.get("environmentFiles"):
        changed["environmentFiles"] = [*(definition.get("environmentFiles") or []), *override["environmentFiles"]]
    return changed


def _runtime_id(task_id: str, *, fargate: bool) -> str:
    """Return a container id: ``<task id>-<digits>`` on Fargate, 64 hexadecimal digits of Docker elsewhere."""
    return f"{task_id}-{random.randrange(10**9, 10**10)}" if fargate else secrets.token_hex(32)
