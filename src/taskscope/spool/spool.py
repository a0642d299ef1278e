"""A spool on disk: its lanes, its consumers, and what may be deleted."""

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, Protocol

from taskscope.errors import UsageError
from taskscope.spool.cursor import NEW, Cursor, Cut, highest_cut
from taskscope.spool.lane import SEGMENT_BYTES, LaneWriter
from taskscope.spool.reader import LaneReader
from taskscope.spool.segment import list_segments, sync_directory
from taskscope.spool.space import Space, used_bytes

_VERSION: Final = "1"
"""Of the form on disk."""
_GONE: Final = ".gone"
"""What the name of a journal ends with while nobody asks for its consumer."""
_SEGMENTS: Final = 32
"""The cap's parts: the last segment of a lane is never deleted, so idle lanes must not hold it all."""


class Progress(Protocol):
    """How far somebody is: a cursor, or who has one."""

    def confirmed(self, lane: str) -> int:
        """Return the offset that everything before is done."""
        ...


class Spool:
    """
    The folder of a spool; any number of processes may have it open.

    ::

        spool/id                   version and a random name, part of every token
        spool/lanes/otlp-0/*.seg   what was received
        spool/cursors/store        how far a consumer has read
    """

    def __init__(self, folder: Path, *, max_bytes: int, segment_bytes: int = SEGMENT_BYTES) -> None:
        """
        Open a spool, or make one.

        Raises:
            UsageError: A newer version of Taskscope has written it.
        """
        self._folder = folder
        self._max_bytes = max_bytes
        self._segment_bytes = min(segment_bytes, max_bytes // _SEGMENTS)
        self._lanes = folder / "lanes"
        self._cursors = folder / "cursors"
        for each in (self._lanes, self._cursors):
            each.mkdir(parents=True, exist_ok=True)
        self.id = _identity(folder)

    def writer(self, lane: str) -> LaneWriter:
        """
        Open a lane for writing.

        Raises:
            UsageError: Another process writes it.
            SpoolFullError: The disk is full.
        """
        floor = max((highest_cut(path, lane) for path in self._cursors.iterdir()), default=0)
        space = Space(self._lanes, self._max_bytes)
        return LaneWriter(self._lanes / lane, space, floor=floor, segment_bytes=self._segment_bytes)

    def reader(self, lane: str) -> LaneReader:
        """Open a lane for reading."""
        return LaneReader(self._lanes / lane)

    def lanes(self) -> list[str]:
        """Return the names of all lanes there are."""
        return sorted(os.listdir(self._lanes))  # noqa: PTH208 (names only)

    def cursor(self, consumer: str) -> Cursor:
        """
        Open the cursor of a consumer: one process, one thread at a time.

        A new one begins with what is there; one that was forgotten goes on where it was.
        """
        path, gone = self._cursors / consumer, self._cursors / (consumer + _GONE)
        if gone.exists() and not path.exists():
            gone.replace(path)
        return Cursor(path)

    def backlog_bytes(self, consumer: str) -> int:
        """
        Return how much a consumer has not delivered; not while it runs.

        Raises:
            OSError: Its journal cannot be read or written.
        """
        total = 0
        with contextlib.closing(self.cursor(consumer)) as cursor:
            for lane in self.lanes():
                with self.reader(lane) as reader:
                    total += max(0, reader.end() - cursor.confirmed(lane))
        return total

    def token(self, cut: Cut) -> str:
        """Return the name of a range, the same at each delivery and never used for another."""
        return f"{self.id}:{cut.lane}:{cut.start}:{cut.end}"

    def forget_consumers(self, keep: Iterable[str]) -> list[str]:
        """
        Put the cursors of all consumers but these aside, and return their names: what they lack is not kept for them.

        How far they were stays known, so that nothing is delivered twice if they are asked for again.
        """
        kept = set(keep)
        gone = [each for each in self._cursors.iterdir() if each.name not in kept and not each.name.endswith(_ASIDE)]
        for path in gone:
            path.replace(path.with_name(path.name + _GONE))
        return sorted(path.name for path in gone)

    def settle(self) -> None:
        """
        Open and close every lane that nobody writes, so that all that it holds can be read, and later deleted.

        To be called once before the writers start: a lane whose writer does not come back would otherwise end, after a
        crash of the machine, where its watermark was last on disk.
        """
        for lane in self.lanes():
            with contextlib.suppress(UsageError):
                self.writer(lane).close()

    def trim(self, consumers: Sequence[Progress]) -> int:
        """Delete finished segments that every one of these consumers is done with; return the bytes."""
        freed = 0
        for lane in self.lanes():
            segments = list_segments(self._lanes / lane)
            confirmed = min((each.confirmed(lane) for each in consumers), default=0)
            for segment in segments[:-1]:
                if segment.end > confirmed:
                    break
                freed += segment.size
                segment.path.unlink()
        return freed

    def used_bytes(self) -> int:
        """Return the bytes of all segments."""
        return used_bytes(self._lanes)


_ASIDE: Final = (NEW, _GONE)


def _identity(folder: Path) -> str:
    """Return the spool's random name; the first process to come gives it, whole and for good."""
    path = folder / "id"
    with (folder / "id.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            fresh = folder / "id.new"
            with fresh.open("w", encoding="ascii") as file:
                file.write(f"{_VERSION} {secrets.token_hex(6)}\n")
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
            sync_directory(folder)
    version, _, name = path.read_text(encoding="ascii").strip().partition(" ")
    if version != _VERSION:
        raise UsageError(
            f"the spool in {folder} has version {version or 'none'}, this Taskscope writes {_VERSION}",
            hint="use the version of Taskscope that wrote it, or another --data-dir",
        )
    return name
