"""The contract of a sink: one method, told once for all signals."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from taskscope.model.batch import Batch, Encoded, EncodedBatch, Signal


class Rejected(NamedTuple):
    """A row or body that a sink will never take, and why."""

    position: int
    """In the rows, or the bodies, of the batch."""
    reason: str
    rows: int = 1
    """
    How many rows it stands for: those of a body, or as many as a receiver refused without saying which; none where a
    body cannot be read, so that nobody knows of any.
    """


class Outcome(NamedTuple):
    """What became of a batch."""

    accepted: int
    """Rows; of an encoded batch, the rows inside its bodies."""
    rejected: Sequence[Rejected] = ()


class Sink(Protocol):
    """
    Where batches end.

    ``consume`` is called by several threads, each with another batch, in any order. It returns when the batch is where
    it belongs. After an error or a crash the same batch comes again, with the same token: a sink that can tell takes it
    once, others deliver at least once.
    """

    @property
    def name(self) -> str:
        """A short name such as ``store`` or ``xray``: of its cursor in the spool, its counters, its log lines."""
        ...

    @property
    def signals(self) -> frozenset[Signal]:
        """The signals that it takes; others are not offered."""
        ...

    @property
    def encoded(self) -> frozenset[Encoded]:
        """The forms of bodies that it also takes, undecoded."""
        ...

    def consume(self, batch: Batch | EncodedBatch) -> Outcome:
        """
        Take a batch, wholly or but for the rows that the outcome rejects.

        Raises:
            UnavailableError: A retry may help; the batch comes again.
        """
        ...

    def close(self) -> None:
        """Give back what is held; safe to call twice."""
        ...
