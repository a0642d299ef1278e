"""Ranges that wait: only frames old enough are cut, so that what comes later can have a say."""

from collections.abc import Callable
from typing import Final

from taskscope.clock import SECOND, Clock
from taskscope.pipeline.cutting import Cutter, Planned
from taskscope.spool import record
from taskscope.spool.frame import Frame
from taskscope.spool.reader import Chunk, LaneReader

_PAUSE: Final = SECOND
"""Between two looks at a lane whose next frame is too young, or was a moment ago: a look may read 32 MB."""
_AHEAD: Final = SECOND
"""A frame received this much later than now was stamped before the clock was set back: nobody waits for it."""


class WaitingCutter:
    """A cutter around another one: its ranges end before the first frame that has not waited long enough."""

    def __init__(
        self, inner: Cutter, reader: LaneReader, *, wait_ns: int, seen_ns: Callable[[], int], clock: Clock
    ) -> None:
        """
        Prepare for a lane.

        Args:
            inner: Decides by size and time what goes together.
            reader: Of the lane.
            wait_ns: How old a frame has to be.
            seen_ns: Up to when everything has been looked at; frames have to be as much older than that.
            clock: The present time.
        """
        self._inner = inner
        self._reader = reader
        self._wait = wait_ns
        self._pause = min(_PAUSE, wait_ns // 4)
        self._seen = seen_ns
        self._clock = clock
        self._looked: int | None = None

    def plan(self, position: int, *, flush: bool) -> Planned | None:
        """Return the end of what is old enough; at a flush, of what is there."""
        if flush:
            return self._inner.plan(position, flush=True)
        now = self._clock()
        if self._looked is not None and 0 <= now - self._looked < self._pause:
            return None
        first = self._reader.read(position, max_bytes=1).frames
        if first and self._is_young(first[0], now):
            self._looked = now
            return None
        planned = self._inner.plan(position, flush=False)
        return planned if planned is None or planned.chunk is None else self._shorten(planned.chunk, now)

    def _shorten(self, chunk: Chunk, now: int) -> Planned | None:
        at = chunk.end - sum(map(record.size, chunk.frames))
        for number, frame in enumerate(chunk.frames):
            if self._is_young(frame, now):
                self._looked = now
                return Planned(at, chunk._replace(frames=chunk.frames[:number], end=at)) if number else None
            at += record.size(frame)
        return Planned(chunk.end, chunk)

    def _is_young(self, frame: Frame, now: int) -> bool:
        if frame.received_ns > now + _AHEAD:
            return False
        return frame.received_ns > min(now, self._seen()) - self._wait
