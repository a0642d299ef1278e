"""`taskscope serve` as a child of the lab: started when it is first needed, gone with the lab."""

import asyncio
import os
import re
import signal
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from taskscope.errors import UnreachableError
from taskscope.lab.runner.command import Launch
from taskscope.lab.runner.environment import machine_environment
from taskscope.lab.temporary import remove_left_folders, temporary_folder

_NEEDED: Final = ("chdb", "clickhouse_connect", "fastapi", "grpc", "lark", "msgspec")
"""Packages of the extra ``server`` that the lab's own extra does not bring."""
_OPTIONS: Final = (
    *("--listen", "127.0.0.1", "--receivers", "xray,otlp", "--otlp-processes", "1", "--fsync", "interval"),
    *("--port", "0", "--xray-port", "0", "--otlp-grpc-port", "0", "--otlp-http-port", "0", "--health-port", "0"),
    *("--stop-seconds", "2"),
)
_LISTENS: Final = re.compile(r"  (\S.*?) {2,}(\S+):(\d+)")
"""A line of what it says on start: what listens, and where."""
_BY_APPS: Final = re.compile("X-Ray|OTLP")
_START_SECONDS: Final = 90.0
"""Its own patience with its processes is 60 s."""
_STOP_SECONDS: Final = 10.0
_LINE_BYTES: Final = 1 << 20
"""Longest line that it may write; who would read no further would stop it."""


class ServerProcess:
    """One server on a folder of its own; one that has ended is started again by the next that asks."""

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        """Take an empty folder, and who is told in one-line notices what it says."""
        self._folder = folder
        self._say = say
        self._starting = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._address = ("", 0)
        self._closing = False

    async def address(self) -> tuple[str, int]:
        """
        Return where its API answers, when it does.

        Raises:
            UnreachableError: It cannot be started; its own words are in the message.
        """
        async with self._starting:
            if self._process is None or self._process.returncode is not None:
                await self._start()
            return self._address

    async def close(self) -> None:
        """End it, if it was ever started."""
        self._closing = True
        if self._process is None:
            return
        if self._process.returncode is None:
            self._process.terminate()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), _STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        if self._reader is not None:
            await self._reader

    async def _start(self) -> None:
        await asyncio.to_thread(remove_left_folders)
        data = str(self._folder / "data")
        launch = Launch(environment=machine_environment(os.environ, self._folder), folder=self._folder)
        self._process = await asyncio.create_subprocess_exec(
            *launch.wrap([sys.executable, "-m", "taskscope", "serve", "--data-dir", data, *_OPTIONS]),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            limit=_LINE_BYTES,
            env=launch.environment,
            cwd=launch.folder,
            start_new_session=True,  # Ctrl-C is the lab's, which ends it in its turn
        )
        ready: asyncio.Future[dict[str, tuple[str, int]]] = asyncio.get_running_loop().create_future()
        assert self._process.stderr is not None  # noqa: S101 (PIPE)
        self._reader = asyncio.create_task(self._read(self._process.stderr, ready))
        try:
            listening = await asyncio.wait_for(ready, _START_SECONDS)
        except (TimeoutError, UnreachableError) as error:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()
            raise UnreachableError(str(error) or f"`taskscope serve` is not ready after {_START_SECONDS:g} s") from None
        self._address = next(address for what, address in listening.items() if what.startswith("API"))
        receivers = [f"{what} {host}:{port}" for what, (host, port) in listening.items() if _BY_APPS.match(what)]
        self._say(f"taskscope serve has started, process {self._process.pid}; it takes {', '.join(receivers)}")

    async def _read(self, stderr: asyncio.StreamReader, ready: "asyncio.Future[dict[str, tuple[str, int]]]") -> None:
        """Read what it says to its end: an empty line follows what listens, then come warnings."""
        listening: dict[str, tuple[str, int]] = {}
        last: deque[str] = deque(maxlen=2)
        async for raw in stderr:
            line = raw.decode(errors="replace").rstrip()
            if ready.done():
                if line and not self._closing:
                    self._say(f"taskscope serve: {line}")
            elif found := _LISTENS.fullmatch(line):
                listening[found[1]] = (found[2], int(found[3]))
            elif not line:
                ready.set_result(listening)
            else:
                last.append(line.strip())
        if not ready.done():
            ready.set_exception(UnreachableError(f"`taskscope serve` did not start: {'; '.join(last)}"))


@asynccontextmanager
async def open_server(say: Callable[[str], None]) -> AsyncIterator[ServerProcess]:
    """Give a server that is not started yet; at the end of the block it is stopped, and its data removed."""
    with temporary_folder() as folder:
        server = ServerProcess(folder, say)
        try:
            yield server
        finally:
            await server.close()


def missing_package() -> str:
    """Return a package that the server needs and that is not installed; empty where all are there."""
    return next((name for name in _NEEDED if find_spec(name) is None), "")
