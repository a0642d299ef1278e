"""Delivering batches in parts."""

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from taskscope.errors import DeniedError, TaskscopeError, UnavailableError
from taskscope.sinks.api import Rejected
from taskscope.sinks.partwise import Partwise, divide_refused


@pytest.fixture
def partwise() -> Iterator[Partwise]:
    """Give one with four threads."""
    made = Partwise(4, name="test")
    yield made
    made.close()


def test_all_parts_are_sent_and_their_rejections_joined_in_order(partwise: Partwise) -> None:
    """Parts go side by side, what they reject comes back in the order of the parts."""
    assert partwise.run("a", [3, 1, 2], lambda part: [Rejected(part, "no")]) == [
        Rejected(3, "no"),
        Rejected(1, "no"),
        Rejected(2, "no"),
    ]


def test_a_retry_sends_only_what_is_missing(partwise: Partwise) -> None:
    """Parts that were taken before the failure are not sent again."""
    sent: list[int] = []

    def send(part: int) -> Sequence[Rejected]:
        sent.append(part)
        if part == 2 and sent.count(2) == 1:
            raise UnavailableError("down")
        return ()

    with pytest.raises(UnavailableError):
        partwise.run("a", [1, 2], send)
    partwise.run("a", [1, 2], send)

    assert sorted(sent) == [1, 2, 2]


def test_a_complete_batch_is_forgotten(partwise: Partwise) -> None:
    """The same token after success is a new delivery: nothing is remembered for ever."""
    sent: list[int] = []

    def send(part: int) -> Sequence[Rejected]:
        sent.append(part)
        return ()

    for _ in range(2):
        partwise.run("a", [1], send)

    assert sent == [1, 1]


def test_a_missing_permission_is_an_outage(partwise: Partwise) -> None:
    """The batch waits until the permission is there; the hint is kept."""

    def send(_: int) -> Sequence[Rejected]:
        raise DeniedError("denied", hint="ask for it")

    with pytest.raises(UnavailableError, match="denied") as caught:
        partwise.run("a", [1], send)
    assert caught.value.hint == "ask for it"


def test_closing_waits_for_one_call_and_not_for_a_batch() -> None:
    """What waits is not begun: the batch stays where it came from, and the process ends in time."""
    partwise = Partwise(1, name="test")
    started, go_on = threading.Event(), threading.Event()
    sent: list[int] = []

    def send(part: int) -> Sequence[Rejected]:
        started.set()
        go_on.wait(10)
        sent.append(part)
        return ()

    with ThreadPoolExecutor(2) as pool:
        batch = pool.submit(partwise.run, "a", range(100), send)
        started.wait(10)
        closing = pool.submit(partwise.close)
        while not partwise._closed:
            time.sleep(0.001)
        go_on.set()
        closing.result()
        with pytest.raises(UnavailableError, match="closed"):
            batch.result()

    assert sent == [0]


@pytest.mark.parametrize("parts", [[1], [1, 2]])
def test_a_closed_sink_takes_nothing(partwise: Partwise, parts: list[int]) -> None:
    """A late batch is not lost: it stays in the spool."""
    partwise.close()
    with pytest.raises(UnavailableError, match="closed"):
        partwise.run("a", parts, lambda _: ())


def test_what_is_refused_is_found_by_halves() -> None:
    """One bad item of many is rejected alone; all others are taken, each once."""
    taken: list[int] = []

    def send(items: Sequence[int]) -> Sequence[Rejected]:
        if 37 in items:
            raise TaskscopeError("37 is bad")
        taken.extend(items)
        return ()

    rejected = divide_refused(range(100), send, lambda item, why: [Rejected(item, why)])

    assert rejected == [Rejected(37, "37 is bad")]
    assert taken == [item for item in range(100) if item != 37]


def test_a_receiver_that_refuses_everything_is_not_asked_for_each_item() -> None:
    """After a number of refusals parts are rejected whole."""
    calls = 0

    def send(_: Sequence[int]) -> Sequence[Rejected]:
        nonlocal calls
        calls += 1
        raise TaskscopeError("never")

    rejected = divide_refused(range(10_000), send, lambda item, why: [Rejected(item, why)])

    assert len(rejected) == 10_000
    assert calls < 100


def test_an_outage_ends_the_division() -> None:
    """Unlike a refusal, it says nothing about the items."""

    def send(_: Sequence[int]) -> Sequence[Rejected]:
        raise UnavailableError("down")

    with pytest.raises(UnavailableError):
        divide_refused([1, 2], send, lambda item, why: [Rejected(item, why)])


def test_a_batch_that_meets_a_closing_sink_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also while its parts are handed over: the pool then takes no more of them."""
    partwise = Partwise(2, name="test")

    def refuse(*_: object) -> None:
        partwise.close()
        raise RuntimeError("cannot schedule new futures after shutdown")

    monkeypatch.setattr(partwise._pool, "map", refuse)
    with pytest.raises(UnavailableError, match="closed"):
        partwise.run("a", [1, 2], lambda _part: ())
