"""Following tasks and services of the lab by API, with a line for each change."""

import time
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from taskscope.lab.gateway.service import Document

Say: TypeAlias = Callable[[str], None]
"""Takes one line of progress."""

PAUSE_SECONDS: Final = 0.25
_DESCRIBE_AT_MOST: Final = 100


class Watcher:
    """Reads tasks and services of one cluster and says what has changed since it last looked."""

    def __init__(self, ecs: Any, cluster: str, say: Say) -> None:
        self._ecs = ecs
        self._cluster = cluster
        self._say = say
        self._statuses: dict[str, str] = {}
        self._events: set[str] = set()

    def tasks(self, arns: Sequence[str]) -> list[Document]:
        """Describe tasks, oldest first; one that is gone is left out."""
        found: list[Document] = []
        for first in range(0, len(arns), _DESCRIBE_AT_MOST):
            batch = list(arns[first : first + _DESCRIBE_AT_MOST])
            found += self._ecs.describe_tasks(cluster=self._cluster, tasks=batch)["tasks"]
        found.sort(key=lambda task: task["createdAt"])
        for task in found:
            self._notice(task)
        return found

    def service(self, name: str) -> Document:
        """Describe a service that exists."""
        [service] = self._ecs.describe_services(cluster=self._cluster, services=[name])["services"]
        for event in reversed(service["events"]):
            if event["id"] not in self._events:
                self._events.add(event["id"])
                self._say(event["message"])
        answer: Document = service
        return answer

    def tasks_of(self, service: Document) -> list[Document]:
        """Describe the tasks, running and stopped, of a service since it was created."""
        pages = self._ecs.get_paginator("list_tasks")
        arns = [
            arn
            for status in ("RUNNING", "STOPPED")
            for page in pages.paginate(cluster=self._cluster, serviceName=service["serviceName"], desiredStatus=status)
            for arn in page["taskArns"]
        ]
        return [task for task in self.tasks(arns) if task["createdAt"] >= service["createdAt"]]

    def _notice(self, task: Document) -> None:
        arn, status = task["taskArn"], task["lastStatus"]
        if self._statuses.get(arn) != status:
            self._statuses[arn] = status
            self._say(f"task {task_id(arn)} is {status}")


def task_id(arn: str) -> str:
    """Return the id in a task's ARN."""
    return arn.rpartition("/")[2]


def why_stopped(task: Document) -> str:
    """Say in one line how a task has ended: code, reason, and how each container ended."""
    reason = task.get("stoppedReason", "")
    ends = [
        container["name"]
        + (f" exit code {container['exitCode']}" if "exitCode" in container else " never started")
        + (f" ({container['reason']})" if container.get("reason") not in {None, "", reason} else "")
        for container in task["containers"]
    ]
    return "; ".join([": ".join(filter(None, [task.get("stopCode"), reason])), *ends])


def is_steady(service: Document) -> bool:
    """Tell whether a service has the tasks that it should have, all of its newest deployment."""
    [primary] = [item for item in service["deployments"] if item["status"] == "PRIMARY"]
    return (
        len(service["deployments"]) == 1
        and service["runningCount"] == service["desiredCount"]
        and primary.get("rolloutState", "COMPLETED") == "COMPLETED"
    )


def until(done: Callable[[], bool], *, at_most: float = float("inf"), pause: float = PAUSE_SECONDS) -> bool:
    """Ask again and again; tell whether it came true within ``at_most`` seconds."""
    end = time.monotonic() + at_most
    while not done():
        if time.monotonic() >= end:
            return False
        time.sleep(pause)
    return True
