"""A Fluent receiver on a free port, and connections to it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from msgpack import packb  # type: ignore[import-untyped]  # it ships no types

from taskscope.clock import fixed_clock
from taskscope.config.access import PRIVATE, Allow
from taskscope.counters import Counters
from taskscope.receivers.fluent.config import FluentConfig
from taskscope.receivers.fluent.server import FluentReceiver
from taskscope.sockets import listen_tcp
from tests.unit.receivers.doubles import MemorySpool

PLAIN: bytes = packb(["t", 1, {"log": "hi"}])
"""A message whose sender waits for nothing."""


def with_chunk(name: str) -> bytes:
    """Return a message whose sender waits for ``ack(name)``."""
    return bytes(packb(["t", [[1, {"log": "hi"}]], {"chunk": name}]))


def ack(name: str) -> bytes:
    """Return the answer to ``with_chunk(name)``."""
    return bytes(packb({"ack": name}))


class Running:
    """A receiver on a free port, its spool and its counters."""

    def __init__(self, config: FluentConfig, allow: tuple[str, ...]) -> None:
        self.clients: list[Client] = []
        self.spool = MemorySpool()
        self.counters = Counters()
        self.receiver = FluentReceiver(
            config, self.spool, self.counters, allow=Allow.parse(allow), clock=fixed_clock(7)
        )
        self._socket = listen_tcp("127.0.0.1", 0, flag="--fluent-port")
        self.port: int = self._socket.getsockname()[1]

    async def start(self) -> None:
        """Listen."""
        await self.receiver.start([self._socket])

    async def connect(self) -> "Client":
        """Connect to it."""
        self.clients.append(Client(*await asyncio.open_connection("127.0.0.1", self.port)))
        return self.clients[-1]

    @property
    def bodies(self) -> list[bytes]:
        """What was kept."""
        return [frame.body for frame in self.spool.frames]


class Client:
    """One connection to it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def ask(self, data: bytes, answer: bytes) -> None:
        """Send, and expect an answer."""
        self.writer.write(data)
        assert await asyncio.wait_for(self.reader.readexactly(len(answer)), 5) == answer

    async def ended(self) -> bytes:
        """Wait until the receiver closes the connection; return what it still said."""
        try:
            rest = await asyncio.wait_for(self.reader.read(), 5)
        except ConnectionResetError:
            rest = b""
        self.writer.close()
        return rest


@asynccontextmanager
async def running_receiver(*, allow: tuple[str, ...] = PRIVATE, **settings: Any) -> AsyncIterator[Running]:
    """Run a receiver with these settings until the block ends."""
    running = Running(FluentConfig(**({"retry_seconds": 0.01, "grace_seconds": 0.2} | settings)), allow)
    await running.start()
    try:
        yield running
    finally:
        await running.receiver.stop()
        for client in running.clients:
            client.writer.close()


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what other jobs bring about, 20 s at most."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 (the receiver has no event for what tests look at)
            await asyncio.sleep(0.005)
