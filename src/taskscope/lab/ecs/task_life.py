"""
The life of one task: a small state machine between what the control plane decides and what the agent reports.

::

    PROVISIONING -> PENDING -> ACTIVATING -> RUNNING -> DEACTIVATING -> STOPPING -> DEPROVISIONING -> STOPPED

Steps without work are skipped: without a network interface there is no PROVISIONING and no DEPROVISIONING, and a task
that never ran has no DEACTIVATING and no STOPPING. The order of two times tells who ended the task: ``stoppingAt``
comes before ``executionStoppedAt`` if the user or the scheduler did, after it if the task ended by itself.
"""

import asyncio
import contextlib
import copy
import logging
from collections.abc import Callable
from typing import Any, Final

from taskscope.lab.ecs import eventbridge, wording
from taskscope.lab.ecs.agent import Assignment
from taskscope.lab.ecs.arns import Names, digits, hexadecimal, image_digest
from taskscope.lab.ecs.context import Context
from taskscope.lab.ecs.health import task_health
from taskscope.lab.ecs.state import TaskRecord
from taskscope.lab.gateway.service import Document

_log = logging.getLogger(__name__)

_REPORTED: Final = frozenset(
    {"lastStatus", "runtimeId", "healthStatus", "networkBindings", "exitCode", "reason", "imageDigest"}
)
"""Members of a container that an agent may set."""
_LONGEST_REASON: Final = 1024
"""Characters of a container's reason (ecs-task-lifecycle, section 1)."""


