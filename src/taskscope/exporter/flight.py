"""One reading for all who ask at the same time."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotInTimeError
from typing import Final

from taskscope.exporter.reading import Outcome

_NEVER_READ: Final = "nothing was read so far"

_MOST_FAULTS: Final = 10
"""As many containers as a task definition has; the line says no more."""

_logger = logging.getLogger(__name__)


class SharedReading:
    """
    Reads when somebody asks, and never twice at once: who asks meanwhile gets the same outcome.

    The reading has a thread of its own, so that each who asks waits no longer than its own patience; the next who asks
    joins a reading that still goes on.
    """

    def __init__(self, read: Callable[[], Outcome]) -> None:
        """``read`` ends by itself, with whatever outcome; what it raises is a mistake of ours, and raised here too."""
        self._read = read
        self._lock = threading.Lock()
        self._flight: Future[Outcome] | None = None
        self._said: tuple[str, ...] = (_NEVER_READ,)
        self._counts = {True: 0, False: 0}

    def ask(self, seconds: float) -> Outcome:
        """Return what a reading brings that goes on now, or that begins; without one in time, that there is none."""
        began = time.monotonic()
        try:
            return self._join().result(timeout=seconds)
        except NotInTimeError:
            error = f"the task metadata endpoint did not answer within {seconds:g} s"
            return Outcome(None, error, time.monotonic() - began)

    def counts(self) -> dict[bool, int]:
        """Return how many readings brought a task, and how many did not."""
        with self._lock:
            return dict(self._counts)

    def _join(self) -> Future[Outcome]:
        with self._lock:
            if self._flight is None:
                flight: Future[Outcome] = Future()
                threading.Thread(target=self._fly, args=[flight], name="reading", daemon=True).start()
                self._flight = flight  # not before: without its thread nobody would end it
            return self._flight

    def _fly(self, flight: Future[Outcome]) -> None:
        """Read, and let the next who asks read again before the outcome is told."""
        outcome, failure = None, None
        try:
            outcome = self._read()
        except BaseException as error:  # noqa: BLE001 (raised where the outcome is waited for)
            failure = error
        with self._lock:
            self._flight = None
            self._counts[outcome is not None and outcome.reading is not None] += 1
        if outcome is None:
            flight.set_exception(failure)
            return
        self._tell(outcome)
        flight.set_result(outcome)

    def _tell(self, outcome: Outcome) -> None:
        """Log what is wrong when it begins, changes and ends: not with every scrape."""
        faults = () if outcome.reading is None else outcome.reading.faults
        wrong = (outcome.error, *faults, *outcome.missing)
        if wrong == self._said:
            return
        self._said = wrong
        if outcome.reading is None:
            _logger.error("the task's metadata cannot be read", extra={"fields": {"error": outcome.error}})
        elif outcome.error:
            _logger.error("the containers' statistics cannot be read", extra={"fields": {"error": outcome.error}})
        elif faults or outcome.missing:
            fields = {"containers": outcome.missing, "faults": faults[:_MOST_FAULTS]}
            _logger.warning("statistics are missing", extra={"fields": fields})
        else:
            _logger.info("the task's metadata are read", extra={"fields": {"task": outcome.reading.task.arn}})
