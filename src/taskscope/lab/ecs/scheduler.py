"""
The service scheduler: one for each service, awake whenever one of its tasks changes.

It replaces what has ended, stops what is unhealthy or too many, rolls deployments out within their
percentages, and says so in AWS's sentences. Tasks that fail to start again and again are started ever
more slowly; tasks that run and then exit are replaced at once, as in AWS. An unhealthy task is stopped
at once and then replaced (AWS starts the replacement first where ``maximumPercent`` leaves room).
"""

import asyncio
import contextlib
import logging

from taskscope.lab.ecs import deployments, task_definitions, tasks, wording
from taskscope.lab.ecs.context import Context
from taskscope.lab.ecs.documents import chosen
from taskscope.lab.ecs.health import proven
from taskscope.lab.ecs.plan import limits, plan
from taskscope.lab.ecs.service_events import ServiceEvents
from taskscope.lab.ecs.state import Cluster, Rollout, ServiceRecord, TaskRecord
from taskscope.lab.gateway.service import Document

_log = logging.getLogger(__name__)

_IMPAIRED_AFTER = 3
"""Failed starts in a row after which the service says that it cannot start tasks [U]."""


class Scheduler:
    """Keeps one service as it is desired, until it is INACTIVE."""

    def __init__(self, context: Context, region: str, cluster: Cluster, service: ServiceRecord) -> None:
        self.service = service
        self.events = ServiceEvents(context.now, context.emit, context.region(region).names, service)
        self._context = context
        self._region = region
        self._cluster = cluster
        self._wake = asyncio.Event()
        self._judged: set[str] = set()
        self._proven: set[str] = set()
        self._steady = False
        self._said_blocked = False

    def wake(self, record: TaskRecord | None = None) -> None:
        """Look again: the service or the given task has changed."""
        del record
        self._wake.set()

    async def run(self) -> None:
        """Work until the service is INACTIVE or the control plane closes."""
        while not self._context.closing:
            self._wake.clear()
            pause = self._step_safely()
            if self.service.document["status"] == "INACTIVE":
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), pause)

    def _step_safely(self) -> float | None:
        """Do a step; a bug in it must not leave a service that nobody can delete."""
        try:
            return self.step()
        except Exception:  # noqa: BLE001  as the docstring says
            _log.exception("The scheduler of %s failed", self.service.document["serviceArn"])
            return None

    def step(self) -> float | None:
        """Do what is to be done now; return after how many seconds to look again without a change."""
        mine = self._cluster.tasks_of(self.service)
        self._judge(mine)
        if deployments.tripped(self.service):
            deployments.fail(self._context, self.service, self.events)
            self.unsettle()
        self._act([task for task in mine if task.wanted])
        deployments.count(self._cluster, self.service)
        if self.service.document["status"] == "DRAINING":
            self._drained()
            return None
        return self._next_look()

    # What has happened

    def _judge(self, mine: list[TaskRecord]) -> None:
        """Count successes and failures of each task once, for its deployment."""
        by_id = {rollout.id: rollout for rollout in self.service.rollouts}
        for task in mine:
            rollout = by_id.get(task.document.get("startedBy", ""))
            if not task.wanted:
                self._ended(task, rollout)
            elif rollout and task.document["healthStatus"] == "UNHEALTHY":
                self._unhealthy(task, rollout)
            elif rollout and self._good(task):
                self._proven.add(task.id)
                rollout.ran, rollout.impaired = True, False
                rollout.start_failures = rollout.health_failures = rollout.document["failedTasks"] = 0
        self.events.targets({task.id for task in mine if task.wanted and task.status == "RUNNING"})
        known = {task.id for task in mine}
        self._judged &= known
        self._proven &= known

    def _good(self, task: TaskRecord) -> bool:
        return proven(task, self._context.now(), self._context.pacing.proving)

    def _unhealthy(self, task: TaskRecord, rollout: Rollout) -> None:
        rollout.health_failures += 1
        rollout.document["failedTasks"] += 1
        self._stop([task], wording.FAILED_HEALTH_CHECKS)

    def _ended(self, task: TaskRecord, rollout: Rollout | None) -> None:
        if task.id in self._judged:
            return
        self._judged.add(task.id)
        self.unsettle()
        own = task.document.get("stopCode") not in {"UserInitiated", "ServiceSchedulerInitiated"}
        if own and rollout and task.id not in self._proven:
            self._failed_to_start(rollout)

    def _failed_to_start(self, rollout: Rollout) -> None:
        pacing = self._context.pacing
        rollout.start_failures += 1
        rollout.document["failedTasks"] += 1
        delay = min(pacing.backoff * 2.0 ** min(rollout.start_failures - 1, 30), pacing.backoff_limit)
        rollout.retry_at = asyncio.get_running_loop().time() + delay
        if rollout.start_failures >= _IMPAIRED_AFTER and not rollout.impaired:
            rollout.impaired = True
            self.events.say(wording.impaired(self.service.name))
            self.events.action("WARN", "SERVICE_TASK_START_IMPAIRED")

    def unsettle(self) -> None:
        """There is a steady state to reach again: the service or one of its tasks has changed."""
        self._steady = False

    # What is to be done

    def _act(self, wanted: list[TaskRecord]) -> None:
        document, primary = self.service.document, self.service.rollouts[0]
        allowed = limits(document["desiredCount"], document["deploymentConfiguration"])
        mine = [task for task in wanted if task.wanted and task.document.get("startedBy") == primary.id]
        others = [task for task in wanted if task.wanted and task.document.get("startedBy") != primary.id]
        frozen = primary.failed or asyncio.get_running_loop().time() < primary.retry_at
        step = plan(allowed, mine, others, good=self._good, frozen=frozen)
        if step.stop:
            self._stop(step.stop, wording.scaling(primary.id))
        if step.start:
            self._start(primary, step.start)
        if step.blocked and not self._said_blocked:
            self.events.say(wording.blocked(self.service.name))
        self._said_blocked = step.blocked

    def _start(self, rollout: Rollout, count: int) -> None:
        definition = task_definitions.find(self._context.region(self._region), rollout.document["taskDefinition"])
        if definition is None:  # Revisions are never deleted here.
            raise LookupError(rollout.document["taskDefinition"])
        params = self._params(rollout)
        started = [
            tasks.launch(self._context, self._region, self._cluster, definition, params, changed=self.wake)
            for _ in range(count)
        ]
        self.unsettle()
        self.events.say(wording.started(self.service.name, [task.id for task in started]))

    def _params(self, rollout: Rollout) -> Document:
        document = self.service.document
        members = ("networkConfiguration", "launchType", "platformVersion", "capacityProviderStrategy")
        params = chosen(rollout.revision, *members)
        params |= chosen(document, "enableExecuteCommand", "enableECSManagedTags", "propagateTags")
        params |= {"startedBy": rollout.id, "group": self.service.group}
        if document.get("propagateTags") == "SERVICE":
            params["tags"] = document["tags"]
        return params

    def _stop(self, chosen_tasks: list[TaskRecord], reason: str) -> None:
        going = {task.id for task in chosen_tasks}
        mine = self._cluster.tasks_of(self.service)
        self.events.targets({t.id for t in mine if t.wanted and t.status == "RUNNING" and t.id not in going})
        self.events.say(wording.stopped(self.service.name, [task.id for task in chosen_tasks]))
        self.unsettle()
        for task in chosen_tasks:
            self._judged.add(task.id)
            if life := self._context.lives.get(task.arn):
                life.stop("ServiceSchedulerInitiated", reason)

    # What is reached

    def _next_look(self) -> float | None:
        """Say that all is as desired, if it is; else return when time alone may change something."""
        primary, now = self.service.rollouts[0], asyncio.get_running_loop().time()
        wanted = [task for task in self._cluster.tasks_of(self.service) if task.wanted]
        mine = all(task.document.get("startedBy") == primary.id for task in wanted)
        enough = mine and len(wanted) == self.service.document["desiredCount"] and not primary.failed
        if enough and all(map(self._good, wanted)):
            self._settle()
            return None
        waits = [primary.retry_at - now] if primary.retry_at > now else []
        young = any(task.status == "RUNNING" and not self._good(task) for task in wanted)
        # A task that waits for its health check wakes the scheduler by itself; looking once more does no harm.
        return min([*waits, *([max(self._context.pacing.proving / 4, 0.05)] if young else [])], default=None)

    def _settle(self) -> None:
        if self._steady:
            return
        self._steady = True
        if self.service.rollouts[0].document["rolloutState"] == "IN_PROGRESS":
            deployments.complete(self._context, self.service, self.events)
            deployments.count(self._cluster, self.service)
        self.events.say(wording.steady(self.service.name))
        self.events.action("INFO", "SERVICE_STEADY_STATE")

    def _drained(self) -> None:
        """A deleted service is INACTIVE once its last task has stopped; its events and deployments are gone."""
        document = self.service.document
        if all(task.status == "STOPPED" for task in self._cluster.tasks_of(self.service)):
            self.service.rollouts.clear()
            document |= {"status": "INACTIVE", "events": [], "deployments": [], "currentServiceRevisions": []}
            document |= {"runningCount": 0, "pendingCount": 0}
            self._context.schedulers.pop(document["serviceArn"], None)
