"""Reading ahead of the consumers: spans are looked at as soon as they are in the spool, and nothing is taken."""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from typing import Final

from taskscope.clock import Clock
from taskscope.errors import MalformedPayloadError
from taskscope.model.batch import Signal
from taskscope.model.span import Span
from taskscope.pipeline.decode import rows_of
from taskscope.pipeline.ranges import receiver_of
from taskscope.spool.reader import LaneReader
from taskscope.spool.spool import Progress, Spool

_SPANLESS: Final = frozenset({"statsd", "fluent", "events"})
_READ_BYTES: Final = 4 << 20
_IDLE_SECONDS: Final = 0.1

_log = logging.getLogger(__name__)


def carries_spans(lane: str) -> bool:
    """Tell whether there may be spans in a lane of this name."""
    return receiver_of(lane) not in _SPANLESS


class Observer:
    """A thread that shows all spans of the spool to a function, once; its position is not kept over a restart."""

    def __init__(self, spool: Spool, show: Callable[[Iterable[Span]], None], *, clock: Clock) -> None:
        self._spool = spool
        self._show = show
        self._clock = clock
        self._positions: dict[str, int] = {}
        self._readers: dict[str, LaneReader] = {}
        self._consumers: Sequence[Progress] = ()
        self._seen_ns = 0
        self._caught_up = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._observe_forever, name="observer", daemon=True)

    @property
    def seen_ns(self) -> int:
        """The time up to which everything that was in the spool has been looked at; 0 before the first time."""
        return self._seen_ns

    def start(self, consumers: Sequence[Progress]) -> None:
        """Begin where the one of the consumers is that is least far."""
        self._consumers = consumers
        self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Wait until all that was there at the start has been looked at; return whether it has."""
        return self._caught_up.wait(seconds)

    def stop(self) -> None:
        """End the thread; safe to call twice, or if it never began."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()

    def look(self) -> None:
        """
        Look at all that is there and was not looked at.

        Raises:
            OSError: The disk fails, or a segment was deleted meanwhile.
        """
        began = self._clock()
        for lane in self._spool.lanes():
            if carries_spans(lane):
                self._look_at(lane)
        self._seen_ns = began
        self._caught_up.set()

    def _observe_forever(self) -> None:
        with ExitStack() as stack:
            stack.callback(self._close)
            while not self._stop.is_set():
                try:
                    self.look()
                except OSError as error:
                    _log.warning("sampling cannot read the spool: %s", error)
                self._stop.wait(_IDLE_SECONDS)

    def _look_at(self, lane: str) -> None:
        confirmed = min((each.confirmed(lane) for each in self._consumers), default=0)
        position = max(self._positions.get(lane, 0), confirmed)
        reader = self._readers.setdefault(lane, self._spool.reader(lane))
        while not self._stop.is_set():
            chunk = reader.read(position, max_bytes=_READ_BYTES)
            if chunk.end == position:
                return
            for frame in chunk.frames:
                try:
                    rows = rows_of(frame, Signal.SPANS)
                    self._show(row for row in rows if isinstance(row, Span))
                except MalformedPayloadError:
                    continue  # its consumer puts it into quarantine
                except Exception:  # noqa: BLE001, S112 (likewise; a body must not end the thread)
                    continue
            position = self._positions[lane] = chunk.end

    def _close(self) -> None:
        for reader in self._readers.values():
            reader.close()
