"""
The writing end of a lane: one process, records appended to segment files, synced when told to.

Readers see what was published and nothing beyond: what a failed write or sync leaves is taken back unseen.
"""

import contextlib
import fcntl
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

from taskscope.errors import SpoolFullError, TaskscopeError, UsageError
from taskscope.spool.frame import Frame
from taskscope.spool.record import encode
from taskscope.spool.segment import cut_torn_tail, list_segments, segment_path, sync_directory, write_all
from taskscope.spool.space import Space
from taskscope.spool.watermark import Watermark

SEGMENT_BYTES: Final = 64 * 1024 * 1024
"""What is deleted at once, and what a start reads through to find a torn tail (60 ms)."""


class TailLostError(SpoolFullError):
    """A sync failed: everything since the last one is taken back, what earlier calls have written included."""


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
            SpoolFullError: The disk is full.
        """
        lane.mkdir(parents=True, exist_ok=True)
        self._lane = lane
        self._space = space
        self._segment_bytes = segment_bytes
        self.torn_bytes = 0
        """What was cut off at the start: records that nobody was told are kept."""
        self._handle = -1
        self._start = self._written = self._synced = 0
        self._is_torn = False
        self._lock = _lock(lane)
        try:
            self._open(floor)
        except OSError as error:
            os.close(self._lock)
            raise SpoolFullError(f"cannot open {lane}: {error.strerror}", hint="look after that disk") from error
        except TaskscopeError:
            os.close(self._lock)
            raise

    def _open(self, floor: int) -> None:
        sync_directory(self._lane.parent)
        segments = list_segments(self._lane)
        if segments:
            self.torn_bytes = cut_torn_tail(segments[-1])
        self._watermark = Watermark(self._lane)
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
            TailLostError: What was written before and not synced is gone as well.
        """
        pieces = [piece for frame in frames for piece in encode(frame)]
        length = sum(map(len, pieces))
        self._make_room(length)
        try:
            write_all(self._handle, pieces)
        except OSError as error:
            self._take_back(self._written)
            raise SpoolFullError(
                f"cannot write to the spool in {self._lane}: {error.strerror}", hint="free space on that disk"
            ) from error
        self._written += length

    def sync(self) -> None:
        """
        Make everything durable that was written.

        Raises:
            TailLostError: The disk does not take it; all of it that was not published is gone.
        """
        end = self.end
        try:
            os.fdatasync(self._handle)
        except OSError as error:
            # What the kernel has given up on does not become durable by another try: the tail is taken back, but for
            # what readers have seen, whose offsets must not be given to other bytes.
            self._take_back(max(self._synced, self._watermark.value) - self._start)
            raise TailLostError(
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

    def _make_room(self, length: int) -> None:
        if self._is_torn:
            self._begin(self._start + os.fstat(self._handle).st_size)
        try:
            self._space.take(length)
        except SpoolFullError:
            if self._written:  # only a segment that has ended can be deleted
                self._roll()
            raise
        if self._written and self._written + length > self._segment_bytes:
            self._roll()

    def _take_back(self, keep: int) -> None:
        """Cut this segment to ``keep`` bytes; where the disk refuses that too, go on in a new one behind it all."""
        try:
            os.ftruncate(self._handle, keep)
        except OSError:
            self._is_torn = True
        self._written = keep

    def _roll(self) -> None:
        """End this segment and begin the next."""
        self.sync()
        self._begin(self.end)

    def _begin(self, start: int) -> None:
        """Begin a segment in place of the present one; one of that name is empty, or it would not begin there."""
        path = segment_path(self._lane, start)
        handle = -1
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            sync_directory(self._lane)
        except OSError as error:
            _discard(path, handle)
            raise SpoolFullError(f"cannot begin {path}: {error.strerror}", hint="free space on that disk") from error
        before, self._handle = self._handle, handle
        if before >= 0:
            os.close(before)
        self._start, self._written, self._synced, self._is_torn = start, 0, start, False


def _discard(path: Path, handle: int) -> None:
    """Remove a file that was begun in vain: readers would take the one before it for ended."""
    if handle >= 0:
        os.close(handle)
        with contextlib.suppress(OSError):
            path.unlink()


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
