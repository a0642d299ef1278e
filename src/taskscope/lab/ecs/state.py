"""What the control plane knows: documents in the shapes of the API, and the few facts that the API does not show."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from taskscope.lab.ecs.arns import Names, short_name
from taskscope.lab.gateway.service import Document


@dataclass(slots=True, eq=False)
class TaskRecord:
    """One task. ``document`` is the API's Task with its tags, ``definition`` the API's TaskDefinition."""

    document: Document
    definition: Document
    loaded: bool = False
    """From a recorded state: never runs, never disappears."""
    request: Document = field(default_factory=dict)
    """Parameters of the RunTask that asked for it, to know a repeated call by its ``clientToken``."""

    @property
    def arn(self) -> str:
        """The task's ARN."""
        return str(self.document["taskArn"])

    @property
    def id(self) -> str:
        """The 32 hexadecimal digits of the task's ARN."""
        return short_name(self.arn)

    @property
    def status(self) -> str:
        """``lastStatus``."""
        return str(self.document["lastStatus"])

    @property
    def wanted(self) -> bool:
        """Whether the task is meant to run."""
        return bool(self.document["desiredStatus"] != "STOPPED")


@dataclass(slots=True, eq=False)
class DefinitionRecord:
    """One revision of a task definition; the API gives its tags beside it."""

    document: Document
    tags: list[Document] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Rollout:
    """One deployment of a service: the API's Deployment, its ServiceRevision and its ServiceDeployment."""

    document: Document
    revision: Document
    history: Document
    start_failures: int = 0
    """Tasks in a row that never reached RUNNING: what the backoff counts."""
    health_failures: int = 0
    """Tasks in a row that failed their health checks."""
    retry_at: float = 0.0
    """When the next task may be started, in the event loop's time."""
    ran: bool = False
    """Whether any of its tasks was a success (``health.proven``)."""
    impaired: bool = False
    """Whether "unable to consistently start tasks" has been said."""
    completed: bool = False
    """Whether it has ever been COMPLETED, so that a rollback may return to it."""

    @property
    def id(self) -> str:
        """``ecs-svc/<19 digits>``."""
        return str(self.document["id"])

    @property
    def failed(self) -> bool:
        """Whether the circuit breaker has ended it."""
        return bool(self.document["rolloutState"] == "FAILED")


@dataclass(slots=True, eq=False)
class ServiceRecord:
    """One service. Of a loaded service there is only the document, and nothing is scheduled."""

    document: Document
    rollouts: list[Rollout] = field(default_factory=list)
    """Newest first; the first one is PRIMARY. Gone ones are dropped."""
    history: list[Document] = field(default_factory=list)
    """ServiceDeployments, newest first."""
    revisions: list[Document] = field(default_factory=list)
    """ServiceRevisions, newest first."""
    stable: Rollout | None = None
    """The deployment that was COMPLETED last: what a rollback returns to."""
    loaded: bool = False

    @property
    def name(self) -> str:
        """``serviceName``."""
        return str(self.document["serviceName"])

    @property
    def group(self) -> str:
        """The group of the service's tasks."""
        return f"service:{self.name}"


@dataclass(slots=True, eq=False)
class Cluster:
    """One cluster with what runs in it."""

    document: Document
    tasks: dict[str, TaskRecord] = field(default_factory=dict)
    """By task id."""
    services: dict[str, ServiceRecord] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """``clusterName``."""
        return str(self.document["clusterName"])

    def tasks_of(self, service: ServiceRecord) -> list[TaskRecord]:
        """Tasks of a service, oldest first."""
        return [task for task in self.tasks.values() if task.document.get("group") == service.group]

    def forget(self, now: datetime, keep: float) -> None:
        """Drop tasks that stopped more than ``keep`` seconds ago; loaded ones stay."""
        horizon = now - timedelta(seconds=keep)
        gone = [
            key
            for key, task in self.tasks.items()
            if not task.loaded and task.status == "STOPPED" and task.document["stoppedAt"] < horizon
        ]
        for key in gone:
            del self.tasks[key]


@dataclass(slots=True, eq=False)
class Region:
    """Everything of one region."""

    names: Names
    clusters: dict[str, Cluster] = field(default_factory=dict)
    families: dict[str, dict[int, DefinitionRecord]] = field(default_factory=dict)
    """Task definitions by family and revision."""
    last_revision: dict[str, int] = field(default_factory=dict)
    """Highest revision of each family: numbers are never used twice."""
    settings: dict[str, str] = field(default_factory=dict)
    """Account settings that were put."""
