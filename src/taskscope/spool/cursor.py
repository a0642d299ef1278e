"""
How far one consumer has read each lane: a journal of ranges that were cut, and of those that are done.

A cut is durable before anybody acts on it, so that after a crash exactly the same range comes again, under the same
name.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from taskscope.spool.segment import sync_directory

_COMPACT_BYTES: Final = 256 * 1024
"""A journal longer than this is written anew: some 4,000 cuts."""


class Cut(NamedTuple):
    """A range of a lane that is delivered as one."""

    lane: str
    start: int
    end: int


class Cursor:
    """The journal of one consumer. Not for several threads at once."""

    def __init__(self, path: Path) -> None:
        """Open a journal, or begin one; a torn last line is left out."""
        self._path = path
        self._handle = -1
        self._next: dict[str, int] = {}
        self._open: dict[str, list[Cut]] = {}
        self._done: dict[str, set[Cut]] = {}
        self._states: dict[str, Any] = {}
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

    def cut(self, lane: str, end: int) -> Cut:
        """
        Cut what lies between the position and ``end``; durable on return.

        Raises:
            OSError: The journal cannot be written; nothing was cut.
        """
        made = Cut(lane, self.position(lane), end)
        self._write({"cut": made}, sync=True)
        self._apply({"cut": made})
        return made

    def done(self, cut: Cut, *, state: Any = None) -> None:
        """
        Note that a range is delivered, and what the next one of its lane builds upon (JSON).

        Not synced: if the note is lost, the range is delivered once more, which the consumer must bear anyway.
        """
        entry = {"done": cut, "state": state}
        self._write(entry, sync=False)
        self._apply(entry)
        if os.fstat(self._handle).st_size > _COMPACT_BYTES:
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
            self._next.update(entry["positions"])
            self._states.update(entry["states"])
        elif "cut" in entry:
            cut = Cut(*entry["cut"])
            self._next[cut.lane] = cut.end
            self._open.setdefault(cut.lane, []).append(cut)
            self._done.setdefault(cut.lane, set())
        else:
            self._finish(Cut(*entry["done"]), entry.get("state"))

    def _finish(self, cut: Cut, state: Any) -> None:
        """Take a range out, and those before it that waited for it: only a row without holes is confirmed."""
        if state is not None:
            self._states[cut.lane] = state
        waiting, done = self._open.get(cut.lane, []), self._done.setdefault(cut.lane, set())
        done.add(cut)
        while waiting and waiting[0] in done:
            done.discard(waiting.pop(0))

    def _write(self, entry: Mapping[str, Any], *, sync: bool) -> None:
        line = (json.dumps(entry, separators=(",", ":")) + "\n").encode()
        before = os.fstat(self._handle).st_size
        try:
            os.write(self._handle, line)
            if sync:
                os.fdatasync(self._handle)
        except OSError:
            os.ftruncate(self._handle, before)
            raise

    def _rewrite(self) -> None:
        """Write the journal anew, with what still matters, and put it in the place of the old one."""
        confirmed = {lane: self.confirmed(lane) for lane in self._next}
        entries: list[Mapping[str, Any]] = [{"positions": confirmed, "states": self._states}]
        entries += [{"cut": cut} for cuts in self._open.values() for cut in cuts]
        entries += [{"done": cut} for cuts in self._done.values() for cut in cuts]
        fresh = self._path.with_suffix(".new")
        with fresh.open("wb") as file:
            file.writelines((json.dumps(each, separators=(",", ":")) + "\n").encode() for each in entries)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
        sync_directory(self._path.parent)
        self.close()
        self._handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)


def highest_cut(path: Path, lane: str) -> int:
    """Return the highest offset of a lane that a journal has seen, without opening it as its consumer."""
    highest = 0
    for entry in _entries(path):
        if "positions" in entry:
            highest = max(highest, entry["positions"].get(lane, 0))
        elif "cut" in entry and entry["cut"][0] == lane:
            highest = max(highest, entry["cut"][2])
    return highest


def _entries(path: Path) -> Sequence[Mapping[str, Any]]:
    """Read a journal up to the first line that is not whole: a later one was never acted upon."""
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return ()
    found: list[Mapping[str, Any]] = []
    for line in lines[:-1]:
        try:
            found.append(json.loads(line))
        except ValueError:
            break
    return found
