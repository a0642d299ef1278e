"""The consumers of the spool: one for each sink, with what keeps the spool small and the status current."""

import asyncio
import json
import logging
import threading
import time
from pathlib import Path
from typing import Any, Final

from taskscope.app.delivery.consumers import Consumers
from taskscope.app.processes.context import Context
from taskscope.pipeline.enrich import TaskAddresses
from taskscope.sinks.api import Sink

_LOOK_SECONDS: Final = 0.5
"""Between two looks at what may be deleted and at how the consumers are."""

_log = logging.getLogger(__name__)


class ConsumersRole:
    """Starts first and stops last: what receivers still take in is delivered within the time that a stop has."""

    def __init__(self, context: Context, *, store: Sink | None = None, addresses: TaskAddresses | None = None) -> None:
        """``store`` is delivered to beside the sinks that are asked for; ``addresses`` learns of tasks."""
        self._context = context
        self._store = store
        self._addresses = addresses
        self._stop = threading.Event()
        self._consumers: Consumers | None = None
        self._keeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Open the sinks, and begin to deliver."""
        consumers = await asyncio.to_thread(
            Consumers, self._context, self._stop, store=self._store, addresses=self._addresses
        )
        self._consumers = consumers
        for name in self._context.spool.forget_consumers([each.name for each in consumers.all]):
            _log.warning("%s is not asked for any more: what it had not taken is not kept for it", name)
        await asyncio.to_thread(consumers.start)
        self._look(consumers)
        self._keeper = asyncio.create_task(self._keep(consumers))

    async def stop(self) -> None:
        """Deliver what is there while time is left, then end."""
        consumers, self._consumers = self._consumers, None
        if self._keeper is None or consumers is None:
            return
        self._keeper.cancel()
        self._keeper = None
        deadline = time.monotonic() + self._context.server.stop_seconds * _SHARE_OF_DRAIN
        await asyncio.to_thread(consumers.drain, deadline)
        await asyncio.to_thread(consumers.stop)
        self._look(consumers)

    def backlog_bytes(self) -> int:
        """Return how much waits for the first of the sinks, which is the store where there is one."""
        consumers = self._consumers
        return consumers.all[0].backlog_bytes() if consumers else 0

    async def _keep(self, consumers: Consumers) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            await asyncio.to_thread(self._look, consumers)

    def _look(self, consumers: Consumers) -> None:
        try:
            self._context.spool.trim(consumers.all)
            self._write_status(consumers)
        except OSError as error:
            _log.warning("cannot keep the status of the spool: %s", error)

    def _write_status(self, consumers: Consumers) -> None:
        document: dict[str, Any] = {
            "time": time.time(),
            "spool_bytes": self._context.spool.used_bytes(),
            "consumers": {
                each.name: {"backlog_bytes": each.backlog_bytes(), "trouble": each.trouble} for each in consumers.all
            },
        }
        _replace(self._context.folders.status, json.dumps(document))


_SHARE_OF_DRAIN: Final = 0.7
"""Of the time that a stop has; the rest is for receivers before it and for closing after it."""


def _replace(path: Path, text: str) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)
