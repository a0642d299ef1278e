"""Runs functions: one execution environment for each function and version, made on demand and kept warm."""

import asyncio
import itertools
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from taskscope.clock import Clock, system_clock
from taskscope.errors import MissingExtraError
from taskscope.lab.functions.environment import Environment
from taskscope.lab.functions.model import Function, Outcome, Request
from taskscope.lab.functions.packages import link_packages
from taskscope.lab.functions.variables import Folders
from taskscope.lab.gateway.service import ApiError
from taskscope.lab.logs.api import LogWriter
from taskscope.lab.temporary import temporary_folder

_INIT_SECONDS: Final = 10.0  # what Lambda gives an initialization


class _Slot:
    """The place of one function's environment; the lock lets one invocation at a time into it."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.environment: Environment | None = None


class FunctionRunner:
    """
    Runs one request of a function at a time, further ones wait for their turn. The Python that runs is the lab's own,
    whichever version the function asks for; its memory size is reported against, not enforced.

    ``endpoint`` gives the URL of the lab that functions see as ``AWS_ENDPOINT_URL``; it is asked at each cold start.
    All methods belong to one event loop.
    """

    def __init__(
        self,
        logs: LogWriter,
        *,
        endpoint: Callable[[], str],
        clock: Clock = system_clock,
        init_seconds: float = _INIT_SECONDS,
    ) -> None:
        self._logs = logs
        self._endpoint = endpoint
        self._clock = clock
        self._init_seconds = init_seconds
        self._slots: defaultdict[tuple[str, str], _Slot] = defaultdict(_Slot)
        self._folder: Path | None = None
        self._stack = ExitStack()
        self._numbers = itertools.count(1)
        self._closed = False

    async def run(self, function: Function, request: Request) -> Outcome:
        """
        Run a function to its end.

        Raises:
            ApiError: It cannot be started at all: its zip is broken, the runtime client is not installed, the lab ends.
        """
        slot = self._slots[function.arn, function.version]
        async with slot.lock:
            environment = slot.environment
            if environment is None or not environment.is_usable or environment.function.revision != function.revision:
                if environment is not None:
                    await environment.close()
                environment = await self._cold_start(slot, function)
            return await environment.invoke(request)

    async def close(self) -> None:
        """Kill every process and remove every file; what is running ends with an error."""
        self._closed = True
        environments = [slot.environment for slot in self._slots.values() if slot.environment is not None]
        await asyncio.gather(*(environment.close() for environment in environments))
        self._slots.clear()
        await asyncio.to_thread(self._stack.close)
        self._folder = None

    async def _cold_start(self, slot: _Slot, function: Function) -> Environment:
        if self._closed:
            raise ApiError("ServiceException", "The lab is closing.", status=500)
        root = self._prepare()
        folders = Folders(root / f"environment-{next(self._numbers)}", root / "packages")
        environment = slot.environment = Environment(function, folders, self._logs, self._clock)
        try:
            await environment.start(endpoint=self._endpoint(), within=self._init_seconds)
        except BaseException:  # also when the caller gave up: nobody may find it half made
            slot.environment = None
            await environment.close()
            raise
        return environment

    def _prepare(self) -> Path:
        """Return the folder of all environments, with the packages of the runtime in it."""
        if self._folder is None:
            with ExitStack() as stack:
                folder = stack.enter_context(temporary_folder())
                try:
                    link_packages(folder / "packages")
                except MissingExtraError as error:
                    raise ApiError("InvalidRuntimeException", str(error)) from None
                self._folder, self._stack = folder, stack.pop_all()
        return self._folder
