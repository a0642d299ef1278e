"""One task from its network to its last log line."""

import asyncio
import contextlib
import shutil
from collections.abc import Coroutine
from typing import Any, Final

from taskscope.lab.ecs.agent import Assignment, Report
from taskscope.lab.runner.container import ContainerRun
from taskscope.lab.runner.dependencies import Verdict, dependencies, dependents, judge, unresolved
from taskscope.lab.runner.failures import StartFailure
from taskscope.lab.runner.kit import Kit
from taskscope.lab.runner.network import NetworkRequest
from taskscope.lab.runner.preparation import prepare
from taskscope.lab.runner.processes import remove_group
from taskscope.lab.runner.state import ContainerState, task_state

_START_TIMEOUT: Final = 180
"""Seconds that a dependency may take without ``startTimeout``, as on Fargate."""


class TaskRun:
    """Runs one task; ``stop`` ends it in good order, cancelling ``run`` at once."""

    def __init__(self, assignment: Assignment, report: Report, kit: Kit) -> None:
        self._kit = kit
        self._report = report
        self._stop = asyncio.Event()
        self._changed = asyncio.Event()
        self.state = task_state(assignment)
        self._containers = {
            name: ContainerRun(state, kit, tell=report.container, changed=self._changed.set)
            for name, state in self.state.containers.items()
        }

    def stop(self) -> None:
        """Begin to stop the task."""
        self.state.desired = "STOPPED"
        self._stop.set()
        self._changed.set()

    async def run(self) -> None:
        """Run the task to its end."""
        self._kit.metadata.add(self.state)
        try:
            await self._begin()
        except StartFailure as failure:
            self._end("TaskFailedToStart", failure.task_reason)
            for container in self._containers.values():
                container.finish(None, failure.reason)
        finally:
            for container in self._containers.values():
                container.finish(None, None)
            await asyncio.shield(self._clean_up())

    async def _begin(self) -> None:
        definitions = [state.definition for state in self.state.containers.values()]
        waits = dependencies(definitions)
        self._dependents = dependents(waits)
        self._waits = waits
        if await self._unless_stopped(self._attach()) and await self._unless_stopped(self._pull()):
            await self._run_containers()

    async def _attach(self) -> bool:
        assignment = self.state.assignment
        request = NetworkRequest(
            task_id=assignment.task_id,
            mode=self.state.network_mode,
            cluster=self.state.cluster,
            service=assignment.service,
            interface="eth1" if self.state.is_fargate else "eth0",
        )
        self.state.attachment = await self._kit.network.attach(request)
        self._report.connected(address=self.state.attachment.address)
        return True

    async def _pull(self) -> bool:
        """Pull all images side by side; an essential container whose image cannot be had fails the task."""
        self.state.pull_started_ns = self._kit.clock()
        self._report.pull_started()
        await asyncio.gather(*(self._pull_one(container) for container in self._containers.values()))
        if not self._stop.is_set():
            self.state.pull_stopped_ns = self._kit.clock()
            self._report.pull_stopped()
        return True

    async def _pull_one(self, container: ContainerRun) -> None:
        state = container.state
        try:
            state.digest = await self._kit.images.pull(state.definition.get("image", ""))
        except StartFailure as failure:
            self._failed(container, failure)
        else:
            self._report.container(state.name, imageDigest=state.digest)

    async def _run_containers(self) -> None:
        jobs = [asyncio.create_task(self._live(container)) for container in self._containers.values()]
        stopper = asyncio.create_task(self._stop_in_order())
        try:
            await asyncio.gather(*jobs)
            if not self._stop.is_set():
                self._end("EssentialContainerExited", "Essential container in task exited")
            await stopper
        finally:
            for job in (*jobs, stopper):
                job.cancel()
            await asyncio.wait([*jobs, stopper])

    async def _live(self, container: ContainerRun) -> None:
        """Run one container from its dependencies to its end."""
        if container.ended.is_set():
            return
        try:
            if not await self._is_ready(container):
                container.finish(None, None)
                return
            line, launch = prepare(self._kit, self.state, container.state)
            self._announce(container.state)
            await container.run(line, launch)
        except StartFailure as failure:
            self._failed(container, failure)
        else:
            if container.is_essential:
                self.state.execution_stopped_ns = self.state.execution_stopped_ns or self._kit.clock()
                self._end("EssentialContainerExited", "Essential container in task exited")

    def _announce(self, state: ContainerState) -> None:
        changes: dict[str, Any] = {"runtimeId": state.runtime_id}
        if state.bindings and self.state.network_mode != "awsvpc":
            changes["networkBindings"] = [binding.document() for binding in state.bindings]
        self._report.container(state.name, **changes)

    async def _is_ready(self, container: ContainerRun) -> bool:
        """
        Wait for a container's dependencies; return False when the task is stopped meanwhile.

        Raises:
            StartFailure: One can never be met, or has not been within its ``startTimeout``.
        """
        loop = asyncio.get_running_loop()
        begun = loop.time()
        while not self._stop.is_set():
            self._changed.clear()
            left, waiting = self._look(container.state.name, loop.time() - begun)
            if not waiting:
                return True
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._changed.wait()
        return False

    def _look(self, name: str, waited: float) -> tuple[float | None, bool]:
        """Return the seconds until the shortest wait is over, and whether any dependency is still open."""
        left: float | None = None
        for dependency in self._waits[name]:
            target = self._containers[dependency.container]
            verdict = judge(dependency.condition, target.progress)
            what = f"{name} waits for {dependency.container} to be {dependency.condition.value}"
            if verdict is Verdict.IMPOSSIBLE:
                code = target.state.exit_code
                raise unresolved(
                    f"{what}, but it has stopped" + (f" with exit code {code}" if code is not None else "")
                )
            if verdict is Verdict.WAITING:
                limit = target.state.definition.get("startTimeout") or _START_TIMEOUT
                rest = limit * self._kit.time_scale - waited
                if rest <= 0:
                    raise unresolved(f"{what}, which it was not within {limit} seconds")
                left = rest if left is None else min(left, rest)
        return left, left is not None

    async def _stop_in_order(self) -> None:
        """Once the task is to stop, stop each container after those that depend on it."""
        await self._stop.wait()
        await asyncio.gather(*(self._stop_one(container) for container in self._containers.values()))

    async def _stop_one(self, container: ContainerRun) -> None:
        container.state.desired = "STOPPED"
        for name in self._dependents[container.state.name]:
            await self._containers[name].ended.wait()
        if not container.ended.is_set():
            await container.stop()

    def _failed(self, container: ContainerRun, failure: StartFailure) -> None:
        container.finish(None, failure.reason)
        if container.is_essential:
            self._end("TaskFailedToStart", failure.task_reason)

    def _end(self, code: str, reason: str) -> None:
        """Tell the control plane, unless the task is ending already, and begin to stop the rest."""
        if not self._stop.is_set():
            self._report.stopping(code, reason)
            self.stop()

    async def _unless_stopped(self, work: Coroutine[Any, Any, bool]) -> bool:
        """Do a step of the start; give up and return False when the task is stopped before or meanwhile."""
        job, stopped = asyncio.create_task(work), asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait([job, stopped], return_when=asyncio.FIRST_COMPLETED)
            return job.done() and await job and not self._stop.is_set()
        finally:
            for each in (job, stopped):
                each.cancel()
            await asyncio.wait([job, stopped])

    async def _clean_up(self) -> None:
        self._kit.metadata.remove(self.state)
        for state in self.state.containers.values():
            self._kit.ports.release(state.bindings)
            if state.group and not await remove_group(state.group):
                self._kit.say(f"{state.name}: its control group cannot be removed, processes {state.group.pids()}")
        self._kit.limits.remove_task(self.state.assignment.task_id)
        if self.state.attachment:
            await self._kit.network.detach(self.state.attachment)
        shutil.rmtree(self._kit.homes / self.state.assignment.task_id, ignore_errors=True)
