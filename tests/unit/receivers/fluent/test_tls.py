"""Fluent forward over TLS: the same, encrypted."""

import asyncio
import ssl
from pathlib import Path

import uvloop

from taskscope.clock import fixed_clock
from taskscope.config.access import PRIVATE, Allow
from taskscope.counters import Counters
from taskscope.receivers.fluent.config import FluentConfig
from taskscope.receivers.fluent.server import FluentReceiver
from taskscope.sockets import listen_tcp
from tests.unit.receivers.doubles import MemorySpool
from tests.unit.receivers.fluent.running import PLAIN, ack, with_chunk
from tests.unit.receivers.otlp.conftest import Certificate


def test_messages_come_over_tls(certificate: Certificate, tmp_path: Path) -> None:
    """Acknowledged as without; a sender that says goodbye has all kept that it sent; plain text is no TLS."""
    for name, content in (("key.pem", certificate.key), ("chain.pem", certificate.chain)):
        (tmp_path / name).write_bytes(content)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(tmp_path / "chain.pem", tmp_path / "key.pem")
    client = ssl.create_default_context(cafile=tmp_path / "chain.pem")

    async def scenario() -> None:
        spool = MemorySpool()
        receiver = FluentReceiver(
            FluentConfig(), spool, Counters(), allow=Allow.parse(PRIVATE), tls=server, clock=fixed_clock(7)
        )
        listening = listen_tcp("127.0.0.1", 0, flag="--fluent-port")
        port = listening.getsockname()[1]
        await receiver.start([listening])

        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client, server_hostname="localhost")
        writer.write(with_chunk("a"))
        assert await asyncio.wait_for(reader.readexactly(len(ack("a"))), 5) == ack("a")
        writer.write(PLAIN)
        writer.close()
        await writer.wait_closed()
        plain_reader, plain_writer = await asyncio.open_connection("127.0.0.1", port)
        plain_writer.write(with_chunk("b"))
        answer = await asyncio.wait_for(plain_reader.read(), 5)
        plain_writer.close()
        await receiver.stop()

        assert ack("b") not in answer
        assert [frame.body for frame in spool.frames] == [with_chunk("a"), PLAIN]

    uvloop.run(scenario())
