"""
How far one consumer has read each lane: a journal of ranges that were cut, and of those that are done.

A cut is durable before anybody acts on it, so that after a crash exactly the same range comes again, under the same
name.
"""

import contextlib
import errno
import json
import os
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from taskscope.spool.segment import sync_directory, write_all

NEW: Final = ".new"
"""What the name of a journal ends with while it is written anew."""
_COMPACT_BYTES: Final = 256 * 1024
"""A journal that has grown by this is written anew: some 3,000 cuts."""


class Cut(NamedTuple):
    """A range of a lane that is delivered as one."""

    lane: str
    start: int
    end: int


class Cursor:
    """The journal of one consumer. Not for several threads at once, nor for two processes."""

    def __init__(self, path: Path) -> None:
        """
        Open a journal, or begin one; a line that is torn or damaged is left out.

        Raises:
            OSError: It cannot be read or written.
        """
        self._path = path
        self._handle = -1
        self._is_sound = True
        self._compact_at = 0
        self._knows_base = False
        self._next: dict[str, int] = {}
        self._open: dict[str, list[Cut]] = {}
        self._done: dict[str, set[Cut]] = {}
        self._states: dict[str, Any] = {}
        self._notes: dict[Cut, Any] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        for entry in _entries(path):
            self._apply(entry)
        self._rewrite()

    def position(self, lane: str) -> int:
        """Return where the next cut of a lane begins."""
        return self._next.get(lane, 0)

    def confirmed(self, lane: str) -> int:
        """Return the offset that everything before is done: what need not be kept for this consumer."""
        waiting = self._open.get(lane)
        return waiting[0].start if waiting else self.position(lane)

    def open_cuts(self) -> list[Cut]:
        """Return what was cut and is not done, oldest first in each lane: what a start has to deliver again."""
        return [cut for lane, cuts in self._open.items() for cut in cuts if cut not in self._done[lane]]

    def state(self, lane: str) -> Any:
        """Return what ``done`` was last given for a lane, or None."""
        return self._states.get(lane)

    def note(self, cut: Cut) -> Any:
        """Return what ``cut`` was given for a range that is not done, or None."""
        return self._notes.get(cut)

    def cut(self, lane: str, end: int, *, note: Any = None) -> Cut:
        """
        Cut what lies between the position and ``end``, with a note (JSON) of how it is read; durable on return.

        Raises:
            OSError: The journal cannot be written; nothing was cut.
        """
        made = Cut(lane, self.position(lane), end)
        entry = {"cut": made} if note is None else {"cut": made, "note": note}
        self._write(entry, sync=True)
        self._apply(entry)
        return made

    def done(self, cut: Cut, *, state: Any = None) -> None:
        """
        Note that a range is delivered, and what the next one of its lane builds upon (JSON).

        Not synced: if the note is lost, the range is delivered once more, which the consumer must bear anyway.

        Raises:
            OSError: The journal cannot be written; nothing was noted.
        """
        entry = {"done": cut, "state": state}
        self._write(entry, sync=False)
        self._apply(entry)
        if os.fstat(self._handle).st_size > self._compact_at:
            with contextlib.suppress(OSError):  # the long journal is as good
                self._rewrite()

    def close(self) -> None:
        """Close the journal; safe to call twice."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _apply(self, entry: Mapping[str, Any]) -> None:
        if "positions" in entry:
            self._knows_base = True
            self._next.update(entry["positions"])
            self._states.update(entry["states"])
        elif "cut" in entry:
            cut = Cut(*entry["cut"])
            self._begin(cut)
            if "note" in entry:
                self._notes[cut] = entry["note"]
        else:
            cut = Cut(*entry["done"])
            if cut.end > self.position(cut.lane):
                self._begin(cut)
            self._finish(cut, entry.get("state"))

    def _begin(self, cut: Cut) -> None:
        """Take up a range, and one before it whose line was damaged: ranges of a lane leave no gap."""
        position = self._next.get(cut.lane, 0 if self._knows_base else cut.start)
        self._next[cut.lane] = cut.end
        waiting = self._open.setdefault(cut.lane, [])
        waiting += [Cut(cut.lane, position, cut.start), cut] if position < cut.start else [cut]
        self._done.setdefault(cut.lane, set())

    def _finish(self, cut: Cut, state: Any) -> None:
        """Take a range out, and those before it that waited for it: only a row without holes is confirmed."""
        if state is not None:
            self._states[cut.lane] = state
        self._notes.pop(cut, None)
        waiting, done = self._open.get(cut.lane, []), self._done.setdefault(cut.lane, set())
        if cut in waiting:
            done.add(cut)
        while waiting and waiting[0] in done:
            done.discard(waiting.pop(0))

    def _write(self, entry: Mapping[str, Any], *, sync: bool) -> None:
        if not self._is_sound:
            self._rewrite()
        before = os.fstat(self._handle).st_size
        try:
            write_all(self._handle, [_line(entry)])
            if sync:
                os.fdatasync(self._handle)
        except OSError as error:
            self._is_sound = False
            os.ftruncate(self._handle, before)
            # Of any other failure, earlier lines may be a part as well.
            self._is_sound = error.errno == errno.ENOSPC
            raise

    def _rewrite(self) -> None:
        """Write the journal anew, with what still matters, and put it in the place of the old one."""
        confirmed = {lane: self.confirmed(lane) for lane in self._next}
        entries: list[Mapping[str, Any]] = [{"positions": confirmed, "states": self._states}]
        entries += [{"cut": cut, "note": self.note(cut)} for cuts in self._open.values() for cut in cuts]
        entries += [{"done": cut} for cuts in self._done.values() for cut in cuts]
        fresh = self._path.with_name(self._path.name + NEW)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            write_all(handle, [_line(each) for each in entries])
            os.fsync(handle)
            fresh.replace(self._path)
        except OSError:
            os.close(handle)
            raise
        self.close()
        self._handle = handle
        self._compact_at = os.fstat(handle).st_size + _COMPACT_BYTES
        self._is_sound = False  # until the name is durable, nothing that is added is
        sync_directory(self._path.parent)
        self._is_sound = True


def highest_cut(path: Path, lane: str) -> int:
    """Return the highest offset of a lane that a journal has seen, without opening it as its consumer."""
    highest = 0
    for entry in _entries(path):
        if "positions" in entry:
            highest = max(highest, entry["positions"].get(lane, 0))
        elif "cut" in entry and entry["cut"][0] == lane:
            highest = max(highest, entry["cut"][2])
    return highest


def _line(entry: Mapping[str, Any]) -> bytes:
    """Write an entry: its checksum in 8 hex digits, a space, JSON."""
    content = json.dumps(entry, separators=(",", ":")).encode()
    return b"%08x %b\n" % (zlib.crc32(content), content)


def _entries(path: Path) -> Sequence[Mapping[str, Any]]:
    """Read the lines of a journal that are what was written; a torn last one was never acted upon."""
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return ()
    return [json.loads(line[_CHECK_BYTES:]) for line in lines[:-1] if line[:_CHECK_BYTES] == _check(line)]


def _check(line: bytes) -> bytes:
    return b"%08x " % zlib.crc32(line[_CHECK_BYTES:])


_CHECK_BYTES: Final = 9
