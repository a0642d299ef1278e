"""What receivers append to in tests."""

import asyncio
from collections.abc import Sequence

from taskscope.errors import SpoolFullError
from taskscope.spool.frame import Frame


class MemorySpool:
    """An ``Appender`` that keeps frames in memory, is full when told to, and waits when told to."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.calls: list[int] = []
        """How many frames each call brought."""
        self.refusals = 0
        """How many of the next calls find the spool full."""
        self.open = asyncio.Event()
        """Calls wait until this is set, which it is at the beginning."""
        self.open.set()
        self.asked = asyncio.Event()
        """Set by each call."""

    async def append(self, frames: Sequence[Frame]) -> None:
        """Keep frames."""
        self.asked.set()
        await self.open.wait()
        if self.refusals > 0:
            self.refusals -= 1
            raise SpoolFullError("told to be full")
        self.frames += frames
        self.calls.append(len(frames))


class MemoryLane:
    """A ``DatagramLane`` that keeps frames in memory."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.full = False
        self._held: list[Frame] = []

    def add(self, frame: Frame) -> None:
        """Hold a frame."""
        self._held.append(frame)

    def commit(self) -> int:
        """Keep what is held, or drop it when told to be full."""
        held, self._held = self._held, []
        if self.full:
            return len(held)
        self.frames += held
        return 0
