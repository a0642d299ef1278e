"""One piece to a sink: again and again while a retry may help, and what it rejects is accounted for."""

import logging
import threading
from collections.abc import Iterable
from typing import Final

from taskscope.counters import Counters
from taskscope.errors import AccessError, TaskscopeError, UnavailableError
from taskscope.pipeline.faults import told
from taskscope.pipeline.piece import Piece
from taskscope.pipeline.quarantine import Quarantine
from taskscope.sinks.api import Outcome, Sink

_FIRST_WAIT_SECONDS: Final = 0.2
_LONGEST_WAIT_SECONDS: Final = 15.0
_FAULTS: Final = 5
"""How often a piece may meet a fault of ours before it is set aside, so that the rest is not held up for ever."""

_log = logging.getLogger(__name__)


class Delivery:
    """Brings pieces to one sink, from several threads; all of them wait when it does not answer."""

    def __init__(self, sink: Sink, quarantine: Quarantine, counters: Counters, stop: threading.Event) -> None:
        """``stop`` ends the waiting between two tries."""
        self._sink = sink
        self._quarantine = quarantine
        self._counters = counters
        self._stop = stop
        self._done = "stored" if sink.name == "store" else f"forwarded.{sink.name}"
        self.trouble: str | None = None
        """Why the sink takes nothing at present; None while it does."""

    def deliver(self, pieces: Iterable[Piece]) -> bool:
        """Bring all pieces; return False if the process ends before that."""
        return all(self._bring(piece) for piece in pieces)

    def _bring(self, piece: Piece) -> bool:
        wait = _FIRST_WAIT_SECONDS
        faults = 0
        while not self._stop.is_set():
            try:
                self._account(piece, self._sink.consume(piece.batch))
            except (UnavailableError, AccessError) as error:  # what we may do is put right elsewhere, then it goes on
                self._tell(error)
            except Exception as error:  # noqa: BLE001 (a fault of ours must not end the thread)
                faults += 1
                if faults == _FAULTS:
                    self._set_aside(piece, error)
                    return True
                self._counters.add(f"faults.{self._sink.name}")
                _log.error("%s: a fault with %s: %s", self._sink.name, piece.batch.token, told(error))
            else:
                self._recover()
                return True
            self._stop.wait(wait)
            wait = min(2 * wait, _LONGEST_WAIT_SECONDS)
        return False

    def _account(self, piece: Piece, outcome: Outcome) -> None:
        signal = piece.batch.signal
        if outcome.accepted:
            self._counters.add(f"{self._done}.{signal}", outcome.accepted)
        for rejected in outcome.rejected:
            if not rejected.rows:
                self._quarantine.keep(piece.frames[rejected.position], rejected.reason)
                continue
            self._counters.add(f"rejected.{self._sink.name}.{signal}", rejected.rows)
            if self._sink.name == "store":
                self._quarantine.keep(piece.frames[rejected.position], f"the store refuses it: {rejected.reason}")
            else:
                _log.warning("%s refuses %d of %s: %s", self._sink.name, rejected.rows, signal, rejected.reason)

    def _set_aside(self, piece: Piece, error: Exception) -> None:
        reason = f"{self._sink.name} cannot take it: {told(error)}"
        _log.error("%s; set aside in quarantine", reason)
        self._counters.add(f"rejected.{self._sink.name}.{piece.batch.signal}", len(piece))
        for frame in dict.fromkeys(piece.frames):
            self._quarantine.keep(frame, reason)

    def _tell(self, error: TaskscopeError) -> None:
        """Say once that a sink is away, and count each try."""
        self._counters.add(f"retries.{self._sink.name}")
        if self.trouble is None:
            _log.warning("%s takes nothing for now; what comes is kept in the spool: %s", self._sink.name, error)
        self.trouble = str(error)

    def _recover(self) -> None:
        if self.trouble is not None:
            _log.warning("%s takes batches again", self._sink.name)
            self.trouble = None
