import asyncio
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable

import pytest

from taskscope.errors import UnreachableError
from taskscope.lab.xray.relay import Relay

Address = Callable[[], Awaitable[tuple[str, int]]]


async def _double(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer, when all has come, with all of it twice."""
    writer.write(await reader.read() * 2)
    writer.write_eof()
    writer.close()


async def _ask(port: int, text: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(text)
    writer.write_eof()
    try:
        return await reader.read()
    finally:
        writer.close()


def test_bytes_pass_both_ways_and_each_end_is_told() -> None:
    """What is sent arrives whole, a side that says no more is heard, and the address is asked when it is needed."""
    asked: list[int] = []

    async def use() -> list[bytes]:
        server = await asyncio.start_server(_double, "127.0.0.1", 0)

        async def address() -> tuple[str, int]:
            asked.append(1)
            return "127.0.0.1", server.sockets[0].getsockname()[1]

        relay = Relay(address, lambda _line: None)
        await relay.start()
        assert not asked
        port = int(relay.url.rpartition(":")[2])
        answers = [await _ask(port, text) for text in (b"tea", b"x" * 300_000)]
        await relay.close()
        server.close()
        return answers

    assert asyncio.run(use()) == [b"teatea", b"x" * 600_000]
    assert len(asked) == 2


def test_without_a_server_the_connection_ends_and_the_reason_is_said() -> None:
    """A client sees that nothing answers, the lab's user why."""
    said: list[str] = []

    async def address() -> tuple[str, int]:
        raise UnreachableError("it did not start")

    async def use() -> bytes:
        relay = Relay(address, said.append)
        await relay.start()
        try:
            return await _ask(int(relay.url.rpartition(":")[2]), b"")
        finally:
            await relay.close()

    assert asyncio.run(use()) == b""
    assert len(said) == 1
    assert said[0].endswith("it did not start")


def test_what_is_open_is_cut_when_it_closes() -> None:
    """A live tail would never end by itself."""

    async def forever(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"first")
        await reader.read()
        writer.close()

    async def use() -> bytes:
        server = await asyncio.start_server(forever, "127.0.0.1", 0)

        async def address() -> tuple[str, int]:
            return "127.0.0.1", server.sockets[0].getsockname()[1]

        relay = Relay(address, lambda _line: None)
        await relay.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", int(relay.url.rpartition(":")[2]))
        assert await reader.readexactly(5) == b"first"
        await relay.close()
        rest = await reader.read()
        writer.close()
        with pytest.raises((urllib.error.URLError, ConnectionError)):
            await asyncio.to_thread(urllib.request.urlopen, relay.url, timeout=5)
        server.close()
        return rest

    assert asyncio.run(use()) == b""
