"""EventBridge, as far as it delivers events: the API on the default bus, and the way in for the lab's own events."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final

from taskscope.clock import Clock, system_clock
from taskscope.lab.events.bus import Bus
from taskscope.lab.events.dispatch import Deliver, Dispatcher
from taskscope.lab.events.entry_operations import EntryOperations
from taskscope.lab.events.rule_operations import RuleOperations
from taskscope.lab.events.target_operations import TargetOperations
from taskscope.lab.gateway.service import Operation

_DRAIN_SECONDS: Final = 5.0


class EventsService:
    """
    The ``events`` service of the lab, whole.

    ``deliver`` gives the way to the targets of each service (see ``taskscope.lab.events.targets``); ``say`` gets a line
    for each event that could not be delivered. All methods belong to one event loop.
    """

    name = "events"
    whole = True

    def __init__(
        self,
        account: str,
        deliver: Mapping[str, Deliver],
        *,
        say: Callable[[str], None],
        clock: Clock = system_clock,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self._dispatcher = Dispatcher(deliver, say=say)
        self._bus = Bus(account, self._dispatcher, clock)
        parts = (RuleOperations(self._bus), TargetOperations(self._bus), EntryOperations(self._bus, new_id))
        self.operations: Mapping[str, Operation] = {
            name: operation for part in parts for name, operation in part.operations.items()
        }

    @property
    def delivered(self) -> int:
        """How many events have reached their target."""
        return self._dispatcher.delivered

    @property
    def lost(self) -> int:
        """How many events could not be delivered; each was said."""
        return self._dispatcher.lost

    def emit(self, region: str, envelope: Mapping[str, Any]) -> None:
        """Put an event of an AWS service on the bus, such as an ECS task state change; never waits, never raises."""
        try:
            self._bus.accept(region, envelope)
        except (TypeError, ValueError) as error:
            self._dispatcher.lose(f"event {envelope.get('id')}", f"it is no JSON document: {error}")

    async def drain(self) -> None:
        """Wait until every event so far is delivered or lost."""
        await self._dispatcher.drain()

    async def close(self, *, within: float = _DRAIN_SECONDS) -> None:
        """Take no more events and wait ``within`` seconds for those on their way."""
        await self._dispatcher.close(within=within)
