"""From a matched event to its targets: one bounded queue and worker for each target, so that none waits for another."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

_LONGEST_QUEUE: Final = 10_000  # events waiting for one target; a burst of 100 tasks stopping makes about 1,000
_SAID_AGAIN: Final = frozenset({10, 100, 1_000, 10_000, 100_000, 1_000_000})


class DeliveryError(Exception):
    """A target did not take an event; the message says why. No retry helps."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one target."""

    region: str
    rule_arn: str
    target: Mapping[str, Any]
    """The Target of the API: ``Arn``, ``SqsParameters`` …"""
    payload: str

    @property
    def arn(self) -> str:
        """The target's ARN."""
        return str(self.target["Arn"])


class Deliver(Protocol):
    """Hands events to the targets of one service. Calls for one target come one after another, in order."""

    async def __call__(self, delivery: Delivery) -> None:
        """
        Deliver once; returning means that the target has the event.

        Raises:
            DeliveryError: The target does not exist or refuses it.
        """


class Dispatcher:
    """
    Delivers in the background: ``submit`` never waits and never raises for a target's sake.

    ``deliver`` names the way for each service of a target's ARN, such as ``lambda`` or ``sqs``. What could not be
    delivered goes to the target's dead-letter queue if it has one (``buried``); else it is counted (``lost``) and said,
    but the same thing only the 1st, 10th, 100th ... time: one broken target loses a thousand events in a minute.
    All methods belong to one event loop.
    """

    def __init__(self, deliver: Mapping[str, Deliver], *, say: Callable[[str], None]) -> None:
        self._deliver = deliver
        self._say = say
        self._queues: dict[str, asyncio.Queue[Delivery]] = {}
        self._workers: set[asyncio.Task[None]] = set()
        self._closed = False
        self._said: Counter[str] = Counter()
        self.submitted = 0
        self.delivered = 0
        self.buried = 0
        self.lost = 0

    @property
    def services(self) -> list[str]:
        """The services whose ARNs can be targets."""
        return sorted(self._deliver)

    def submit(self, delivery: Delivery) -> None:
        """Queue an event for its target."""
        self.submitted += 1
        if self._closed:
            self._lose(delivery, "the lab is closing")
            return
        queue = self._queues.get(delivery.arn)
        if queue is None:
            queue = self._queues[delivery.arn] = asyncio.Queue(_LONGEST_QUEUE)
            self._workers.add(asyncio.create_task(self._work(queue)))
        try:
            queue.put_nowait(delivery)
        except asyncio.QueueFull:
            self._lose(delivery, f"{_LONGEST_QUEUE} events are waiting for it already")

    async def drain(self) -> None:
        """Wait until every event submitted so far is delivered or lost."""
        await asyncio.gather(*(queue.join() for queue in self._queues.values()))

    async def close(self, *, within: float = 5.0) -> None:
        """Take no more events, wait ``within`` seconds for those that are queued, and drop the rest, saying so."""
        self._closed = True
        try:
            await asyncio.wait_for(self.drain(), within)
        except TimeoutError:
            waiting = self.submitted - self.delivered - self.buried - self.lost
            self.lost += waiting
            self._say(f"events: dropped {waiting} that were not delivered within {within:g} s")
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        self._workers.clear()
        self._queues.clear()

    async def _work(self, queue: asyncio.Queue[Delivery]) -> None:
        while True:
            delivery = await queue.get()
            try:
                await self._hand_over(delivery)
            finally:
                queue.task_done()

    async def _hand_over(self, delivery: Delivery) -> None:
        try:
            await self._send(delivery)
        except DeliveryError as error:
            await self._bury(delivery, str(error))
        else:
            self.delivered += 1

    async def _send(self, delivery: Delivery) -> None:
        service = delivery.arn.split(":")[2] if delivery.arn.count(":") >= 5 else ""  # noqa: PLR2004 - an ARN has six parts
        if service not in self._deliver:
            raise DeliveryError(f"the lab has no way to deliver to {service or 'this'}")
        try:
            await self._deliver[service](delivery)
        except DeliveryError:
            raise
        except Exception as error:  # whatever breaks in a delivery, the worker must live on
            raise DeliveryError(f"{type(error).__name__}: {error}") from error

    async def _bury(self, delivery: Delivery, reason: str) -> None:
        dead_letters = delivery.target.get("DeadLetterConfig", {}).get("Arn")
        if dead_letters is None:
            self._lose(delivery, reason)
            return
        letter = Delivery(delivery.region, delivery.rule_arn, {"Arn": dead_letters}, delivery.payload)
        try:
            await self._send(letter)
        except DeliveryError as error:
            self._lose(delivery, f"{reason}; nor could its dead-letter queue take it: {error}")
        else:
            self.buried += 1

    def lose(self, arn: str, reason: str) -> None:
        """Count and say an event that does not get anywhere."""
        self.submitted += 1
        self._count_lost(f"events: {arn}: {reason}")

    def _lose(self, delivery: Delivery, reason: str) -> None:
        self._count_lost(f"events: {delivery.arn} did not get an event of {delivery.rule_arn}: {reason}")

    def _count_lost(self, notice: str) -> None:
        self.lost += 1
        self._said[notice] += 1
        times = self._said[notice]
        if times == 1:
            self._say(notice)
        elif times in _SAID_AGAIN:
            self._say(f"{notice} ({times} times by now)")
