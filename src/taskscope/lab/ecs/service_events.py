"""A service's events: in its document, newest first, and on EventBridge."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from taskscope.lab.ecs import eventbridge, wording
from taskscope.lab.ecs.arns import Names, uuid
from taskscope.lab.ecs.state import Rollout, ServiceRecord
from taskscope.lab.gateway.service import Document

_MOST: Final = 100
"""Events that a service keeps (DescribeServices, ``events``)."""


class ServiceEvents:
    """Says what happens to one service."""

    def __init__(
        self, now: Callable[[], datetime], emit: Callable[[Document], None], names: Names, service: ServiceRecord
    ) -> None:
        self._now = now
        self._emit = emit
        self._names = names
        self._service = service
        self._targets: set[str] = set()

    def say(self, message: str) -> None:
        """Add a service event."""
        events = self._service.document["events"]
        events.insert(0, {"id": uuid(), "createdAt": self._now(), "message": message})
        del events[_MOST:]

    def action(self, level: str, event: str, **more: Any) -> None:
        """Emit an ``ECS Service Action``."""
        now, document = self._now(), self._service.document
        self._emit(eventbridge.service_action(self._names, document, level, event, now, **more))

    def deployment(self, event: str, rollout: Rollout) -> None:
        """Emit an ``ECS Deployment State Change``."""
        now, document = self._now(), self._service.document
        self._emit(eventbridge.deployment_change(self._names, document, rollout.document, event, now))

    def targets(self, running: set[str]) -> None:
        """Tell which tasks the load balancers send requests to from now on; tasks are their targets."""
        groups = [
            each["targetGroupArn"] for each in self._service.document["loadBalancers"] if "targetGroupArn" in each
        ]
        name, come, gone = self._service.name, running - self._targets, self._targets - running
        self._targets = set(running)
        for group in groups:
            if gone:
                self.say(wording.deregistered(name, len(gone), group))
                self.say(wording.draining(name, len(gone)))
            if come:
                self.say(wording.registered(name, len(come), group))
