"""An ASGI application on sockets of ours; TLS comes as a context that the program made."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator, MutableMapping, Sequence
from functools import partial
from typing import Any, Final, TypeAlias

import uvicorn

from taskscope.serving.connection import BoundedConnection, Limits

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
AsgiApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]


_LIMITS: Final = Limits()


def _nothing(_why: str) -> None:
    """Tell nobody."""


class Server:
    """Serves an application on sockets from ``start`` to ``stop``; signals are left to the program."""

    def __init__(
        self,
        app: AsgiApp,
        limits: Limits = _LIMITS,
        refused: Callable[[str], None] = _nothing,
        *,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """``refused(why)`` is told of connections that end without an answer of the application."""
        config = uvicorn.Config(
            app,
            http=partial(BoundedConnection, limits, refused),  # type: ignore[arg-type] # it is called and no more
            lifespan="off",
            log_config=None,
            log_level="critical",  # wrong requests are counted, not logged: their sender decides how many there are
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            ws="none",
            timeout_keep_alive=max(1, round(limits.idle_seconds)),
            timeout_graceful_shutdown=max(1, round(limits.grace_seconds)),
        )
        config.load()
        config.ssl = tls
        self._server = _Uvicorn(config)
        self._job: asyncio.Task[None] | None = None

    async def start(self, sockets: Sequence[socket.socket]) -> None:
        """Take over listening sockets; return when requests are answered."""
        self._job = asyncio.create_task(self._server.serve(sockets=list(sockets)))
        listening = asyncio.create_task(self._server.listening.wait())
        await asyncio.wait((self._job, listening), return_when=asyncio.FIRST_COMPLETED)
        if not listening.done():
            listening.cancel()
            await self._job

    async def stop(self) -> None:
        """Close the sockets, finish open answers within the grace period, then disconnect."""
        if self._job is None:
            return
        self._server.ending.set()
        await self._job
        self._job = None
        for connection in list(self._server.server_state.connections):
            if isinstance(connection, BoundedConnection):
                connection.transport.abort()


class _Uvicorn(uvicorn.Server):
    """A server that takes no signals and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()
        self.ending = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    async def main_loop(self) -> None:
        await self.ending.wait()  # uvicorn looks ten times a second whether it is to end; a sidecar should sleep

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
