"""A port of the lab that leads to its server: known before there is a server, which the first connection starts."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from taskscope.errors import UnreachableError

_CHUNK_BYTES: Final = 1 << 16


class Relay:
    """Passes on bytes between its port of loopback and an address that is asked for at each connection."""

    def __init__(self, address: Callable[[], Awaitable[tuple[str, int]]], say: Callable[[str], None]) -> None:
        self._address = address
        self._say = say
        self._jobs: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.url = ""
        """Where it listens."""

    async def start(self) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def close(self) -> None:
        """Stop listening, and cut what is open."""
        if self._server is not None:
            self._server.close()
        for job in list(self._jobs):
            job.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        job = asyncio.current_task()
        assert job is not None  # noqa: S101 (asyncio runs each connection as one)
        self._jobs.add(job)
        try:
            with suppress(ConnectionError, asyncio.CancelledError):
                await self._connect(reader, writer)
        finally:
            self._jobs.discard(job)
            writer.close()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(*await self._address())
        except (UnreachableError, OSError) as error:
            self._say(f"no answer at {self.url}: {error}")
            return
        try:
            await asyncio.gather(_pass_on(reader, far_writer), _pass_on(far_reader, writer))
        finally:
            far_writer.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on until one side says no more, and tell the other."""
    while chunk := await reader.read(_CHUNK_BYTES):
        writer.write(chunk)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
