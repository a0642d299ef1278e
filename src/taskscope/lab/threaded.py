"""The embedded AWS for programs without an event loop: it runs in a thread of its own."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, TypeVar

from taskscope.lab.client.connection import Lab
from taskscope.lab.embedded import EmbeddedAws

_T = TypeVar("_T")


class ThreadedAws:
    """A running embedded AWS, seen from other threads."""

    def __init__(self, aws: EmbeddedAws, loop: asyncio.AbstractEventLoop) -> None:
        self.aws = aws
        """Its parts belong to the loop: touch them through ``call`` and ``run``."""
        self.url = aws.url
        self.region = aws.region
        self.account = aws.account
        self.environment = aws.environment
        self.server_url = aws.server_url
        self.capabilities = list(aws.capabilities)
        self._loop = loop

    def client(self, service: str, *, region: str | None = None) -> Any:
        """Return a botocore client of one service."""
        return Lab(self.url, region or self.region).client(service)

    def call(self, function: Callable[[], _T]) -> _T:
        """Call a plain function on the lab's event loop and return its result."""

        async def on_the_loop() -> _T:
            return function()

        return self.run(on_the_loop())

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Run a coroutine on the lab's event loop and return its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


@contextmanager
def embedded_aws(**settings: Any) -> Iterator[ThreadedAws]:
    """
    Run an ``EmbeddedAws`` with these settings until the block ends.

    Raises:
        UsageError: The port is taken, or a state cannot be loaded.
    """
    started: Future[ThreadedAws] = Future()
    ended = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(settings, started, ended)), name="embedded-aws")
    thread.start()
    try:
        yield started.result()
    finally:
        ended.set()
        thread.join()


async def _serve(settings: dict[str, Any], started: Future[ThreadedAws], ended: threading.Event) -> None:
    """Run it; whatever keeps it from starting is raised where it was started, what breaks later where it is left."""
    try:
        async with EmbeddedAws(**settings) as aws:
            started.set_result(ThreadedAws(aws, asyncio.get_running_loop()))
            await asyncio.to_thread(ended.wait)
    except BaseException as error:
        if started.done():
            raise
        started.set_exception(error)
