"""One HTTP connection whose requests have a deadline and a size, which uvicorn does not give them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_HEAD_BYTES: Final = 64 << 10


@dataclass(frozen=True)
class Limits:
    """What one connection may take, and how many there may be."""

    max_connections: int
    max_body_bytes: int
    request_seconds: float
    idle_seconds: float
    grace_seconds: float


class BoundedConnection(HttpToolsProtocol):
    """Ends a connection whose request is not whole in time, or goes on after all that a request may have."""

    def __init__(self, limits: Limits, refused: Callable[[str], None], **uvicorn_arguments: Any) -> None:
        """``refused(why)`` is told of what ends unanswered: ``connections``, ``slow``, ``size``, ``framing``."""
        super().__init__(**uvicorn_arguments)
        self._limits = limits
        self._refused = refused
        # As large as a body that comes in chunks of five bytes, and more than twice that of any client.
        self._most_bytes = _HEAD_BYTES + 2 * limits.max_body_bytes
        self._deadline: asyncio.TimerHandle | None = None
        self._begun = False
        self._wire_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Begin to wait for a request, unless there are too many connections."""
        super().connection_made(transport)
        if len(self.connections) > self._limits.max_connections:
            self._end("connections")
        else:
            self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline."""
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser; a request that began has a deadline until it is whole."""
        self._wire_bytes += len(data)
        super().data_received(data)
        if self._wire_bytes > self._most_bytes:
            self._end("size")
        elif self._begun and self._deadline is None and not self.transport.is_closing():
            self._arm()

    def send_400_response(self, msg: str) -> None:
        """Count what does not parse as HTTP."""
        self._refused("framing")
        super().send_400_response(msg)

    def on_message_begin(self) -> None:
        """A request's first byte is here."""
        self._begun = True
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._begun = False
        self._wire_bytes = 0
        self._disarm()
        super().on_message_complete()

    def _arm(self) -> None:
        self._deadline = self.loop.call_later(self._limits.request_seconds, self._end, "slow")

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _end(self, why: str) -> None:
        if not self.transport.is_closing():
            self._refused(why)
        self.transport.abort()
