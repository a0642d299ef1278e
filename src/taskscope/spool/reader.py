"""The reading end of a lane: frames from an offset on, as far as they are published."""

import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple, Self

from taskscope.spool.frame import Frame
from taskscope.spool.record import Flaw, decode, find
from taskscope.spool.segment import Segment, list_segments
from taskscope.spool.watermark import read_watermark

_FIRST_READ: Final = 64 * 1024
"""At least this much is read at once; a longer record makes it more."""
_STEP: Final = 1024 * 1024
"""Read at once of what is much: 32 MB cost fresh memory each time, and no cache holds them until they are frames."""
_PIECEMEAL: Final = 8 * 1024 * 1024


class Chunk(NamedTuple):
    """Frames of a lane that follow one another."""

    frames: list[Frame]
    start: int
    end: int
    """Where the next chunk begins."""
    damaged_bytes: int = 0
    """What was stepped over: published bytes that are no record any more."""


class LaneReader:
    """Reads one lane; as many readers as wanted may read it while it is written. Not for several threads at once."""

    def __init__(self, lane: Path) -> None:
        """Read the lane of this folder, which need not exist yet."""
        self._lane = lane
        self._open: tuple[Segment, int] | None = None

    def end(self) -> int:
        """Return the offset up to which the lane can be read now."""
        segments = list_segments(self._lane)
        return max(segments[-1].start, read_watermark(self._lane)) if segments else 0

    def first(self) -> int:
        """Return the offset of the first byte that is still there."""
        segments = list_segments(self._lane)
        return segments[0].start if segments else 0

    def read(self, start: int, *, max_bytes: int, end: int | None = None) -> Chunk:
        """
        Read whole frames from ``start`` on, about ``max_bytes`` of them, at least one if there is one.

        Args:
            start: An offset that a chunk has ended at, or any before the first byte.
            max_bytes: When to stop; a single longer record is read nevertheless.
            end: Stop there at the latest: a range that was cut before is read again.

        Raises:
            OSError: The disk fails, or the segment was deleted meanwhile.
        """
        found = self._segment_at(start)
        if found is None:
            return Chunk([], start, start)
        segment, limit = found
        at = max(start, segment.start)
        if end is not None and at >= end:  # what lay here was never synced, and is lost
            return Chunk([], start, end)
        if end is not None:  # what was cut was published, whatever the watermark says after a crash of the machine
            limit = max(limit, end)
        if at >= limit:
            return Chunk([], start, at)
        want = min(limit, at + max_bytes, limit if end is None else end) - at
        chunk = self._read_segment(segment, at, want)
        return (chunk if chunk.frames else self._step_over(segment, at, limit))._replace(start=start)

    def read_range(self, start: int, end: int) -> Iterator[Chunk]:
        """Read exactly what was cut before, piecemeal; less, if a crash of the machine took what was never synced."""
        at = start
        while at < end:
            chunk = self.read(at, max_bytes=_PIECEMEAL, end=end)
            if chunk.end == at:
                return
            yield chunk
            at = chunk.end

    def close(self) -> None:
        """Close the open file; safe to call twice."""
        if self._open is not None:
            os.close(self._open[1])
            self._open = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _segment_at(self, offset: int) -> tuple[Segment, int] | None:
        """Return the segment that holds an offset, or else the next one, and how far it may be read."""
        segments = list_segments(self._lane)
        for segment, following in pairwise(segments):
            end = segment.end
            if offset < following.start and max(offset, segment.start) < end:
                return segment, end
        return (segments[-1], read_watermark(self._lane)) if segments else None

    def _read_segment(self, segment: Segment, at: int, want: int) -> Chunk:
        """Read whole records; none if the first is not sound, or not all there yet."""
        frames: list[Frame] = []
        end = at
        while end < at + want:
            some, length = self._read_some(segment, end, min(at + want - end, _STEP))
            if not some:
                break
            frames += some
            end += length
        return Chunk(frames, at, end)

    def _read_some(self, segment: Segment, at: int, want: int) -> tuple[list[Frame], int]:
        handle = self._handle(segment)
        size = max(want, _FIRST_READ)
        while True:
            content = os.pread(handle, size, at - segment.start)
            frames, length = _parse(content, want)
            if frames or len(content) < size:
                return frames, length
            size *= 4

    def _step_over(self, segment: Segment, at: int, limit: int) -> Chunk:
        """Pass by what is damaged, up to the next sound record or the end."""
        content = os.pread(self._handle(segment), limit - at, at - segment.start)
        found = find(content, 1)
        length = len(content) if found is None else found
        return Chunk([], at, at + length, length)

    def _handle(self, segment: Segment) -> int:
        if self._open is None or self._open[0] != segment:
            self.close()
            self._open = (segment, os.open(segment.path, os.O_RDONLY | os.O_CLOEXEC))
        return self._open[1]


def _parse(content: bytes, want: int) -> tuple[list[Frame], int]:
    """Return the whole records at the beginning, until ``want`` bytes are passed, and their length."""
    frames: list[Frame] = []
    position = 0
    while position < want and position < len(content):
        read = decode(content, position)
        if isinstance(read, Flaw):
            break
        frames.append(read.frame)
        position = read.end
    return frames, position
