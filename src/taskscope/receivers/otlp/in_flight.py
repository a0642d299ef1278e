"""What is under way: requests and their bytes, both bounded, so that memory is."""

from collections.abc import Iterator
from contextlib import contextmanager

from taskscope.receivers.otlp.refusal import BUSY, RefusedError


class InFlight:
    """Requests under way in this process and the bytes they hold; HTTP and gRPC may share one."""

    def __init__(self, *, max_requests: int, max_bytes: int) -> None:
        self._max_requests = max_requests
        self._max_bytes = max_bytes
        self._requests = 0
        self._bytes = 0

    @property
    def requests(self) -> int:
        """How many requests are under way."""
        return self._requests

    @property
    def held_bytes(self) -> int:
        """How many bytes they hold."""
        return self._bytes

    @contextmanager
    def request(self) -> Iterator["Holding"]:
        """
        Count a request until the block is left, with all that it came to hold.

        Raises:
            RefusedError: Too many are under way.
        """
        if self._requests >= self._max_requests:
            raise RefusedError(BUSY, f"{self._requests} requests are under way")
        self._requests += 1
        holding = Holding(self)
        try:
            yield holding
        finally:
            self._requests -= 1
            self._bytes -= holding.held_bytes

    def take(self, count: int) -> None:
        """
        Count bytes.

        Raises:
            RefusedError: They would be too many.
        """
        if self._bytes + count > self._max_bytes:
            raise RefusedError(BUSY, f"requests under way hold {self._bytes} bytes")
        self._bytes += count


class Holding:
    """What one request holds."""

    def __init__(self, all_requests: InFlight) -> None:
        self._all = all_requests
        self.held_bytes = 0

    def add(self, count: int) -> None:
        """
        Hold more bytes.

        Raises:
            RefusedError: All requests together would hold too many.
        """
        self._all.take(count)
        self.held_bytes += count