class TaskLife:
    """Takes one task from its first state to STOPPED. It is the agent's Report."""

    def __init__(
        self, context: Context, names: Names, record: TaskRecord, *, changed: Callable[[TaskRecord], None] | None = None
    ) -> None:
        self.record = record
        self._context = context
        self._names = names
        self._changed = changed
        self._stop_asked = asyncio.Event()
        self._running = False
        self._interface = bool(record.document["attachments"])

    def accepted(self) -> None:
        """Tell that the task exists."""
        self._commit()

    async def live(self) -> None:
        """Run the task to its end."""
        task = self.record.document
        try:
            await self._until_stop(self._context.pacing.provisioning)
            if not self._stop_asked.is_set() and await self._hand_over():
                task["executionStoppedAt"] = self._context.now()
            await self._wind_down()
        finally:
            self._end()

    async def _hand_over(self) -> bool:
        """Let the agent run the task; whether it got so far."""
        try:
            assignment = await self._assignment()
        except LookupError as error:
            self.stopping("TaskFailedToStart", wording.secrets_failed(str(error)))
            return False
        if self._stop_asked.is_set():
            return False
        self._running = True
        try:
            await self._context.agent.run(assignment, self)
        except Exception:  # noqa: BLE001  an agent that breaks its contract must not leave a task that never ends
            _log.exception("The agent failed to run %s", self.record.arn)
        self._running = False
        if self.record.wanted:  # The contract says that the agent tells why; this is what AWS would say.
            ran = "startedAt" in self.record.document
            reason = wording.ESSENTIAL_EXITED if ran else wording.FAILED_TO_START
            self.stopping("EssentialContainerExited" if ran else "TaskFailedToStart", reason)
        return True

    async def _assignment(self) -> Assignment:
        definition, group = self.record.definition, str(self.record.document["group"])
        wanted = [each["valueFrom"] for c in definition["containerDefinitions"] for each in c.get("secrets") or []]
        values: dict[str, str] = {}
        if wanted:
            if self._context.secrets is None:
                raise LookupError("the lab has no source of secrets")
            values = await self._context.secrets(wanted, self._names.region)
        return Assignment(
            task=copy.deepcopy(self.record.document),
            definition=copy.deepcopy(definition),
            region=self._names.region,
            account=self._names.account,
            service=group.removeprefix("service:") if group.startswith("service:") else None,
            secrets=values,
        )

    async def _wind_down(self) -> None:
        task, pacing = self.record.document, self._context.pacing
        for container in task["containers"]:
            container["lastStatus"] = "STOPPED"
        if "stoppingAt" in task:
            self._enter_stopping()
        else:
            self._commit()
            await asyncio.sleep(pacing.stopping)
            task["stoppingAt"] = self._context.now()
            self._enter_stopping()
        if self._interface:
            self._status("DEPROVISIONING")
        await asyncio.sleep(pacing.deprovisioning)

    def _end(self) -> None:
        task, now = self.record.document, self._context.now()
        task["desiredStatus"] = "STOPPED"
        task.setdefault("stoppingAt", now)
        task["stoppedAt"] = now
        for container in task["containers"]:
            container["lastStatus"] = "STOPPED"
        for attachment in task["attachments"]:
            attachment["status"] = "DELETED"
        self._context.lives.pop(self.record.arn, None)
        self._status("STOPPED")

    async def _until_stop(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop_asked.wait(), seconds)

    # What the control plane decides

    def stop(self, code: str, reason: str) -> None:
        """Ask the task to stop. If it is stopping already, the first reason stays."""
        task = self.record.document
        if not self.record.wanted:
            return
        task["stoppingAt"] = self._context.now()
        self._stop_asked.set()
        self._give_up(code, reason)
        if self._running:
            self._context.agent.stop(self.record.arn)
            asyncio.get_running_loop().call_later(self._context.pacing.deactivating, self._enter_stopping)

    # What the agent reports

    def connected(self, *, address: str) -> None:
        """Take the task's address; the network interface is attached."""
        task = self.record.document
        task |= {"connectivity": "CONNECTED", "connectivityAt": self._context.now()}
        for attachment in task["attachments"]:
            attachment["status"] = "ATTACHED"
            others = [each for each in attachment["details"] if each["name"] != "privateIPv4Address"]
            attachment["details"] = [*others, {"name": "privateIPv4Address", "value": address}]
            for container in task["containers"]:
                container["networkInterfaces"] = [{"attachmentId": attachment["id"], "privateIpv4Address": address}]
        self._advance("PENDING", after=("PROVISIONING",))

    def pull_started(self) -> None:
        """Take the time of the first pull."""
        self.record.document.setdefault("pullStartedAt", self._context.now())

    def pull_stopped(self) -> None:
        """Take the time of the last pull; the containers are about to start."""
        self.record.document["pullStoppedAt"] = self._context.now()
        self._advance("ACTIVATING", after=("PROVISIONING", "PENDING"))

    def container(self, name: str, **changes: Any) -> None:
        """
        Take over what has changed in a container.

        Raises:
            ValueError: The task has no such container, or the member is none that an agent may set.
        """
        task = self.record.document
        found = next((each for each in task["containers"] if each["name"] == name), None)
        if found is None or not set(changes) <= _REPORTED:
            raise ValueError(f"no container {name!r} with {sorted(changes)} in {self.record.arn}")
        moved = changes.get("lastStatus", found["lastStatus"]) != found["lastStatus"]
        found.update(changes)
        if "reason" in changes:
            found["reason"] = changes["reason"][:_LONGEST_REASON]
        if found["lastStatus"] == "RUNNING":
            found.setdefault("imageDigest", image_digest(found["image"]))
            found.setdefault("runtimeId", self._runtime_id())
        task["healthStatus"] = task_health(self.record)
        if moved:
            self._started_if_all_run()
            self._commit()
        elif self._changed:
            self._changed(self.record)

    def stopping(self, code: str, reason: str) -> None:
        """Take the agent's reason why the task ends by itself, unless there is one already."""
        if self.record.wanted:
            self._give_up(code, reason)

    # States

    def _give_up(self, code: str, reason: str) -> None:
        task = self.record.document
        task |= {"desiredStatus": "STOPPED", "stopCode": code, "stoppedReason": reason}
        if self.record.status == "RUNNING":
            task["lastStatus"] = "DEACTIVATING"
        self._commit()

    def _started_if_all_run(self) -> None:
        """RUNNING, once every essential container runs and every other one runs or has ended."""
        task = self.record.document
        essential = {
            each["name"]: each.get("essential", True) for each in self.record.definition["containerDefinitions"]
        }
        ready = all(
            each["lastStatus"] == "RUNNING" or (each["lastStatus"] == "STOPPED" and not essential[each["name"]])
            for each in task["containers"]
        )
        if ready and self.record.wanted and "startedAt" not in task:
            task |= {"lastStatus": "RUNNING", "startedAt": self._context.now()}

    def _enter_stopping(self) -> None:
        if self.record.status == "DEACTIVATING":
            self._status("STOPPING")

    def _advance(self, status: str, *, after: tuple[str, ...]) -> None:
        if self.record.status in after and self.record.wanted:
            self.record.document["lastStatus"] = status
        self._commit()

    def _status(self, status: str) -> None:
        self.record.document["lastStatus"] = status
        self._commit()

    def _runtime_id(self) -> str:
        return f"{self.record.id}-{digits(10)}" if self.record.document["launchType"] == "FARGATE" else hexadecimal(64)

    def _commit(self) -> None:
        """Count the change, tell EventBridge and whoever watches the task."""
        task: Document = self.record.document
        task["version"] += 1
        self._context.emit(eventbridge.task_change(self._names, task, self._context.now()))
        if self._changed:
            self._changed(self.record)
