"""The consumers of the spool: one for each sink, with what keeps the spool small and the status current."""

import asyncio
import json
import logging
import threading
import time
from pathlib import Path
from typing import Any, Final

from taskscope.app.consumers import make_consumers
from taskscope.app.context import Context
from taskscope.pipeline.consumer import Consumer
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
        self._consumers: list[Consumer] = []
        self._keeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Open the sinks, and begin to deliver."""
        self._consumers = await asyncio.to_thread(
            make_consumers, self._context, self._stop, store=self._store, addresses=self._addresses
        )
        gone = self._context.spool.forget_consumers([each.name for each in self._consumers])
        for name in gone:
            _log.warning("%s is not asked for any more: what it had not taken yet is dropped", name)
        for consumer in self._consumers:
            consumer.start()
        self._write_status()
        self._keeper = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Deliver what is there while time is left, then end."""
        if self._keeper is None:
            return
        self._keeper.cancel()
        self._keeper = None
        deadline = time.monotonic() + self._context.server.stop_seconds * _SHARE_OF_DRAIN
        await asyncio.gather(*(asyncio.to_thread(each.drain, deadline) for each in self._consumers))
        self._stop.set()
        await asyncio.gather(*(asyncio.to_thread(each.stop) for each in self._consumers))
        self._context.spool.trim(self._consumers)
        self._write_status()

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            await asyncio.to_thread(self._look)

    def _look(self) -> None:
        try:
            self._context.spool.trim(self._consumers)
            self._write_status()
        except OSError as error:
            _log.warning("cannot keep the status of the spool: %s", error)

    def _write_status(self) -> None:
        document: dict[str, Any] = {
            "time": time.time(),
            "spool_bytes": self._context.spool.used_bytes(),
            "consumers": {
                each.name: {"backlog_bytes": each.backlog_bytes(), "trouble": each.trouble} for each in self._consumers
            },
        }
        _replace(self._context.folders.status, json.dumps(document))


_SHARE_OF_DRAIN: Final = 0.7
"""Of the time that a stop has; the rest is for receivers before it and for closing after it."""


def _replace(path: Path, text: str) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)
