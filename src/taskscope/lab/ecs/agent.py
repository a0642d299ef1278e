"""
Between control plane and agent: what is to be run, and what is told about it.

The control plane (this folder) decides and keeps the documents; the agent (``lab/runner``) runs
processes and reports facts. All calls happen on the lab's one event loop.
"""

from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

Document: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Assignment:
    """A task that the agent is to run. Documents have the shapes of the ECS API and are not to be changed."""

    task: Document
    """The task as DescribeTasks gives it; its ``containers`` name what is to be run, in this order."""
    definition: Document
    """The registered task definition, as DescribeTaskDefinition gives it."""
    region: str
    account: str
    service: str | None = None
    """Name of the ECS service that the task belongs to."""
    secrets: dict[str, str] = field(default_factory=dict)
    """Values of the definition's ``secrets``, by ``valueFrom``."""

    @property
    def task_arn(self) -> str:
        """The task's ARN, its identity everywhere."""
        arn: str = self.task["taskArn"]
        return arn

    @property
    def task_id(self) -> str:
        """The 32 hexadecimal digits after the last ``/`` of the ARN."""
        return self.task_arn.rpartition("/")[2]


class Report(Protocol):
    """What the control plane hears of one task. Each call takes the time of the call."""

    def connected(self, *, address: str) -> None:
        """The task has its network; ``address`` is its private IPv4 address."""

    def pull_started(self) -> None:
        """The first image pull has begun."""

    def pull_stopped(self) -> None:
        """The last image pull has ended well."""

    def container(self, name: str, **changes: Any) -> None:
        """
        Set members of one container: ``lastStatus``, ``runtimeId``, ``healthStatus``, ``networkBindings``,
        ``exitCode``, ``reason``, ``imageDigest``. ``lastStatus`` is PENDING, RUNNING or STOPPED.
        """

    def stopping(self, code: str, reason: str) -> None:
        """
        The agent ends the task by itself: an essential container has ended (``EssentialContainerExited``) or
        the task cannot start (``TaskFailedToStart``). The first reason given, here or by the control plane, stays.
        """


class Agent(Protocol):
    """Runs tasks. One agent serves every cluster of the lab."""

    async def run(self, assignment: Assignment, report: Report) -> None:
        """
        Run a task to its end: network, pull, containers, health checks, logs; returns when every container has
        ended and its last log line has been handed over. Reports every fact by ``report``; raises nothing.
        Cancelling it kills the processes at once and cleans up.
        """

    def stop(self, task_arn: str) -> None:
        """
        Begin to stop a task: SIGTERM to every container in the reverse order of ``dependsOn``, SIGKILL after its
        ``stopTimeout``. A task that is unknown or has ended is ignored.
        """
