"""What one sender may cost: connections, memory and patience are bounded."""

import asyncio
import random
import socket
from typing import Any

import pytest
import uvloop
from msgpack import packb  # type: ignore[import-untyped]  # it ships no types

from tests.unit.receivers.fluent.running import PLAIN, Running, ack, running_receiver, until, with_chunk


def test_foreign_senders_are_turned_away() -> None:
    """Before a byte is read."""

    async def scenario() -> None:
        async with running_receiver(allow=("10.0.0.0/8",)) as running:
            client = await running.connect()
            assert await client.ended() == b""
            assert running.counters.all() == {"refused.fluent.not_allowed": 1}

    uvloop.run(scenario())


def test_connections_are_bounded() -> None:
    """One too many is closed; when another ends there is room again."""

    async def scenario() -> None:
        async with running_receiver(max_connections=1) as running:
            first = await running.connect()
            await first.ask(with_chunk("a"), ack("a"))
            second = await running.connect()
            assert await second.ended() == b""
            assert running.counters.value("refused.fluent.connections") == 1
            first.writer.write_eof()
            assert await first.ended() == b""
            third = await running.connect()
            await third.ask(with_chunk("c"), ack("c"))
            third.writer.close()

    uvloop.run(scenario())


def test_memory_of_all_connections_is_bounded() -> None:
    """Many large messages that never end: whoever sends one byte too much is closed, and its bytes are given back."""

    async def scenario() -> None:
        large = bytes(packb(["t", b"x" * 100_000]))
        async with running_receiver(max_message_bytes=150_000, max_held_bytes=150_000) as running:
            first, second = await running.connect(), await running.connect()
            first.writer.write(large[:90_000])
            await asyncio.sleep(0.02)
            second.writer.write(large[:90_000])
            await second.ended()
            assert running.counters.value("refused.fluent.memory") == 1
            first.writer.write(large[90_000:] + with_chunk("a"))
            assert await first.reader.readexactly(len(ack("a"))) == ack("a")
            first.writer.close()
            assert running.bodies == [large, with_chunk("a")]
            assert running.receiver._shared.held_bytes == 0

    uvloop.run(scenario())


@pytest.mark.parametrize(
    ("settings", "sent"),
    [
        ({"message_seconds": 0.1}, PLAIN[:-1]),
        ({"idle_seconds": 0.1}, PLAIN),
        ({"idle_seconds": 0.1}, b""),
    ],
    ids=["within a message", "after one", "at all"],
)
def test_silent_connections_end(settings: dict[str, Any], sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half-open ones and slow senders hold nothing for ever."""
    monkeypatch.setattr("taskscope.receivers.fluent.server._LOOK_SECONDS", 0.02)

    async def scenario() -> None:
        async with running_receiver(**settings) as running:
            client = await running.connect()
            client.writer.write(sent)
            assert await client.ended() == b""
            assert running.counters.value("refused.fluent.timeout") == 1

    uvloop.run(scenario())


def test_slow_sender_is_heard_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each message begins a time of its own, and our own waiting for the spool is not the sender's."""
    monkeypatch.setattr("taskscope.receivers.fluent.server._LOOK_SECONDS", 0.02)

    async def scenario() -> None:
        async with running_receiver(message_seconds=0.3, idle_seconds=0.3) as running:
            client = await running.connect()
            for _ in range(4):
                client.writer.write(PLAIN[:5])
                await asyncio.sleep(0.05)
                client.writer.write(PLAIN[5:])
                await asyncio.sleep(0.05)
            running.spool.open.clear()
            client.writer.write(with_chunk("a"))
            await asyncio.sleep(0.5)
            running.spool.open.set()
            assert await client.reader.readexactly(len(ack("a"))) == ack("a")
            client.writer.close()
            assert running.bodies == [*[PLAIN] * 4, with_chunk("a")]

    uvloop.run(scenario())


async def _send_for_ever(sender: socket.socket, data: bytes) -> None:
    while True:
        await asyncio.get_running_loop().sock_sendall(sender, data)


def test_sender_that_reads_no_answers_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Acknowledgements do not pile up in memory."""
    monkeypatch.setattr("taskscope.receivers.fluent.server._LOOK_SECONDS", 0.02)

    async def scenario() -> None:
        async with running_receiver(message_seconds=0.2) as running:
            with socket.create_connection(("127.0.0.1", running.port)) as deaf:
                deaf.settimeout(0)
                deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                with pytest.raises((ConnectionResetError, BrokenPipeError)):
                    await asyncio.wait_for(_send_for_ever(deaf, with_chunk("x" * 4000) * 100), 20)
            assert running.counters.value("refused.fluent.timeout") == 1

    uvloop.run(scenario())


def test_reading_pauses_while_the_spool_is_full() -> None:
    """What is not read stays with the sender, in its buffers and the kernel's."""

    async def scenario() -> None:
        message = bytes(packb(["t", b"x" * 200_000]))
        async with running_receiver() as running:
            running.spool.open.clear()
            client = await running.connect()
            client.writer.write(message * 200)
            await asyncio.sleep(0.3)
            assert running.receiver._shared.held_bytes < 4_000_000
            running.spool.open.set()
            await until(lambda: len(running.bodies) == 200)
            client.writer.close()

    uvloop.run(scenario())


def test_thousand_fuzzed_streams_leave_nothing_behind() -> None:
    """Whatever is sent, each connection ends, its memory is given back, and good senders are served meanwhile."""
    dice = random.Random(3)  # noqa: S311 (the same streams each time)

    async def scenario() -> None:
        async with running_receiver() as running:
            await asyncio.gather(*(_send_junk(running, dice) for _ in range(20)))
            client = await running.connect()
            await client.ask(with_chunk("good"), ack("good"))
            client.writer.write_eof()
            await client.ended()
            assert running.bodies.count(PLAIN) == 1000
            await until(lambda: running.receiver._shared.connections == 0)
            assert running.receiver._shared.held_bytes == 0

    uvloop.run(scenario())


async def _send_junk(running: Running, dice: random.Random) -> None:
    for _ in range(50):
        good = bytearray(with_chunk("x" * dice.randrange(200)))
        for _ in range(dice.randrange(1, 4)):
            good[dice.randrange(len(good))] = dice.randrange(256)
        client = await running.connect()
        client.writer.write(PLAIN + good + dice.randbytes(dice.randrange(40)))
        client.writer.write_eof()
        await client.ended()
