"""The task metadata endpoint: which path means what, for which container. No sockets here."""

import re
from collections.abc import Mapping
from typing import Any, Final

from taskscope.clock import Clock
from taskscope.lab.runner.metadata_documents import container_document, task_document
from taskscope.lab.runner.state import ContainerState, TaskState
from taskscope.lab.runner.stats import Sample, stats_document, take_sample

_BY_TOKEN: Final = re.compile(r"/v([34])/([^/]+)(/.*)?")
_V2: Final = re.compile(r"/v2/(metadata|stats|metadataWithTags)(?:/([^/]+))?")


class Metadata:
    """Answers for all tasks of the lab. It keeps the previous sample of each container, for ``precpu_stats``."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tasks: dict[str, TaskState] = {}
        self._by_token: dict[str, tuple[TaskState, ContainerState]] = {}
        self._samples: dict[str, Sample] = {}

    def add(self, task: TaskState) -> None:
        """Answer for a task from now on."""
        self._tasks[task.assignment.task_arn] = task
        self._by_token.update({each.token: (task, each) for each in task.containers.values()})

    def remove(self, task: TaskState) -> None:
        """Forget a task."""
        self._tasks.pop(task.assignment.task_arn, None)
        for container in task.containers.values():
            self._by_token.pop(container.token, None)
            self._samples.pop(container.token, None)

    def answer(self, path: str, caller: str) -> tuple[int, Any]:
        """
        Return HTTP status and JSON document of a GET. ``caller`` is the address that asks: version 2 knows tasks by it.

        On loopback, where all tasks have one address, version 2 answers while a single task runs.
        """
        plain = path.partition("?")[0].rstrip("/")
        if match := _BY_TOKEN.fullmatch(plain):
            return self._by_version(int(match[1]), match[2], match[3] or "")
        if match := _V2.fullmatch(plain):
            return self._v2(match[1], match[2], caller)
        return 404, "404 page not found"

    def _by_version(self, version: int, token: str, rest: str) -> tuple[int, Any]:
        kinds = {
            "": "container metadata",
            "/task": "task metadata",
            "/taskWithTags": "task metadata",
            "/stats": "container stats",
            "/task/stats": "task stats",
        }
        if rest not in kinds:
            return 404, "404 page not found"
        if token not in self._by_token:
            what = "container ID" if kinds[rest].startswith("container") else "task arn"
            return 404, f"V{version} {kinds[rest]} handler: unable to get {what} from request"
        task, container = self._by_token[token]
        if rest == "":
            return 200, container_document(task, container, version=version)
        if rest == "/stats":
            return 200, self._stats(task, container)
        if rest == "/task/stats":
            return 200, self._task_stats(task)
        tagged = rest == "/taskWithTags"
        return 200, task_document(task, version=version, now_ns=self._clock(), tags=tagged)

    def _v2(self, kind: str, runtime_id: str | None, caller: str) -> tuple[int, Any]:
        task = self._of_caller(caller)
        if task is None:
            return 404, f"unable to get task arn from request: no task, or several, have the address {caller}"
        if runtime_id is None:
            if kind == "stats":
                return 200, self._task_stats(task)
            return 200, task_document(task, version=2, now_ns=self._clock(), tags=kind == "metadataWithTags")
        container = next((each for each in task.containers.values() if each.runtime_id == runtime_id), None)
        if container is None:
            return 404, f"unable to get container {runtime_id} of the task"
        if kind == "stats":
            return 200, self._stats(task, container)
        return 200, container_document(task, container, version=2)

    def _of_caller(self, caller: str) -> TaskState | None:
        """Return the one task with an address."""
        found = [task for task in self._tasks.values() if task.attachment and task.attachment.address == caller]
        return found[0] if len(found) == 1 else None

    def _task_stats(self, task: TaskState) -> Mapping[str, Any]:
        return {each.runtime_id: self._stats(task, each) for each in task.containers.values()}

    def _stats(self, task: TaskState, container: ContainerState) -> Any:
        """Return a container's statistics, None when it does not run."""
        if container.status != "RUNNING":
            return None
        networks = task.attachment.counters() if task.attachment else None
        sample = take_sample(self._clock(), group=container.group, pid=container.pid, networks=networks)
        if sample is None:
            return None
        previous = self._samples.get(container.token)
        self._samples[container.token] = sample
        return stats_document(sample, previous, name=container.name, runtime_id=container.runtime_id)
