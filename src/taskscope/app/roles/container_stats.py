"""The containers of the own task, measured."""

import asyncio
import os
import threading

from taskscope.app.processes.context import RECEIVERS_SHARE, Context
from taskscope.aws.task_metadata import TaskMetadata
from taskscope.clock import system_clock
from taskscope.sources.container_stats.config import ContainerStatsConfig
from taskscope.sources.container_stats.last_read import LastRead
from taskscope.sources.container_stats.poll import ContainerStats
from taskscope.spool.frame import Frame, Kind


class ContainerStatsRole:
    """Takes readings of the task metadata endpoint into the spool; does nothing where ECS names none."""

    def __init__(self, context: Context) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._poll: ContainerStats | None = None
        endpoint = TaskMetadata.from_environment(os.environ)
        seconds = context.plan.component(ContainerStatsConfig, "container_stats").seconds
        if endpoint is None or not seconds:
            return
        self._patience = context.server.stop_seconds * RECEIVERS_SHARE
        self._appender = context.appender("container-stats")
        last = LastRead(context.folders.container_stats)
        self._poll = ContainerStats(endpoint, self._deliver, context.counters, seconds=seconds, last=last)
        self._thread = threading.Thread(target=self._poll.run, name="container-stats", daemon=True)

    async def start(self) -> None:
        """Begin to read."""
        if self._poll is not None:
            self._loop = asyncio.get_running_loop()
            self._thread.start()

    async def stop(self) -> None:
        """Finish the reading under way, unless the endpoint takes too long."""
        if self._poll is not None and self._thread.is_alive():
            self._poll.stop()
            await asyncio.to_thread(self._thread.join, self._patience)

    def _deliver(self, reading: bytes) -> None:
        """Make a reading durable, from the poller's thread."""
        assert self._loop is not None  # noqa: S101 (the thread starts after it is set)
        frame = Frame(Kind.CONTAINER_STATS, system_clock(), reading)
        asyncio.run_coroutine_threadsafe(self._appender.append([frame]), self._loop).result()
