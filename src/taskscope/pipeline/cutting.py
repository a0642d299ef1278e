"""When a range of a lane is cut: by bytes and time, or at the end of a window of time."""

from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from taskscope.clock import MILLISECOND, SECOND, Clock
from taskscope.spool import record
from taskscope.spool.reader import Chunk, LaneReader

_GRACE: Final = 200 * MILLISECOND
"""After the end of a window: a datagram is stamped before it is written, and written within 4 ms under load."""


class Planned(NamedTuple):
    """Where a cut ends, and the frames up to there if they were read on the way."""

    end: int
    chunk: Chunk | None = None


class Cutter(Protocol):
    """Decides how far the next cut of one lane goes."""

    def plan(self, position: int, *, flush: bool) -> Planned | None:
        """
        Return where the next cut ends, or None if it is too early for one.

        Args:
            position: Where it begins.
            flush: What is there is to go out now, as the process ends.
        """
        ...


class BatchCutter:
    """Cuts when there is enough, or when the oldest has waited long enough."""

    def __init__(self, reader: LaneReader, *, enough_bytes: int, most_bytes: int, wait_ns: int, clock: Clock) -> None:
        """
        Prepare for a lane.

        Args:
            reader: Of the lane.
            enough_bytes: As much is cut at once.
            most_bytes: A backlog is cut in ranges of at most about this.
            wait_ns: So long less than enough may wait.
            clock: The present time.
        """
        self._reader = reader
        self._enough = enough_bytes
        self._most = most_bytes
        self._wait = wait_ns
        self._clock = clock
        self._since: int | None = None

    def plan(self, position: int, *, flush: bool) -> Planned | None:
        """Return the end of what is there, if it is enough or has waited."""
        end = self._reader.end()
        backlog = end - position
        if backlog <= 0:
            self._since = None
            return None
        if self._since is None:
            self._since = self._clock()
        waited = self._clock() - self._since
        # A clock that was set back must not make anybody wait for it.
        if backlog < self._enough and 0 <= waited < self._wait and not flush:
            return None
        chunk = self._reader.read(position, max_bytes=self._most)
        if chunk.end >= end:  # a chunk ends with its segment: what lies behind has waited as well
            self._since = None
        return Planned(chunk.end, chunk) if chunk.end > position else None


class WindowCutter:
    """Cuts where a window of receive time ends, so that what is aggregated over it is the same at each replay."""

    def __init__(self, reader: LaneReader, *, window_ns: int, clock: Clock) -> None:
        """Prepare for a lane; windows begin at multiples of ``window_ns`` since the epoch."""
        self._reader = reader
        self._window = window_ns
        self._clock = clock
        self._position = -1
        self._scanned = -1
        self._closes: int | None = None

    def plan(self, position: int, *, flush: bool) -> Planned | None:
        """Return the offset of the first frame behind the window that begins at ``position``."""
        if position != self._position:
            self._position = self._scanned = position
            self._closes = None
        if (end := self._scan()) is not None:
            return Planned(end)
        if self._closes is None:  # what is damaged or missing at the beginning is passed by at once
            return Planned(self._scanned) if self._scanned > position else None
        late = self._clock() - self._closes
        # More than a window too early: the clock was set back.
        return Planned(self._scanned) if flush or late >= _GRACE or late < -self._window - _GRACE else None

    def _scan(self) -> int | None:
        """Go on to the end of the window, or of what there is."""
        while True:
            chunk = self._reader.read(self._scanned, max_bytes=_SCAN_BYTES)
            if chunk.end == self._scanned:
                return None
            at = chunk.end - sum(map(record.size, chunk.frames))
            for frame in chunk.frames:
                if self._closes is None:
                    self._closes = window_of(frame.received_ns, self._window)[1]
                elif frame.received_ns >= self._closes:
                    return at
                at += record.size(frame)
            self._scanned = chunk.end


def window_of(received_ns: int, window_ns: int) -> tuple[int, int]:
    """Return start and end of the window that a time lies in."""
    start = received_ns - received_ns % window_ns
    return start, start + window_ns


_SCAN_BYTES: Final = 4 * 1024 * 1024

DEFAULT_WINDOW: Final = 10 * SECOND
"""The flush interval of StatsD."""

CutterFactory = Callable[[str, LaneReader], Cutter]
"""Makes the cutter for a lane of that name."""
