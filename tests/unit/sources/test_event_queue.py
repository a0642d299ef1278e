"""Messages are delivered, then deleted; whatever comes between, none is lost."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from taskscope.aws.session import Account
from taskscope.aws.sqs import Queue, Received
from taskscope.errors import DeniedError, SpoolFullError, TaskscopeError, UnavailableError
from taskscope.sources.event_queue import Deliver, EventQueue
from tests.conftest import StartAws

_URL = "https://sqs.eu-west-1.amazonaws.com/123456789012/ecs-events"


class MemoryQueue(Queue):
    """A queue in memory: what is received and not deleted comes again at the next look."""

    def __init__(self, *bodies: str) -> None:
        super().__init__(Account(), _URL)
        self.held = {str(number): body for number, body in enumerate(bodies)}
        self.failing: list[TaskscopeError] = []
        self.undeletable: set[str] = set()
        self.empty = threading.Event()
        self.closed = threading.Event()

    def receive(self, *, wait_seconds: int) -> list[Received]:
        """Return what is held; wait when there is nothing."""
        if self.failing:
            raise self.failing.pop()
        if not self.held:
            self.empty.set()
            self.closed.wait(wait_seconds)
        return [Received(each, body, each) for each, body in self.held.items()][:10]

    def delete(self, messages: Sequence[Received]) -> list[str]:
        """Delete what can be."""
        for each in messages:
            if each.id not in self.undeletable:
                del self.held[each.id]
        failed = [each.id for each in messages if each.id in self.undeletable]
        self.undeletable.clear()
        return [f"InternalError: {each}" for each in failed]


class Deliveries:
    """Takes batches, and fails when told to."""

    def __init__(self, *failures: TaskscopeError | None) -> None:
        self.failures = list(failures)
        self.bodies: list[bytes] = []

    def __call__(self, bodies: Sequence[bytes]) -> None:
        """Take a batch."""
        if self.failures and (failure := self.failures.pop(0)):
            raise failure
        self.bodies += bodies


@contextmanager
def _polling(source: Queue, deliver: Deliver, **settings: Any) -> Iterator[EventQueue]:
    polled = EventQueue(source, deliver, **({"pause_seconds": 0.01} | settings))
    thread = threading.Thread(target=polled.run)
    thread.start()
    try:
        yield polled
    finally:
        polled.stop()
        thread.join(5)
        stopped = not thread.is_alive()
        if isinstance(source, MemoryQueue):
            source.closed.set()
        assert stopped


def _until(condition: Callable[[], bool]) -> None:
    waiting = threading.Event()
    for _ in range(1000):
        if condition():
            return
        waiting.wait(0.01)
    raise AssertionError("it did not happen within 10 s")


def test_messages_are_delivered_then_deleted() -> None:
    """In batches of ten, each once if nothing goes wrong."""
    source, deliveries = MemoryQueue(*map(str, range(25))), Deliveries()
    with _polling(source, deliveries):
        assert source.empty.wait(5)

    assert deliveries.bodies == [str(number).encode() for number in range(25)]


def test_undelivered_messages_stay_in_the_queue() -> None:
    """A spool that is full takes them later."""
    source, deliveries = MemoryQueue("a", "b"), Deliveries(SpoolFullError("full"), SpoolFullError("full"))
    with _polling(source, deliveries):
        assert source.empty.wait(5)

    assert deliveries.bodies == [b"a", b"b"]
    assert deliveries.failures == []


def test_trouble_is_said_once_and_waited_out(caplog: pytest.LogCaptureFixture) -> None:
    """Then it goes on by itself, and says so."""
    source, deliveries = MemoryQueue("a"), Deliveries()
    source.failing = [UnavailableError("no network"), UnavailableError("no network"), UnavailableError("no network")]
    with caplog.at_level(logging.WARNING), _polling(source, deliveries):
        assert source.empty.wait(5)

    assert deliveries.bodies == [b"a"]
    assert [record.getMessage() for record in caplog.records] == [
        "the queue ecs-events waits: no network",
        "messages of the queue ecs-events come again",
    ]


def test_missing_permission_is_said_by_name(caplog: pytest.LogCaptureFixture) -> None:
    """It may be granted while we wait."""
    source = MemoryQueue("a")
    source.failing = [DeniedError("cannot receive: the permission sqs:ReceiveMessage is missing")]
    with caplog.at_level(logging.WARNING), _polling(source, Deliveries()):
        assert source.empty.wait(5)

    assert "the permission sqs:ReceiveMessage is missing" in caplog.text


def test_message_that_cannot_be_deleted_comes_again(caplog: pytest.LogCaptureFixture) -> None:
    """Delivered twice is what at least once means."""
    source, deliveries = MemoryQueue("a", "b"), Deliveries()
    source.undeletable = {"1"}
    with caplog.at_level(logging.WARNING), _polling(source, deliveries):
        assert source.empty.wait(5)

    assert deliveries.bodies == [b"a", b"b", b"b"]
    assert "is kept but not deleted" in caplog.text


def test_stop_does_not_wait_for_messages() -> None:
    """A request waits for up to 20 seconds: it is left behind. Stopping twice is one stop."""
    source = MemoryQueue()
    with _polling(source, Deliveries()) as polled:
        assert source.empty.wait(5)
        polled.stop()


def test_stop_does_not_wait_for_a_pause() -> None:
    """Nor for the minute after many failures."""
    source = MemoryQueue("a")
    source.failing = [UnavailableError("no network")]
    with _polling(source, Deliveries(), pause_seconds=60):
        _until(lambda: not source.failing)


def test_fault_of_the_program_ends_it() -> None:
    """What is no trouble of AWS or of the spool is for the supervisor to see."""

    def deliver(_bodies: Sequence[bytes]) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        EventQueue(MemoryQueue("a"), deliver).run()


def test_crash_between_delivery_and_deletion_brings_the_message_again(
    embedded_aws: StartAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real queue: the next reader gets what the first one kept but could not delete."""
    aws = embedded_aws(runner=False)
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    client = aws.client("sqs")
    url = client.create_queue(QueueName="crash", Attributes={"VisibilityTimeout": "1"})["QueueUrl"]
    client.send_message(QueueUrl=url, MessageBody='{"detail-type":"ECS Task State Change"}')
    account = Account(region=aws.region, endpoint_url=aws.url)
    kept: list[bytes] = []

    def keep_and_crash(bodies: Sequence[bytes]) -> None:
        kept.extend(bodies)
        raise SystemError("killed")

    with pytest.raises(SystemError, match="killed"):
        EventQueue(Queue(account, url), keep_and_crash, wait_seconds=1).run()
    with _polling(Queue(account, url), kept.extend, wait_seconds=1):
        _until(lambda: len(kept) == 2)
        _until(lambda: _held(client, url) == 0)

    assert kept == [b'{"detail-type":"ECS Task State Change"}'] * 2


def _held(client: Any, url: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    return sum(map(int, client.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"].values()))
