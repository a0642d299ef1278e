"""How much a spool may hold, over all its lanes and the processes that write them, and what it leaves of the disk."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from taskscope.errors import SpoolFullError

_LOOK_SECONDS: Final = 0.25
"""Between two looks at the files of other processes; what all write meanwhile is how far the cap may be passed."""
_RESERVE_BYTES: Final = 8 << 20
_RESERVE_SHARE: Final = 8
"""
Of the disk, 8 MiB or an eighth are left for what empties the spool: the journals of cursors have to grow before
anything can be deleted.
"""


class Space:
    """The size cap of a spool, as one writer sees it."""

    def __init__(self, lanes: Path, max_bytes: int, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """``lanes`` is the folder that has a folder for each lane."""
        self._lanes = lanes
        self._max_bytes = max_bytes
        self._monotonic = monotonic
        self._used = 0
        self._looked = -_LOOK_SECONDS

    def take(self, size: int) -> None:
        """
        Count bytes that are about to be written.

        Raises:
            SpoolFullError: There is no room for them.
        """
        now = self._monotonic()
        if now - self._looked >= _LOOK_SECONDS:
            self._used = used_bytes(self._lanes)
            self._looked = now
        if self._used + size > self._max_bytes:
            raise SpoolFullError(
                f"the spool is full: {self._used} of {self._max_bytes} bytes are used, {size} more were offered",
                hint="a sink is slow or unreachable; see `taskscope store stats`, or raise --max-spool",
            )
        free, reserve = _disk(self._lanes)
        if free - size < reserve:
            raise SpoolFullError(
                f"the disk of the spool is full: {free} bytes are free, {reserve} of them are kept back",
                hint="free space on that disk",
            )
        self._used += size


def _disk(folder: Path) -> tuple[int, int]:
    """Return the free bytes of the disk and how many of them must stay free; a look costs 2 us."""
    disk = os.statvfs(folder)
    if not disk.f_blocks:  # file systems that do not say how large they are
        return sys.maxsize, 0
    return disk.f_bavail * disk.f_frsize, min(_RESERVE_BYTES, disk.f_blocks * disk.f_frsize // _RESERVE_SHARE)


def used_bytes(lanes: Path) -> int:
    """Return the bytes of all segment files; a file that goes away meanwhile counts nothing."""
    total = 0
    for folder, _, names in os.walk(lanes):
        for name in names:
            try:
                total += os.stat(os.path.join(folder, name)).st_size  # noqa: PTH116, PTH118 (a third of Path's time)
            except FileNotFoundError:
                continue
    return total
