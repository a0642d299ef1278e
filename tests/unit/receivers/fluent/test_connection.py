"""What is left of a connection when it has ended."""

import asyncio
import gc
import weakref

import uvloop

from taskscope.receivers.fluent.connection import Connection
from tests.unit.receivers.fluent.running import PLAIN, running_receiver, until


def _connections() -> list["weakref.ref[Connection]"]:
    return [weakref.ref(each) for each in gc.get_objects() if isinstance(each, Connection)]


def test_an_ended_connection_is_let_go_at_once() -> None:
    """Its buffer of 40 kB does not wait for the collector of cycles, which may come after thousands of connections."""

    async def come_and_go() -> None:
        async with running_receiver() as running:
            client = await running.connect()
            client.writer.write(PLAIN)
            await until(lambda: bool(running.bodies))
            [kept] = _connections()
            client.writer.close()
            await until(lambda: kept() is None)

    gc.collect()
    gc.disable()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(come_and_go())
    finally:
        gc.enable()
