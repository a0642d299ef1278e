"""ECS events from an SQS queue."""

import asyncio
import threading
from collections.abc import Sequence

from taskscope.app.processes.context import Context
from taskscope.aws.session import Account
from taskscope.aws.sqs import Queue
from taskscope.clock import system_clock
from taskscope.sources.event_queue import EventQueue
from taskscope.spool.frame import Frame, Kind


class EventQueueRole:
    """Takes messages into the spool, and has them deleted from the queue when they are durable."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._appender = context.appender("queue")
        self._queue = EventQueue(Queue(Account(), context.server.event_queue), self._deliver)
        self._thread = threading.Thread(target=self._queue.run, name="event-queue", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None

    async def start(self) -> None:
        """Begin to poll."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    async def stop(self) -> None:
        """Finish the batch under way."""
        self._queue.stop()
        if self._thread.is_alive():
            await asyncio.to_thread(self._thread.join)

    def _deliver(self, bodies: Sequence[bytes]) -> None:
        """Make messages durable, from the poller's thread."""
        assert self._loop is not None  # noqa: S101 (the thread starts after it is set)
        frames = [Frame(Kind.AWS_EVENT, system_clock(), body) for body in bodies]
        asyncio.run_coroutine_threadsafe(self._appender.append(frames), self._loop).result()
        self._context.counters.add("received.queue", len(frames))
