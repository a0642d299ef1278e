"""A container's output: one pipe for stdout and stderr, so that their lines stay in order, read until its end."""

import asyncio
import contextlib
import os
from collections.abc import Callable
from typing import Final

from taskscope.clock import MILLISECOND, Clock
from taskscope.lab.logs.api import LogWriter
from taskscope.lab.runner.awslogs import Destination, Shipper
from taskscope.lab.runner.lines import LineAssembler

_CHUNK_BYTES: Final = 65_536
_END_SECONDS: Final = 0.2
_END_ATTEMPTS: Final = 20
"""How long and how often the end of the pipe is waited for, each time after killing the container's processes."""


class Output:
    """
    Reads a pipe on the event loop. With a destination its lines are shipped, else they are dropped and counted;
    reading never waits for anybody, so a container is never blocked by its own output.
    """

    def __init__(self, *, writer: LogWriter, to: Destination | None, clock: Clock) -> None:
        self._clock = clock
        self._lines = LineAssembler()
        self._shipper = Shipper(writer, to, clock_ms=self._now_ms) if to else None
        self.dropped_bytes = 0
        """Output that went nowhere, because the log driver is not awslogs."""

    def open_pipe(self) -> "Pipe":
        """Open a pipe whose end for writing is a process's output."""
        return Pipe(self._take)

    async def close(self) -> int:
        """Hand over the last lines; return how many could not be delivered."""
        if self._shipper is None:
            return 0
        self._shipper.add(self._lines.close(self._now_ms()))
        await self._shipper.close()
        return self._shipper.refused

    def _take(self, chunk: bytes) -> None:
        if self._shipper:
            self._shipper.add(self._lines.feed(chunk, self._now_ms()))
        else:
            self.dropped_bytes += len(chunk)

    def _now_ms(self) -> int:
        return self._clock() // MILLISECOND


class Pipe:
    """One process's pipe. ``write_end`` is for the child and is closed here after the fork."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self._take = take
        self._read_end, self.write_end = os.pipe()
        os.set_blocking(self._read_end, False)
        self._ended = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._read_end, self._readable)

    def forked(self) -> None:
        """Close our copy of the end for writing, so that the pipe ends with the last process that holds it."""
        os.close(self.write_end)

    async def end(self, kill: Callable[[], None]) -> bool:
        """
        Wait until everything written has been read, killing again whoever holds the pipe open: a process can fork
        while its group is killed. Return False if that does not help.
        """
        for _ in range(_END_ATTEMPTS):
            kill()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_END_SECONDS):
                    await self._ended.wait()
                    return True
        self._finish()
        return False

    def abandon(self) -> None:
        """Stop reading."""
        if not self._ended.is_set():
            self._finish()

    def _readable(self) -> None:
        try:
            chunk = os.read(self._read_end, _CHUNK_BYTES)
        except BlockingIOError:
            return
        except OSError:
            chunk = b""
        if chunk:
            self._take(chunk)
        else:
            self._finish()

    def _finish(self) -> None:
        self._loop.remove_reader(self._read_end)
        os.close(self._read_end)
        self._ended.set()
