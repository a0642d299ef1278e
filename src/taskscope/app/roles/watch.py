"""Clusters that are watched by AWS's API."""

import asyncio
import logging
import threading
from collections.abc import Iterable, Mapping
from typing import Any, Final

from taskscope.app.delivery.heard import Heard
from taskscope.app.delivery.watch_memory import WatchMemory
from taskscope.app.processes.context import RECEIVERS_SHARE, Context
from taskscope.clock import system_clock
from taskscope.errors import SpoolFullError
from taskscope.sources.watch.outlet import What
from taskscope.sources.watch.watcher import Watcher
from taskscope.spool.frame import Frame, Kind
from taskscope.spool.group_commit import GroupCommit

_KINDS: Final[Mapping[What, Kind]] = {
    What.CHANGES: Kind.AWS_EVENT,
    What.LOG_EVENTS: Kind.LOG_EVENTS,
    What.PERFORMANCE_EVENTS: Kind.PERFORMANCE_EVENTS,
    What.METRIC_DATA: Kind.METRIC_DATA,
}
_SENDER: Final = "watch"
"""No address: what is read from AWS is not of the task that this process may be in."""

_log = logging.getLogger(__name__)


class WatchRole:
    """Takes what watching finds into the spool."""

    def __init__(self, context: Context) -> None:
        self._outlet = _Spooling(context)
        self._watcher = Watcher(
            context.server, self._outlet, counters=context.counters, heard=Heard(context.folders.heard)
        )
        self._clusters, self._per_minute = context.server.watch, context.server.watch_requests_per_minute
        self._patience = context.server.stop_seconds * RECEIVERS_SHARE
        self._thread = threading.Thread(target=self._watcher.run, name="watch", daemon=True)

    async def start(self) -> None:
        """Begin to look."""
        self._outlet.loop = asyncio.get_running_loop()
        _log.info("watching %s: at most %d requests to AWS a minute", ", ".join(self._clusters), self._per_minute)
        self._thread.start()

    async def stop(self) -> None:
        """End: a request under way is waited for, as long as there is time."""
        self._watcher.stop()
        if self._thread.is_alive():
            await asyncio.to_thread(self._thread.join, self._patience)


class _Spooling:
    """An outlet over a lane of the spool, for the watcher's thread."""

    def __init__(self, context: Context) -> None:
        self._appender: GroupCommit = context.appender("watch")
        self._memory = WatchMemory(context.folders.watch, self._appender.end)
        self._counters = context.counters
        self.loop: asyncio.AbstractEventLoop | None = None

    def remembered(self, section: str) -> Any:
        """Return what a section was remembered as."""
        return self._memory.get(section)

    def sections(self, prefix: str) -> Iterable[str]:
        """Return the sections whose names begin so."""
        return self._memory.names(prefix)

    def deliver(self, what: What, body: bytes, section: str, memory: Any) -> None:
        """Append one frame: a call of several could be torn between them."""
        frame = Frame(_KINDS[what], system_clock(), body, sender=_SENDER)
        try:
            self._memory.intend(section, memory, self._appender.end)
        except OSError as error:
            raise SpoolFullError(
                f"cannot note how far watching is: {error.strerror}", hint="free space on that disk"
            ) from error
        self._append(frame)
        self._memory.done(section, memory)
        self._counters.add("received.watch")
        self._counters.add("received_bytes.watch", len(body))

    def _append(self, frame: Frame) -> None:
        assert self.loop is not None  # noqa: S101 (the thread starts after it is set)
        coroutine = self._appender.append([frame])
        try:
            future = asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        except RuntimeError:
            coroutine.close()
            raise SpoolFullError("the collector has ended") from None
        future.result()
