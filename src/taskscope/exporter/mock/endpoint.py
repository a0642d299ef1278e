"""The mock as a server on loopback, or where it is told."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from taskscope.exporter.mock.answers import BASE_PATH, MockSite, recording
from taskscope.exporter.server.answer import OpenGuard
from taskscope.exporter.server.listener import Listener
from taskscope.exporter.server.tally import Tally
from taskscope.sockets import listen_tcp

_LOOPBACK = "127.0.0.1"


@contextlib.contextmanager
def mock_endpoint(port: int, data: Path | None, *, flag: str, host: str = _LOOPBACK) -> Iterator[str]:
    """
    Answer until the block ends; give the address that ECS would name in its variable.

    Raises:
        UsageError: The port cannot be had (``flag`` chooses another), or the data cannot be read.
    """
    site = MockSite(recording(data))
    listening = listen_tcp(host, port, flag=flag)
    listener = Listener(listening, site, OpenGuard(), Tally())
    listener.start()
    try:
        yield f"http://{host}:{listening.getsockname()[1]}{BASE_PATH}"
    finally:
        listener.stop()
