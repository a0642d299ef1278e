"""An ASGI application on sockets of ours: loopback, and the lab's own bridge."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import Iterator, Sequence
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from taskscope.errors import UsageError

LOOPBACK: Final = "127.0.0.1"

_BACKLOG: Final = 512
"""Connections that wait to be accepted: `taskscope trace` opens up to 32 at once, and tests run side by side."""

_GRACE_SECONDS: Final = 1
"""How long open answers may take when the lab ends; a live tail would never end by itself."""


def listen(address: str, port: int) -> socket.socket:
    """
    Return a listening socket; port 0 takes a free one.

    Raises:
        UsageError: The port is in use, or this user may not have it.
    """
    # asyncio turns Nagle's algorithm off for sockets that say TCP only (create_server says 0): with it a small answer
    # on a kept connection takes 44 ms instead of 0.4 ms.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((address, port))
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            hint = "another lab may be running: use it, stop it, or choose a port with --port (0 takes a free one)"
            raise UsageError(f"port {port} of {address} is in use", hint=hint) from None
        raise UsageError(f"cannot listen on {address}:{port}: {error.strerror}", hint="choose another --port") from None
    return listening


class Server:
    """Serves an application on sockets from ``start`` to ``stop``; signals are left to the program."""

    def __init__(self, app: ASGIApp, sockets: Sequence[socket.socket]) -> None:
        config = uvicorn.Config(
            app,
            lifespan="off",
            log_config=None,
            log_level="critical",  # the gateway logs what goes wrong; a live tail cut off at the end is no error
            access_log=False,
            server_header=False,
            proxy_headers=False,
            ws="none",
            timeout_keep_alive=75,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
        self._server = _Uvicorn(config)
        self._sockets = list(sockets)
        self._job: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Return when requests are answered."""
        self._job = asyncio.create_task(self._server.serve(sockets=self._sockets))
        listening = asyncio.create_task(self._server.listening.wait())
        await asyncio.wait((self._job, listening), return_when=asyncio.FIRST_COMPLETED)
        if not listening.done():
            listening.cancel()
            await self._job

    async def stop(self) -> None:
        """Finish open answers, no longer than a second, and close the sockets."""
        if self._job is not None:
            self._server.should_exit = True
            await self._job
            self._job = None
        for each in self._sockets:
            each.close()


class _Uvicorn(uvicorn.Server):
    """A server that takes no signals and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
