"""Threads for calls that take long: few, kept, and never waited for when the process ends."""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from typing import Any, Final, TypeAlias, TypeVar

from taskscope.errors import ThrottledError

_MOST_WAITING: Final = 32

_T = TypeVar("_T")
_Call: TypeAlias = tuple[Callable[[], Any], asyncio.AbstractEventLoop, "asyncio.Future[Any]"]


class Workers:
    """
    A pool of daemon threads, started with its first call.

    Not asyncio's own threads: questions to a store that take minutes would keep them from what the process is there
    for, and both asyncio and `concurrent.futures` wait for theirs before a process may end.
    """

    def __init__(self, count: int, name: str) -> None:
        self._calls: queue.SimpleQueue[_Call] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True) for number in range(count)
        ]
        self._started = False
        self._waiting = 0

    async def call(self, function: Callable[[], _T]) -> _T:
        """
        Call on one of the threads.

        Raises:
            ThrottledError: Too many calls wait already.
        """
        if self._waiting >= _MOST_WAITING:
            raise ThrottledError("too many questions are under way", hint="ask again in a moment")
        self._start()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[_T] = loop.create_future()
        self._waiting += 1
        try:
            self._calls.put((function, loop, future))
            return await future
        finally:
            self._waiting -= 1

    def _start(self) -> None:
        if not self._started:
            self._started = True
            for thread in self._threads:
                thread.start()

    def _work(self) -> None:
        while True:
            function, loop, future = self._calls.get()
            if future.cancelled():
                continue
            settle: Callable[[asyncio.Future[Any], Any], None] = _result
            try:
                result = function()
            except Exception as error:  # noqa: BLE001 (the caller gets it)
                settle, result = _failure, error
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
                loop.call_soon_threadsafe(settle, future, result)


def _result(future: "asyncio.Future[Any]", result: Any) -> None:
    if not future.done():
        future.set_result(result)


def _failure(future: "asyncio.Future[Any]", error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
