"""The lab's ECS agent."""

import asyncio
from collections.abc import Sequence

from taskscope.lab.ecs.agent import Assignment, Report
from taskscope.lab.runner.images import ImageCatalog
from taskscope.lab.runner.kit import Kit
from taskscope.lab.runner.task_run import TaskRun


class LocalRunner:
    """Runs tasks as local processes. It is made by ``open_runner``, which also undoes everything."""

    def __init__(self, kit: Kit, *, capabilities: Sequence[str]) -> None:
        self._kit = kit
        self._runs: dict[str, tuple[TaskRun, asyncio.Task[None]]] = {}
        self.capabilities = list(capabilities)
        """What this machine lets the runner do and what not, as sentences for people."""

    @property
    def images(self) -> ImageCatalog:
        """What the simulated registries answer; it may be changed at any time."""
        return self._kit.images

    @property
    def bridge_address(self) -> str | None:
        """The address on which the lab must listen too, so that tasks in a namespace reach it; None: loopback does."""
        return self._kit.network.bridge_address

    async def run(self, assignment: Assignment, report: Report) -> None:
        """Run a task to its end (contract: ``lab.ecs.agent.Agent``)."""
        task = TaskRun(assignment, report, self._kit)
        job = asyncio.create_task(task.run())
        self._runs[assignment.task_arn] = task, job
        try:
            await asyncio.wait([job])
        finally:
            if not job.done():
                job.cancel()
                await asyncio.wait([job])
            self._runs.pop(assignment.task_arn, None)
            if not job.cancelled() and (error := job.exception()):
                self._kit.say(f"task {assignment.task_id}: the runner failed: {error!r}")
                report.stopping("TaskFailedToStart", f"AGENT: the lab's runner failed: {error!r}")

    def stop(self, task_arn: str) -> None:
        """Begin to stop a task; one that is unknown or has ended is ignored."""
        if task_arn in self._runs:
            self._runs[task_arn][0].stop()

    async def close(self) -> None:
        """Kill all tasks at once and wait until they are gone."""
        jobs = [job for _, job in self._runs.values()]
        for job in jobs:
            job.cancel()
        if jobs:
            await asyncio.wait(jobs)
