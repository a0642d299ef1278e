"""A token bucket: how many requests there may be."""

import threading
import time
from collections.abc import Callable

from taskscope.exporter.web_config.config import RateLimit


class Bucket:
    """Lets ``burst`` requests through at once, and one more after each interval; threads share it."""

    def __init__(self, limit: RateLimit, *, now: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self._now = now
        self._tokens = float(limit.burst)
        self._filled = now()
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Take a token; whether there was one."""
        with self._lock:
            now = self._now()
            gained = (now - self._filled) / self.limit.interval_seconds
            self._tokens = min(float(self.limit.burst), self._tokens + gained)
            self._filled = now
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True
