"""The receiver over real connections, on the event loop that the collector runs: acknowledged is what is kept."""

import asyncio
import logging
import socket
from hashlib import sha512
from pathlib import Path

import pytest
import uvloop
from fluent.sender import FluentSender  # type: ignore[import-untyped]  # it ships no types
from msgpack import packb, unpackb  # type: ignore[import-untyped]  # it ships no types

from taskscope.config.access import PRIVATE
from taskscope.receivers.fluent.config import FluentConfig
from taskscope.spool.frame import Frame, Kind
from tests.unit.receivers.fluent.running import PLAIN, Client, Running, ack, running_receiver, until, with_chunk

_FIXTURES = Path(__file__).parents[3] / "fixtures" / "fluent"


def _recorded() -> list[Path]:
    return sorted(path for path in _FIXTURES.glob("*.bin") if "reply" not in path.name and "key" not in path.name)


@pytest.mark.parametrize("path", _recorded(), ids=lambda path: path.stem)
def test_recorded_connections_are_kept_and_answered(path: Path) -> None:
    """Every mode of real clients: the bytes as they came, and the recorded answer where there was one."""
    reply = path.with_suffix(".reply.bin")
    uvloop.run(_replay(path.read_bytes(), reply.read_bytes() if reply.exists() else b""))


async def _replay(sent: bytes, reply: bytes) -> None:
    async with running_receiver() as running:
        client = await running.connect()
        client.writer.write(sent)
        client.writer.write_eof()

        assert await client.ended() == reply
        assert b"".join(running.bodies) == sent
        assert {(each.kind, each.received_ns, each.sender) for each in running.spool.frames} == {
            (Kind.FLUENT_MESSAGE, 7, "127.0.0.1")
        }
        assert running.counters.value("received.fluent") == len(running.bodies)
        assert running.counters.value("received_bytes.fluent") == len(sent)


def test_python_logger_sends_here_unchanged() -> None:
    """The library that apps use, in another thread as it does."""

    async def scenario() -> None:
        async with running_receiver() as running:
            sender = FluentSender("app", host="127.0.0.1", port=running.port, nanosecond_precision=True)
            sender.emit("web", {"log": "hello"})
            await asyncio.to_thread(sender.close)
            await until(lambda: len(running.bodies) == 1)
            assert b"app.web" in running.bodies[0]

    uvloop.run(scenario())


def test_acknowledged_only_when_durable() -> None:
    """While the spool works nobody is told anything; messages that come meanwhile are kept together."""

    async def scenario() -> None:
        async with running_receiver() as running:
            running.spool.open.clear()
            client = await running.connect()
            client.writer.write(with_chunk("a"))
            await running.spool.asked.wait()
            client.writer.write(with_chunk("b") + with_chunk("c") + PLAIN)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(client.reader.read(1), 0.05)
            running.spool.open.set()
            assert await client.reader.readexactly(3 * len(ack("a"))) == ack("a") + ack("b") + ack("c")
            assert running.bodies == [with_chunk("a"), with_chunk("b"), with_chunk("c"), PLAIN]
            assert running.spool.calls == [1, 3]
            client.writer.close()

    uvloop.run(scenario())


def test_full_spool_delays_and_loses_nothing() -> None:
    """No acknowledgement, another try, then all is well: with and without ``chunk``."""

    async def scenario() -> None:
        async with running_receiver() as running:
            running.spool.refusals = 3
            client = await running.connect()
            await client.ask(PLAIN + with_chunk("a"), ack("a"))
            assert running.bodies == [PLAIN, with_chunk("a")]
            client.writer.close()
        assert set(running.counters.all()) == {"received.fluent", "received_bytes.fluent"}

    uvloop.run(scenario())


def test_sender_that_left_while_the_spool_was_full_has_its_copy() -> None:
    """It waits for an acknowledgement elsewhere by now: keeping its message too would store it twice."""

    async def scenario() -> None:
        async with running_receiver() as running:
            running.spool.refusals = 10**6
            client = await running.connect()
            client.writer.write(with_chunk("a"))
            await running.spool.asked.wait()
            client.writer.close()
            await until(lambda: running.counters.value("refused.fluent.spool_full") == 1)
            running.spool.refusals = 0
        assert running.bodies == []
        assert running.counters.value("dropped.fluent.spool_full") == 0

    uvloop.run(scenario())


def test_message_without_chunk_outlives_its_connection() -> None:
    """Nobody has a copy of it, so it waits for room in the spool."""

    async def scenario() -> None:
        async with running_receiver() as running:
            running.spool.refusals = 10**6
            client = await running.connect()
            client.writer.write(PLAIN)
            await running.spool.asked.wait()
            client.writer.close()
            await client.writer.wait_closed()
            await asyncio.sleep(0.05)
            running.spool.refusals = 0
            await until(lambda: running.bodies == [PLAIN])

    uvloop.run(scenario())


