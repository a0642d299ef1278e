"""Appending with an acknowledgement: one write and one sync for all that wait at the same time."""

import asyncio
import contextlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from taskscope.errors import SpoolFullError
from taskscope.spool.frame import Frame
from taskscope.spool.lane import LaneWriter, TailLostError

_INTERVAL_SECONDS: Final = 0.2
"""Between two syncs, where the policy is not to sync before each answer."""


class GroupCommit:
    """
    An ``Appender`` over a lane, for one event loop.

    While a sync is under way (1 ms, 10 at times), what arrives gathers for the next: the disk sets the pace.
    """

    def __init__(self, writer: LaneWriter, *, always_sync: bool = True) -> None:
        """``always_sync`` False answers after the write: a crash of the machine may then cost the last 0.2 s."""
        self._writer = writer
        self._always_sync = always_sync
        self._waiting: list[tuple[Sequence[Frame], asyncio.Future[None]]] = []
        self._job: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spool")
        self._is_closed = False

    @property
    def end(self) -> int:
        """The offset after the last record of the lane; while nothing is being appended."""
        return self._writer.end

    async def append(self, frames: Sequence[Frame]) -> None:
        """
        Keep frames; return when they are durable.

        Raises:
            SpoolFullError: Nothing was kept.
        """
        if self._is_closed:
            raise SpoolFullError("the spool is being closed", hint="come again when the collector has started")
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((frames, future))
        if self._job is None:
            self._job = asyncio.create_task(self._commit_all())
        await future

    async def close(self) -> None:
        """Finish what was appended, sync, and close the lane; what is appended later is refused. Safe to call twice."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._job is not None:
            await self._job
        if self._timer is not None:
            self._timer.cancel()
        await asyncio.get_running_loop().run_in_executor(self._thread, self._writer.close)
        self._thread.shutdown()

    async def _commit_all(self) -> None:
        """Commit groups until nobody waits."""
        loop = asyncio.get_running_loop()
        while self._waiting:
            if not self._always_sync and self._timer is None:
                self._timer = loop.call_later(_INTERVAL_SECONDS, self._sync_later)
            group, self._waiting = self._waiting, []
            outcomes = await loop.run_in_executor(self._thread, self._commit, [frames for frames, _ in group])
            for (_, future), error in zip(group, outcomes, strict=True):
                if future.done():
                    continue
                if error is None:
                    future.set_result(None)
                else:
                    future.set_exception(error)
        self._job = None

    def _commit(self, group: Sequence[Sequence[Frame]]) -> list[Exception | None]:
        """Write each call's frames, sync once; return what went wrong with each."""
        outcomes: list[Exception | None] = []
        for frames in group:
            try:
                self._writer.write(frames)
            except TailLostError as error:
                outcomes = [error if each is None else each for each in outcomes]
                outcomes.append(error)
            except Exception as error:  # noqa: BLE001 (each sender gets its own answer)
                outcomes.append(error)
            else:
                outcomes.append(None)
        if not self._always_sync:
            self._writer.publish()
        else:
            try:
                self._writer.sync()
            except Exception as error:  # noqa: BLE001 (nobody may be told that it is kept)
                return [error if each is None else each for each in outcomes]
        return outcomes

    def _sync_later(self) -> None:
        self._timer = None
        self._thread.submit(self._sync_quietly)

    def _sync_quietly(self) -> None:
        """Sync; what the disk refuses here is met again, and told, by the next append."""
        with contextlib.suppress(SpoolFullError):
            self._writer.sync()
