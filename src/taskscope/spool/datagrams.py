"""Appending without an acknowledgement, for datagrams: written at once, synced in the background."""

import contextlib
import os
import threading
from typing import Final

from taskscope.errors import SpoolFullError
from taskscope.spool.frame import Frame
from taskscope.spool.lane import LaneWriter

_SYNC_SECONDS: Final = 0.1
"""What a crash of the machine may cost; a crash of the process costs nothing that was written."""


class DatagramWriter:
    """A ``DatagramLane`` over a lane: one thread adds and commits, another syncs ten times a second."""

    def __init__(self, writer: LaneWriter) -> None:
        self._writer = writer
        self._held: list[Frame] = []
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sync_forever, name="spool-sync", daemon=True)
        self._thread.start()

    def add(self, frame: Frame) -> None:
        """Hold a frame until the next ``commit``."""
        self._held.append(frame)

    def commit(self) -> int:
        """Write what is held; return how many frames were dropped because the spool is full."""
        if not self._held:
            return 0
        frames, self._held = self._held, []
        try:
            with self._lock:
                self._writer.write(frames)
                self._writer.publish()
        except SpoolFullError:
            return len(frames)
        return 0

    def close(self) -> None:
        """Write what is held, sync, and close the lane; safe to call twice."""
        self._stop.set()
        self._thread.join()
        self.commit()
        self._writer.close()

    def _sync_forever(self) -> None:
        while not self._stop.wait(_SYNC_SECONDS):
            with contextlib.suppress(OSError):
                self._sync()

    def _sync(self) -> None:
        with self._lock:
            handle = self._writer.duplicate()
        # On a handle of its own and without the lock: a sync takes 10 ms at times, and datagrams do not wait.
        try:
            os.fdatasync(handle)
        finally:
            os.close(handle)
