"""Live tail as server-sent events (HTML, 9.2): one event for each log record, resumed by ``Last-Event-ID``."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial
from typing import Final

from taskscope.api.answers import encode
from taskscope.api.workers import Workers
from taskscope.errors import TaskscopeError, ThrottledError
from taskscope.model.log_line import LogLine
from taskscope.query.logs.tail import Tail

MEDIA_TYPE: Final = "text/event-stream"
_MOST: Final = 32
_LOOK_SECONDS: Final = 0.5
_HEARTBEAT_SECONDS: Final = 10.0
"""Proxies close a connection on which nothing comes, mostly after a minute."""
_RETRY_MILLISECONDS: Final = 2_000
"""After so many a browser asks again."""


class Tails:
    """The tails that are open: few, and ended before the server stops."""

    def __init__(self) -> None:
        self._closing: asyncio.Event | None = None
        self._closed = False
        self._open = 0

    def close(self) -> None:
        """End all of them; none begins any more."""
        self._closed = True
        if self._closing is not None:
            self._closing.set()

    def follow(self, tail: Tail, workers: Workers) -> AsyncIterator[bytes]:
        """
        Return the body of an answer that ends with the server, or when nobody reads it any more.

        A look at the store comes after all of the one before was sent: of a slow reader nothing piles up.

        Raises:
            ThrottledError: There are too many already, or the server stops.
        """
        if self._open >= _MOST or self._closed:
            raise ThrottledError(f"{_MOST} live tails are open already", hint="end one of them")
        self._closing = self._closing or asyncio.Event()
        return self._events(tail, workers, self._closing)

    async def _events(self, tail: Tail, workers: Workers, closing: asyncio.Event) -> AsyncIterator[bytes]:
        self._open += 1
        try:
            yield f"retry: {_RETRY_MILLISECONDS}\nid: {tail.cursor}\n\n".encode()
            quiet = 0.0
            while not closing.is_set():
                batches = tail.poll()
                while batch := await workers.call(partial(next, batches, None)):
                    quiet = 0.0
                    yield b"".join(_event(line, tail.cursor) for line in batch)
                if quiet >= _HEARTBEAT_SECONDS:
                    quiet = 0.0
                    yield f"id: {tail.cursor}\n: nothing new\n\n".encode()
                quiet += _LOOK_SECONDS
                with suppress(TimeoutError):
                    await asyncio.wait_for(closing.wait(), _LOOK_SECONDS)
        except TaskscopeError as error:
            yield b"event: problem\ndata: " + encode({"detail": error.message, "hint": error.hint}) + b"\n\n"
        finally:
            self._open -= 1


def _event(line: LogLine, cursor: str) -> bytes:
    return f"id: {cursor}\nevent: log\ndata: ".encode() + encode(line) + b"\n\n"
