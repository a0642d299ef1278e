"""An ASGI application on sockets of ours, from its start to its stop; signals are left to the program."""

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


class AsgiServer:
    """Serves an application; needs uvicorn alone, and leaves bounds to who asks for them (`serving.server`)."""

    def __init__(
        self,
        app: AsgiApp,
        *,
        protocol: Any = "auto",
        idle_seconds: float = 75.0,
        grace_seconds: float = 1.0,
        has_date: bool = False,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """
        Take an application; TLS comes as a context that the program made.

        ``protocol`` makes uvicorn's HTTP protocol for a connection. ``has_date`` sends the time with each answer, for
        clients that correct their clocks by it; without it nothing wakes a server that nobody asks.
        """
        config = uvicorn.Config(
            app,
            http=protocol,
            lifespan="off",
            log_config=None,
            log_level="critical",  # wrong requests are counted, not logged: their sender decides how many there are
            access_log=False,
            server_header=False,
            date_header=has_date,
            proxy_headers=False,
            ws="none",
            timeout_keep_alive=max(1, round(idle_seconds)),
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
        """Close the sockets, and finish open answers within the grace period; safe to call twice."""
        if self._job is None:
            return
        self._server.should_exit = True
        self._server.ending.set()
        await self._job
        self._job = None

    @property
    def connections(self) -> Sequence[Any]:
        """The connections that are open, as ``protocol`` made them."""
        return list(self._server.server_state.connections)


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
        if self.config.date_header:  # renewed each second, by a loop that looks ten times a second
            await super().main_loop()
        else:
            await self.ending.wait()  # a sidecar should sleep

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
