"""What a receiver needs of the spool: to append, and to know when that is durable."""

from collections.abc import Sequence
from typing import Protocol

from taskscope.spool.frame import Frame


class Appender(Protocol):
    """Takes frames for receivers that acknowledge."""

    async def append(self, frames: Sequence[Frame]) -> None:
        """
        Keep frames; return when they are durable, which is when the sender may be told so.

        Frames of one call are kept wholly or not at all, in their order, and stay together.

        Raises:
            SpoolFullError: The spool or the disk is full; nothing was kept, and the sender should come again later.
        """
        ...


class DatagramLane(Protocol):
    """Takes frames for receivers of datagrams, which nobody acknowledges: called from one thread, never waits."""

    def add(self, frame: Frame) -> None:
        """Hold a frame until the next ``commit``."""
        ...

    def commit(self) -> int:
        """
        Write what is held, and have it synced in the background.

        Returns:
            How many frames were dropped because the spool or the disk is full; 0 as a rule.
        """
        ...
