"""
The segment files of one lane.

A lane is one long row of bytes that is only ever added to; an offset in it means the same for good. A segment file
holds a piece of it and is named by the offset of its first byte. Between two files there may be offsets that no byte
has.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from taskscope.spool.record import Record, decode, find

_SUFFIX: Final = ".seg"
_DIGITS: Final = 20
"""2**63 has 19."""


class Segment(NamedTuple):
    """One file of a lane."""

    start: int
    path: Path

    @property
    def size(self) -> int:
        """Bytes in the file; 0 if it is gone."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    @property
    def end(self) -> int:
        """The offset after the last byte."""
        return self.start + self.size


def segment_path(lane: Path, start: int) -> Path:
    """Return the file of a lane that begins at ``start``."""
    return lane / f"{start:0{_DIGITS}}{_SUFFIX}"


def list_segments(lane: Path) -> list[Segment]:
    """Return the segments of a lane in their order; none if there is no such lane."""
    try:
        names = sorted(name for name in os.listdir(lane) if name.endswith(_SUFFIX))  # noqa: PTH208 (names only: no stat)
    except FileNotFoundError:
        return []
    return [Segment(int(name.removesuffix(_SUFFIX)), lane / name) for name in names]


def cut_torn_tail(segment: Segment) -> int:
    """
    Cut off what follows the last sound record, if it is the beginning of one that was never finished; sync the rest.

    What is not sound but has sound records behind it is no torn tail: it stays, and readers step over it.

    Returns:
        The bytes that were cut off.
    """
    with segment.path.open("r+b") as file:
        content = file.read()
        end = _sound_end(content)
        if end < len(content):
            file.truncate(end)
        os.fsync(file.fileno())
    return len(content) - end


def _sound_end(content: bytes) -> int:
    """Return where the last sound record ends."""
    at = 0
    while at < len(content):
        read = decode(content, at)
        if isinstance(read, Record):
            at = read.end
            continue
        later = find(content, at + 1)
        if later is None:
            return at
        at = later
    return at


def sync_directory(directory: Path) -> None:
    """Make the names in a directory durable."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_all(handle: int, pieces: Sequence[bytes]) -> None:
    """
    Write all pieces, however many calls it takes.

    Raises:
        OSError: As the system says; a part may have been written.
    """
    left = [memoryview(piece) for piece in pieces]
    while left:
        written = os.writev(handle, left[:_IOV_MAX])
        while left and written >= len(left[0]):
            written -= len(left.pop(0))
        if left and written:
            left[0] = left[0][written:]


_IOV_MAX: Final = 1024
"""POSIX: pieces that one writev takes."""
