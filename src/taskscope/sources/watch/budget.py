"""How often AWS may be asked: a token bucket that all calls share."""

import threading
import time
from collections.abc import Callable
from typing import Final

from taskscope.counters import Counters

_BURST_SECONDS: Final = 10.0
"""What was not spent for so long may be spent at once."""
_LEAST_BURST: Final = 5.0
_A_TOKEN: Final = 1 - 1e-6
"""Sums of parts may stay below 1 by less than any clock tells apart."""


class StoppedError(Exception):
    """Watching is to end: whatever would ask gives up."""


class Budget:
    """Lets requests pass at a rate and counts them, as ``watch.calls.DescribeTasks``; for one thread."""

    def __init__(
        self,
        per_minute: float,
        *,
        counters: Counters,
        stopped: threading.Event,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``clock`` gives seconds that only grow."""
        self._rate = per_minute / 60
        self._burst = max(_LEAST_BURST, self._rate * _BURST_SECONDS)
        self._counters = counters
        self._stopped = stopped
        self._clock = clock
        self._tokens = self._burst
        self._at = clock()
        self._closed_until = 0.0
        self.waited_at = float("-inf")
        """When a request last had to wait for its turn."""

    def spend(self, operation: str) -> None:
        """
        Wait until a request may be made, and count it.

        Raises:
            StoppedError: Watching ends.
        """
        while (pause := self._missing()) > 0:
            self.waited_at = self._clock()
            if self._stopped.wait(pause):
                break
        if self._stopped.is_set():
            raise StoppedError
        self._tokens -= 1
        self._counters.add(f"watch.calls.{operation}")

    def close_for(self, seconds: float) -> None:
        """Let nothing pass for a while, since AWS throttles."""
        self._closed_until = max(self._closed_until, self._clock() + seconds)

    def _missing(self) -> float:
        """Return the seconds until there is a token."""
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        return max(self._closed_until - now, (1 - self._tokens) / self._rate if self._tokens < _A_TOKEN else 0.0)
