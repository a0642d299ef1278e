"""Amazon ECS as the lab answers it: every operation, the state behind it, and its end."""

import asyncio
import functools
from collections.abc import Callable, Mapping
from typing import Final

from taskscope.clock import Clock
from taskscope.lab.ecs import (
    capacity_providers,
    clusters,
    container_instances,
    seed,
    service_history,
    services,
    settings,
    tags,
    task_definitions,
    tasks,
)
from taskscope.lab.ecs.agent import Agent
from taskscope.lab.ecs.context import Context, Secrets
from taskscope.lab.ecs.pacing import Pacing
from taskscope.lab.gateway.service import Call, Document, Operation

_OPERATIONS: Final[dict[str, Callable[[Context, Call], Document]]] = {
    **clusters.OPERATIONS,
    **task_definitions.OPERATIONS,
    **tasks.OPERATIONS,
    **services.OPERATIONS,
    **service_history.OPERATIONS,
    **container_instances.OPERATIONS,
    **capacity_providers.OPERATIONS,
    **tags.OPERATIONS,
    **settings.OPERATIONS,
}


class EcsService:
    """
    The ECS control plane. Everything happens on one event loop; answers are copies of plain documents.

    ``emit`` gets each EventBridge envelope at once and must return quickly. Stopped tasks are forgotten
    ``stopped_task_ttl`` seconds after they stopped. ``secrets`` reads the values that a definition's ``secrets``
    name; without it such tasks fail to start, as they do in AWS when the secret cannot be read.
    """

    name = "ecs"
    whole = True

    def __init__(
        self,
        *,
        agent: Agent,
        clock: Clock,
        account: str,
        emit: Callable[[Document], None],
        stopped_task_ttl: float = 3600.0,
        pacing: Pacing | None = None,
        secrets: Secrets | None = None,
    ) -> None:
        self._context = Context(
            agent=agent,
            clock=clock,
            account=account,
            emit=emit,
            stopped_task_ttl=stopped_task_ttl,
            pacing=pacing or Pacing(),
            secrets=secrets,
        )
        self._operations: dict[str, Operation] = {
            name: functools.partial(operation, self._context) for name, operation in _OPERATIONS.items()
        }

    @property
    def operations(self) -> Mapping[str, Operation]:
        """Each operation by its name in the model."""
        return self._operations

    def load(self, state: Document) -> None:
        """
        Load a recorded state (a parsed ``state.json``): its task, service and task definition, in its region.

        Raises:
            UsageError: The state is not in the format; the message names the member.
        """
        seed.load(self._context, state)

    async def close(self) -> None:
        """Stop every task and wait for it, no longer than ``Pacing.closing``; then what still runs is killed."""
        context = self._context
        context.closing = True
        for scheduler in context.schedulers.values():
            scheduler.wake()
        for life in list(context.lives.values()):
            life.stop("UserInitiated", "The lab is closing.")
        if jobs := set(context.jobs):
            _, late = await asyncio.wait(jobs, timeout=context.pacing.closing)
            for job in late:
                job.cancel()
            await asyncio.gather(*late, return_exceptions=True)
