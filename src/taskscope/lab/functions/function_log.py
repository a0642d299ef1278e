"""The log of one execution environment: its stream in CloudWatch Logs, and the pipe that its process writes to."""

import asyncio
import os
from collections.abc import Callable, Sequence

from taskscope.clock import MILLISECOND, Clock
from taskscope.lab.functions.log_decoder import LogDecoder
from taskscope.lab.functions.model import Function
from taskscope.lab.gateway.service import ApiError
from taskscope.lab.logs.api import LogLine, LogWriter

_CHUNK = 65_536


class FunctionLog:
    """Writes to one log stream, and remembers what belongs to the present invocation."""

    def __init__(self, logs: LogWriter, function: Function, stream: str, clock: Clock) -> None:
        self._logs = logs
        self._place = (function.region, function.group, stream)
        self._clock = clock
        self._present: list[str] = []

    def begin(self) -> None:
        """Forget the earlier invocation's lines."""
        self._present.clear()

    def text(self) -> str:
        """Return the lines since ``begin``."""
        return "".join(self._present)

    def write(self, *messages: str) -> None:
        """Write log events with the present time; a group that was deleted meanwhile comes back, as Lambda does it."""
        self._present += messages
        now = self._clock() // MILLISECOND
        lines = [LogLine(now, message) for message in messages if message]
        if lines:
            self._put(lines)

    def _put(self, lines: Sequence[LogLine]) -> None:
        region, group, stream = self._place
        try:
            self._logs.put(region, group, stream, lines)
        except ApiError:
            self._logs.create_group(region, group)
            self._logs.create_stream(region, group, stream)
            self._logs.put(region, group, stream, lines)


class LogPipe:
    """
    Standard output, standard error and framed messages of a process, in one pipe and so in their order.

    ``write_end`` is given to the process; ``started`` closes our copy of it. All methods belong to one event loop.
    """

    def __init__(self, write: Callable[..., None]) -> None:
        self._read_end, self.write_end = os.pipe()
        os.set_blocking(self._read_end, False)
        self._write = write
        self._decoder = LogDecoder()
        self._open = True
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._read_end, self._read_some)

    def started(self) -> None:
        """Leave the writing end to the process."""
        os.close(self.write_end)
        self.write_end = -1

    def drain(self) -> None:
        """Read all that the process has written so far."""
        while self._open and self._read_some():
            pass

    def close(self) -> None:
        """Read what is left, and close the pipe."""
        self.drain()
        self._write(*self._decoder.finish())
        if self.write_end >= 0:
            self.started()
        self._stop()

    def _read_some(self) -> bool:
        try:
            chunk = os.read(self._read_end, _CHUNK)
        except BlockingIOError:
            return False
        if chunk:
            self._write(*self._decoder.feed(chunk))
        else:
            self._stop()
        return bool(chunk)

    def _stop(self) -> None:
        if self._open:
            self._open = False
            self._loop.remove_reader(self._read_end)
            os.close(self._read_end)
