"""An ASGI application on sockets of ours."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator, MutableMapping, Sequence
from typing import Any, TypeAlias

import uvicorn

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
AsgiApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]


class Server:
    """Serves an application on sockets from ``start`` to ``stop``; signals are left to the program."""

    def __init__(self, app: AsgiApp, *, grace_seconds: float, tls: ssl.SSLContext | None) -> None:
        config = uvicorn.Config(
            app,
            lifespan="off",
            log_config=None,
            log_level="critical",  # wrong requests are counted: their sender decides how many there are
            access_log=False,
            server_header=False,
            proxy_headers=False,
            ws="none",
            timeout_keep_alive=75,
            timeout_graceful_shutdown=max(1, round(grace_seconds)),
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
        """Close the sockets and finish open answers within the grace period; safe to call twice."""
        if self._job is not None:
            self._server.ending.set()
            await self._job
            self._job = None


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
