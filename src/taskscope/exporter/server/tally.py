"""How many answers there were, by status."""

import threading
from collections import Counter
from collections.abc import Mapping


class Tally:
    """Counts; threads share it."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()
        self._lock = threading.Lock()

    def add(self, status: int) -> None:
        """Count an answer."""
        with self._lock:
            self._counts[int(status)] += 1

    def counts(self) -> Mapping[int, int]:
        """Return the counts so far."""
        with self._lock:
            return dict(self._counts)
