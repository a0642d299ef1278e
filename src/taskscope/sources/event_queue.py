"""Messages of an SQS queue, deleted when they are durable: what comes between brings them again."""

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from taskscope.aws.sqs import Queue, Received
from taskscope.errors import TaskscopeError

_LOG: Final = logging.getLogger(__name__)

Deliver: TypeAlias = Callable[[Sequence[bytes]], None]
"""Makes messages durable; raises a ``TaskscopeError`` where it cannot."""

_WAIT_SECONDS: Final = 20
"""SQS's longest wait: three requests a minute while nothing comes."""
_LONGEST_PAUSE_SECONDS: Final = 60.0


class EventQueue:
    """
    Polls a queue until it is stopped; each message is delivered at least once.

    A message that cannot be delivered is not deleted: it comes again after the queue's visibility timeout, and the
    queue's own redrive policy says how often.

    Args:
        source: The queue.
        deliver: Takes a batch of at most ten message bodies.
        wait_seconds: How long one request waits for messages.
        pause_seconds: Before the next try after a failure; twice as long after each further one, a minute at most.
    """

    def __init__(
        self, source: Queue, deliver: Deliver, *, wait_seconds: int = _WAIT_SECONDS, pause_seconds: float = 1.0
    ) -> None:
        self._source = source
        self._deliver = deliver
        self._wait_seconds = wait_seconds
        self._first_pause = pause_seconds
        self._pause = 0.0
        self._stopped = threading.Event()
        self._asks: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._outcomes: queue.SimpleQueue[Sequence[Received] | Exception | None] = queue.SimpleQueue()

    def run(self) -> None:
        """
        Poll until ``stop``; a batch under way is finished.

        Requests are made on a thread of their own, which a stop leaves behind: one may wait for 20 seconds more, and
        what it still brings comes again to the next reader.
        """
        threading.Thread(target=self._receive, name="event-queue", daemon=True).start()
        try:
            while not self._stopped.is_set():
                self._asks.put(item=True)
                if (outcome := self._outcomes.get()) is not None:
                    self._try(outcome)
        finally:
            self._asks.put(item=False)

    def stop(self) -> None:
        """Let ``run`` return; may be called from any thread, and twice."""
        self._stopped.set()
        self._outcomes.put(None)

    def _receive(self) -> None:
        while self._asks.get():
            try:
                self._outcomes.put(self._source.receive(wait_seconds=self._wait_seconds))
            except Exception as error:  # noqa: BLE001 (it is raised again where it is waited for)
                self._outcomes.put(error)

    def _try(self, outcome: Sequence[Received] | Exception) -> None:
        try:
            self._handle(outcome)
        except TaskscopeError as error:
            self._fail(error)

    def _handle(self, outcome: Sequence[Received] | Exception) -> None:
        if isinstance(outcome, Exception):
            raise outcome
        if outcome:
            self._deliver([each.body.encode() for each in outcome])
            for why in self._source.delete(outcome):
                _LOG.warning("a message of the queue %s is kept but not deleted, and comes again: %s", self._name, why)
        if self._pause:
            _LOG.warning("messages of the queue %s come again", self._name)
        self._pause = 0.0

    def _fail(self, error: TaskscopeError) -> None:
        """Say what is wrong, once, and wait a little."""
        if not self._pause:
            _LOG.warning("the queue %s waits: %s", self._name, error)
        self._pause = min(2 * self._pause or self._first_pause, _LONGEST_PAUSE_SECONDS)
        self._stopped.wait(self._pause)

    @property
    def _name(self) -> str:
        return self._source.name
