"""A sink for tests: keeps what it is given, and fails when told to."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from taskscope.errors import UnavailableError
from taskscope.model.batch import Batch, Encoded, EncodedBatch, Row, Signal
from taskscope.sinks.api import Outcome, Rejected


@dataclass
class MemorySink:
    """Keeps each token's batch once, as the store does."""

    name: str = "memory"
    signals: frozenset[Signal] = frozenset(Signal)
    encoded: frozenset[Encoded] = frozenset()
    failures: int = 0
    """How many of the next calls raise UnavailableError."""
    reject: Callable[[Row | bytes], str] = lambda _: ""
    """Gives the reason to reject a row or a body, empty for all that are taken; they are kept all the same."""
    batches: dict[tuple[str, Signal], Batch | EncodedBatch] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def consume(self, batch: Batch | EncodedBatch) -> Outcome:
        """
        Keep a batch; the same token again changes nothing.

        Raises:
            UnavailableError: The sink was told to fail.
            ValueError: The sink does not take such a batch.
        """
        if not (batch.signal in self.signals if isinstance(batch, Batch) else batch.form in self.encoded):
            raise ValueError(f"the sink {self.name} takes no {type(batch).__name__} of {batch.signal}")
        with self._lock:
            if self.failures > 0:
                self.failures -= 1
                raise UnavailableError("told to fail")
            self.batches.setdefault((batch.token, batch.signal), batch)
        contents = batch.rows if isinstance(batch, Batch) else batch.bodies
        reasons = [(position, self.reject(each)) for position, each in enumerate(contents)]
        rejected = [Rejected(position, reason) for position, reason in reasons if reason]
        return Outcome(len(contents) - len(rejected), rejected)

    def close(self) -> None:
        """Do nothing: what was kept can still be looked at."""

    def rows(self, signal: Signal) -> Sequence[Row]:
        """Return all rows of a signal, in the order of arrival."""
        return [
            row
            for each in self.batches.values()
            if isinstance(each, Batch) and each.signal == signal
            for row in each.rows
        ]