def test_stop_while_the_spool_is_full_counts_what_is_lost() -> None:
    """After the grace period: what had no ``chunk`` is dropped, the rest is refused."""

    async def scenario() -> None:
        async with running_receiver() as running:
            running.spool.refusals = 10**6
            client = await running.connect()
            client.writer.write(PLAIN * 2 + with_chunk("a"))
            await running.spool.asked.wait()
            await running.receiver.stop()
            assert await client.ended() == b""
            assert running.counters.value("dropped.fluent.spool_full") == 2
            assert running.counters.value("refused.fluent.spool_full") == 1

    uvloop.run(scenario())


def test_stop_answers_what_is_under_way() -> None:
    """Messages that came whole are kept and acknowledged; then the connection ends. Stopping twice is one stop."""

    async def scenario() -> None:
        async with running_receiver() as running:
            running.spool.open.clear()
            client = await running.connect()
            client.writer.write(with_chunk("a"))
            await running.spool.asked.wait()
            stopping = asyncio.create_task(running.receiver.stop())
            await asyncio.sleep(0.02)
            running.spool.open.set()
            assert await client.ended() == ack("a")
            await stopping
            await running.receiver.stop()
            with pytest.raises(ConnectionRefusedError):
                await running.connect()

    uvloop.run(scenario())


def test_malformed_stream_ends_only_its_own_connection(caplog: pytest.LogCaptureFixture) -> None:
    """What was whole before it is kept and acknowledged, the log says why, and others go on."""

    async def scenario() -> None:
        async with running_receiver() as running:
            good, bad = await running.connect(), await running.connect()
            bad.writer.write(with_chunk("a") + b"GET / HTTP/1.1\r\n\r\n")
            assert await bad.ended() == ack("a")
            await good.ask(with_chunk("b"), ack("b"))
            good.writer.close()
            assert running.counters.value("refused.fluent.malformed") == 1

    with caplog.at_level(logging.WARNING):
        uvloop.run(scenario())
    assert "the connection of 127.0.0.1 is closed: it is no message of the forward protocol" in caplog.text


def test_message_that_is_cut_off_is_counted() -> None:
    """The sender died within it; what was whole is kept."""

    async def scenario() -> None:
        async with running_receiver() as running:
            client = await running.connect()
            client.writer.write(PLAIN + PLAIN[:-3])
            client.writer.close()
            await until(lambda: running.counters.value("dropped.fluent.incomplete") == 1)
            await until(lambda: running.bodies == [PLAIN])

    uvloop.run(scenario())


def test_heartbeats_are_silent() -> None:
    """Connecting and leaving, or a nil, is how a sender looks whether we live."""

    async def scenario() -> None:
        async with running_receiver() as running:
            client = await running.connect()
            client.writer.write(b"\xc0\xc0")
            client.writer.write_eof()
            assert await client.ended() == b""
            assert running.counters.all() == {}

    uvloop.run(scenario())


_HELLO_BYTES = len(packb(["HELO", {"nonce": bytes(16), "auth": b"", "keepalive": True}]))


async def _ping(client: Client, key: bytes) -> None:
    [_, greeting] = unpackb(await asyncio.wait_for(client.reader.readexactly(_HELLO_BYTES), 5))
    digest = sha512(b"salt" + b"app" + greeting["nonce"] + key).hexdigest()
    client.writer.write(packb(["PING", "app", "salt", digest, "", ""]))


def test_shared_key_opens_the_connection() -> None:
    """Messages may follow the PING at once; nothing is read before it is right."""

    async def scenario() -> None:
        async with running_receiver(shared_key="secret", server_name="collector") as running:
            client = await running.connect()
            await _ping(client, b"secret")
            client.writer.write(with_chunk("a"))
            answers = await asyncio.wait_for(client.reader.readuntil(ack("a")), 5)
            assert unpackb(answers[: -len(ack("a"))])[:4] == ["PONG", True, "", "collector"]
            assert running.bodies == [with_chunk("a")]
            client.writer.close()

    uvloop.run(scenario())


def test_other_key_is_told_so() -> None:
    """The connection ends, is counted, and nothing of it is kept."""

    async def scenario() -> None:
        async with running_receiver(shared_key="secret") as running:
            client = await running.connect()
            await _ping(client, b"other")
            client.writer.write(with_chunk("a"))
            assert unpackb(await client.ended())[:3] == ["PONG", False, "the shared key is another"]
            assert running.bodies == []
            assert running.counters.all() == {"refused.fluent.handshake": 1}

    uvloop.run(scenario())


def test_unix_sockets_are_served(tmp_path: Path) -> None:
    """As Docker's fluentd driver writes to FireLens' router; it has no address, and needs none."""

    async def scenario() -> None:
        running = Running(FluentConfig(), PRIVATE)
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listening.bind(str(tmp_path / "fluent.sock"))
        listening.listen()
        await running.start()
        await running.receiver.start([listening])
        client = Client(*await asyncio.open_unix_connection(tmp_path / "fluent.sock"))
        await client.ask(with_chunk("a"), ack("a"))
        client.writer.close()
        await running.receiver.stop()
        assert running.spool.frames == [Frame(Kind.FLUENT_MESSAGE, 7, with_chunk("a"))]

    uvloop.run(scenario())
