"""Up to where the readers of a lane may read: eight bytes that the writer's process shares with theirs."""

import mmap
import os
import struct
from pathlib import Path
from typing import Final

_NAME: Final = "published"
_VALUE: Final = struct.Struct("q")


class Watermark:
    """The writer's side: mapped into memory, so that it is there for readers even when the writer was killed."""

    def __init__(self, lane: Path) -> None:
        """
        Open the file of a lane, or make it.

        Raises:
            OSError: The disk has no room for it.
        """
        handle = os.open(lane / _NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if os.fstat(handle).st_size != _VALUE.size:
                # Written, not truncated to size: on a full disk that is an error here, a hole is SIGBUS at a store.
                os.pwrite(handle, bytes(_VALUE.size), 0)
                os.ftruncate(handle, _VALUE.size)
            self._memory = mmap.mmap(handle, _VALUE.size)
        finally:
            os.close(handle)
        # One store of 8 bytes; struct's pack_into clears them first, and a reader in between sees 0.
        self._cell = memoryview(self._memory).cast("q")

    @property
    def value(self) -> int:
        """The offset after the last published record."""
        return self._cell[0]

    @value.setter
    def value(self, offset: int) -> None:
        self._cell[0] = offset

    def close(self) -> None:
        """Let the file go; safe to call twice."""
        self._cell.release()
        self._memory.close()


def read_watermark(lane: Path) -> int:
    """Return how far a lane is published; 0 where no writer ever was."""
    try:
        content = (lane / _NAME).read_bytes()
    except FileNotFoundError:
        return 0
    return int(_VALUE.unpack(content)[0]) if len(content) == _VALUE.size else 0
