"""What all operations share: the agent, the clock, where events go, and the state."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol, TypeAlias

from taskscope.clock import MILLISECOND, Clock, to_datetime
from taskscope.lab.ecs import wording
from taskscope.lab.ecs.agent import Agent
from taskscope.lab.ecs.arns import Names
from taskscope.lab.ecs.documents import new_cluster
from taskscope.lab.ecs.pacing import Pacing
from taskscope.lab.ecs.references import find_cluster
from taskscope.lab.ecs.service_events import ServiceEvents
from taskscope.lab.ecs.state import Cluster, Region, ServiceRecord
from taskscope.lab.gateway.service import Call, Document

_log = logging.getLogger(__name__)

Secrets: TypeAlias = Callable[[list[str], str], Awaitable[dict[str, str]]]
"""Gives the values of a definition's ``secrets`` by ``valueFrom``, in a region; raises LookupError with the reason."""


class Scheduling(Protocol):
    """The scheduler of one service, as operations see it."""

    service: ServiceRecord
    events: ServiceEvents

    def wake(self) -> None:
        """Look again: the service has changed."""

    def unsettle(self) -> None:
        """Say once more when a steady state is reached."""


class Stoppable(Protocol):
    """What ends a task that lives."""

    def stop(self, code: str, reason: str) -> None:
        """Begin to stop it; the first code and reason stay."""


@dataclass(slots=True, eq=False)
class Context:
    """One control plane."""

    agent: Agent
    clock: Clock
    account: str
    emit: Callable[[Document], None]
    stopped_task_ttl: float
    pacing: Pacing
    secrets: Secrets | None = None
    regions: dict[str, Region] = field(default_factory=dict)
    lives: dict[str, Stoppable] = field(default_factory=dict)
    """Tasks that have not stopped yet, by ARN."""
    schedulers: dict[str, Scheduling] = field(default_factory=dict)
    """Of the services that are not deleted, by ARN."""
    jobs: set[asyncio.Task[None]] = field(default_factory=set)
    closing: bool = False

    def now(self) -> datetime:
        """Return the present time in UTC, in milliseconds as ECS keeps it."""
        return to_datetime(self.clock() // MILLISECOND * MILLISECOND, UTC)

    def region(self, name: str) -> Region:
        """Return a region; it has the cluster ``default`` from the start."""
        if name not in self.regions:
            names = Names(name, self.account)
            self.regions[name] = Region(names, {"default": Cluster(new_cluster(names, "default"))})
        return self.regions[name]

    def cluster(self, call: Call) -> Cluster:
        """
        Return the cluster that a call names by name or ARN, by default ``default``, without what has expired.

        Recorded states keep the account of their ARNs, so the account in an ARN is not compared.

        Raises:
            ApiError: ClusterNotFoundException.
        """
        return self.cluster_named(call.region, call.params.get("cluster") or "default")

    def cluster_named(self, region: str, name_or_arn: str) -> Cluster:
        """
        Return an active cluster by name or ARN.

        Raises:
            ApiError: ClusterNotFoundException.
        """
        found = find_cluster(self.region(region), name_or_arn)
        if found is None or found.document["status"] != "ACTIVE":
            raise wording.cluster_not_found()
        found.forget(self.now(), self.stopped_task_ttl)
        return found

    def check_open(self) -> None:
        """
        Refuse to begin something new once the control plane closes.

        Raises:
            ApiError: ServerException.
        """
        if self.closing:
            raise wording.closing()

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run something in the background until it ends or the control plane closes."""
        job = asyncio.get_running_loop().create_task(work)
        self.jobs.add(job)
        job.add_done_callback(self._done)
        return job

    def _done(self, job: asyncio.Task[None]) -> None:
        self.jobs.discard(job)
        if not job.cancelled() and (error := job.exception()):
            _log.error("A background job of the lab's ECS failed", exc_info=error)
