"""
The writing end of a lane: one process, records appended to segment files, synced when told to.

Readers see what was published and nothing beyond: what a failed write or sync leaves is taken back unseen.
"""

import fcntl
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

from taskscope.errors import SpoolFullError, UsageError
from taskscope.spool.frame import Frame
from taskscope.spool.record import encode
from taskscope.spool.segment import cut_torn_tail, list_segments, segment_path, sync_directory, write_all
from taskscope.spool.space import Space
from taskscope.spool.watermark import Watermark

SEGMENT_BYTES: Final = 64 * 1024 * 1024
"""What is deleted at once, and what a start reads through to find a torn tail (60 ms)."""


class LaneWriter:
    """
    Appends to one lane. Not for several threads at once; a lock on the folder keeps other processes out.

    A start always begins a new segment, behind everything that any consumer has cut. So an offset that a consumer has
    seen is never given to other bytes, even if the disk lost what was not synced.
    """

    def __init__(self, lane: Path, space: Space, *, floor: int = 0, segment_bytes: int = SEGMENT_BYTES) -> None:
        """
        Open a lane; a torn tail is cut off.

        Args:
            lane: Its folder, which is made if need be.
            space: The cap of the spool.
            floor: The highest offset that a consumer has cut.
            segment_bytes: When a new segment begins.

        Raises:
            UsageError: Another process writes this lane.
        """
        lane.mkdir(parents=True, exist_ok=True)
        self._lane = lane
        self._space = space
        self._segment_bytes = segment_bytes
        self._lock = _lock(lane)
        self.torn_bytes = 0
        """What was cut off at the start: records that nobody was told are kept."""
        segments = list_segments(lane)
        if segments:
            self.torn_bytes = cut_torn_tail(segments[-1])
        self._watermark = Watermark(lane)
        self._handle = -1
        self._start = self._written = self._synced = 0
        self._begin(max([floor, self._watermark.value, *(each.end for each in segments[-1:])]))
        self.publish()

    @property
    def end(self) -> int:
        """The offset after the last record."""
        return self._start + self._written

    def write(self, frames: Sequence[Frame]) -> None:
        """
        Append frames, wholly or not at all; ``sync`` makes them durable and lets readers see them.

        Raises:
            SpoolFullError: The cap is reached, or the disk is full.
        """
        pieces = [piece for frame in frames for piece in encode(frame)]
        length = sum(map(len, pieces))
        self._space.take(length)
        if self._written and self._written + length > self._segment_bytes:
            self._roll()
        try:
            write_all(self._handle, pieces)
        except OSError as error:
            os.ftruncate(self._handle, self._written)
            raise SpoolFullError(
                f"cannot write to the spool in {self._lane}: {error.strerror}", hint="free space on that disk"
            ) from error
        self._written += length

    def sync(self) -> None:
        """
        Make everything durable that was written.

        Raises:
            SpoolFullError: The disk does not take it.
        """
        end = self.end
        try:
            os.fdatasync(self._handle)
        except OSError as error:
            # What the kernel has given up on does not become durable by another try: the tail is taken back.
            os.ftruncate(self._handle, self._synced - self._start)
            self._written = self._synced - self._start
            raise SpoolFullError(
                f"cannot sync the spool in {self._lane}: {error.strerror}", hint="look after that disk"
            ) from error
        self._synced = end
        self.publish()

    def publish(self) -> None:
        """Let readers see what was written, durable or not."""
        self._watermark.value = self.end

    def duplicate(self) -> int:
        """Return a handle of the present segment, to be synced and closed by another thread."""
        return os.dup(self._handle)

    def close(self) -> None:
        """Sync, and let the lane go; safe to call twice."""
        if self._handle < 0:
            return
        try:
            self.sync()
        finally:
            os.close(self._handle)
            os.close(self._lock)
            self._watermark.close()
            self._handle = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _roll(self) -> None:
        """End this segment and begin the next."""
        self.sync()
        before = self._handle
        self._begin(self.end)
        os.close(before)

    def _begin(self, start: int) -> None:
        """Begin a segment; one of that name is empty, or this lane would not begin there."""
        path = segment_path(self._lane, start)
        try:
            self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            sync_directory(self._lane)
        except OSError as error:
            raise SpoolFullError(f"cannot begin {path}: {error.strerror}", hint="free space on that disk") from error
        self._start, self._written, self._synced = start, 0, start


def _lock(lane: Path) -> int:
    handle = os.open(lane / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise UsageError(
            f"another process writes the lane {lane}", hint="stop it, or choose another --data-dir"
        ) from None
    return handle
