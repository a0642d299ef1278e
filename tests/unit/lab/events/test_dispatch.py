"""Delivery in the background."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from taskscope.lab.events import dispatch
from taskscope.lab.events.dispatch import Deliver, Delivery, DeliveryError, Dispatcher

_FAST = "arn:aws:sqs:us-east-1:123456789012:fast"
_SLOW = "arn:aws:sqs:us-east-1:123456789012:slow"


def _delivery(payload: str, arn: str = _FAST) -> Delivery:
    return Delivery("us-east-1", "rule", {"Arn": arn}, payload)


def _run(deliver: Deliver, test: Callable[[Dispatcher], Awaitable[None]], *, within: float = 5.0) -> list[str]:
    """Run a test with a dispatcher to SQS, close it, and return what it said."""
    said: list[str] = []

    async def run() -> None:
        dispatcher = Dispatcher({"sqs": deliver}, say=said.append)
        await test(dispatcher)
        await dispatcher.close(within=within)

    asyncio.run(run())
    return said


def test_slow_target_holds_up_no_other() -> None:
    """While one target does not answer, another gets its events, in their order."""
    got: list[str] = []
    release = asyncio.Event()
    arrived = asyncio.Event()

    async def deliver(delivery: Delivery) -> None:
        if delivery.arn == _SLOW:
            await release.wait()
        got.append(delivery.payload)
        if delivery.payload == "2":
            arrived.set()

    async def test(dispatcher: Dispatcher) -> None:
        dispatcher.submit(_delivery("slow", _SLOW))
        for payload in ("1", "2"):
            dispatcher.submit(_delivery(payload))
        await arrived.wait()
        assert got == ["1", "2"]
        release.set()
        await dispatcher.drain()
        assert got == ["1", "2", "slow"]
        assert (dispatcher.delivered, dispatcher.lost) == (3, 0)

    assert _run(deliver, test) == []


@pytest.mark.parametrize("error", [DeliveryError("refused"), RuntimeError("broken")])
def test_failure_is_said_and_the_next_event_delivered(error: Exception) -> None:
    """Whatever a target raises is one lost event, said with its reason, and the worker lives on."""

    async def deliver(delivery: Delivery) -> None:
        if delivery.payload == "bad":
            raise error

    async def test(dispatcher: Dispatcher) -> None:
        dispatcher.submit(_delivery("bad"))
        dispatcher.submit(_delivery("good"))
        await dispatcher.drain()
        assert (dispatcher.delivered, dispatcher.lost) == (1, 1)

    [line] = _run(deliver, test)
    assert _FAST in line
    assert str(error) in line


def test_closing_waits_only_so_long() -> None:
    """At the end what is on its way gets its time, then it is dropped and counted, and nothing new is taken."""

    async def deliver(delivery: Delivery) -> None:  # noqa: ARG001 - the protocol names it
        await asyncio.Event().wait()

    kept: list[Dispatcher] = []

    async def test(dispatcher: Dispatcher) -> None:
        kept.append(dispatcher)
        for payload in ("1", "2", "3"):
            dispatcher.submit(_delivery(payload))

    said = _run(deliver, test, within=0.01)

    assert said == ["events: dropped 3 that were not delivered within 0.01 s"]
    kept[0].submit(_delivery("late"))
    assert kept[0].lost == 4


def test_queue_of_a_target_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """When too many events wait for one target, further ones are lost, and said."""
    monkeypatch.setattr(dispatch, "_LONGEST_QUEUE", 2)
    release = asyncio.Event()

    async def deliver(delivery: Delivery) -> None:  # noqa: ARG001 - the protocol names it
        await release.wait()

    async def test(dispatcher: Dispatcher) -> None:
        for number in range(4):
            dispatcher.submit(_delivery(str(number)))
        assert dispatcher.lost == 2
        release.set()
        await dispatcher.drain()
        assert dispatcher.delivered == 2

    assert len(_run(deliver, test)) == 1  # the second loss has the same reason


def test_the_same_loss_is_said_ever_more_rarely() -> None:
    """A broken target does not bury every other notice; each loss counts."""

    async def deliver(delivery: Delivery) -> None:  # noqa: ARG001 - the protocol names it
        raise DeliveryError("no such queue")

    async def test(dispatcher: Dispatcher) -> None:
        for number in range(150):
            dispatcher.submit(_delivery(str(number)))
        await dispatcher.drain()
        assert dispatcher.lost == 150

    said = _run(deliver, test)

    assert [line.rpartition("no such queue")[2] for line in said] == ["", " (10 times by now)", " (100 times by now)"]
