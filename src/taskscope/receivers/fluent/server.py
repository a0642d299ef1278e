"""The Fluent forward receiver: its connections, from ``start`` to ``stop``."""

import asyncio
import socket
import ssl
from collections.abc import Sequence
from typing import Final

from taskscope.clock import Clock, system_clock
from taskscope.config.access import Allow
from taskscope.counters import Counters
from taskscope.receivers.fluent.config import FluentConfig
from taskscope.receivers.fluent.connection import Connection
from taskscope.receivers.fluent.shared import Shared
from taskscope.spool.api import Appender

_LOOK_SECONDS: Final = 1.0
"""How often overdue connections are looked for."""


class FluentReceiver:
    """
    Takes messages of the Fluent forward protocol over TCP, or unix sockets, and acknowledges those that are durable.

    Args:
        config: Its settings.
        spool: Where messages go.
        counters: Where they are counted.
        allow: Who may send.
        tls: A server's context; None listens without TLS.
        clock: Gives the time of reception.
    """

    def __init__(
        self,
        config: FluentConfig,
        spool: Appender,
        counters: Counters,
        *,
        allow: Allow,
        tls: ssl.SSLContext | None = None,
        clock: Clock = system_clock,
    ) -> None:
        self._shared = Shared(config, spool, counters, allow, clock)
        self._tls = tls
        self._servers: list[asyncio.Server] = []
        self._connections: dict[asyncio.Task[None], Connection] = {}
        self._watch: asyncio.Task[None] | None = None

    async def start(self, sockets: Sequence[socket.socket]) -> None:
        """Listen on bound sockets, which close with the receiver."""
        loop = asyncio.get_running_loop()
        for each in sockets:
            self._servers.append(await loop.create_server(self._connection, sock=each, ssl=self._tls))
        self._watch = loop.create_task(self._end_overdue())

    async def stop(self) -> None:
        """Take no more; keep and acknowledge what came within the grace period; safe to call twice."""
        for server in self._servers:
            server.close()
        if self._watch is not None:
            self._watch.cancel()
        for connection in self._connections.values():
            connection.finish()
        if jobs := set(self._connections):
            _, late = await asyncio.wait(jobs, timeout=self._shared.config.grace_seconds)
            for job in late:
                job.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._servers = []

    def _connection(self) -> asyncio.Protocol:
        return Connection(self._shared, self._register)

    def _register(self, connection: Connection, job: asyncio.Task[None]) -> None:
        self._connections[job] = connection
        job.add_done_callback(self._connections.pop)

    async def _end_overdue(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            for connection in list(self._connections.values()):
                connection.end_if_overdue(loop.time())
