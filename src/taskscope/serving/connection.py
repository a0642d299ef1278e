"""One HTTP connection with bounds that uvicorn lacks: deadlines, and bytes beside the body."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_HEAD_BYTES: Final = 64 << 10
"""What a request may have beside its body (head, chunk sizes, trailers), and again as much as its body, which chunks of
five bytes each need."""
_LINGER_SECONDS: Final = 5.0
"""How long the rest of a body that is refused already is read, so that its sender gets to read the answer."""


@dataclass(frozen=True)
class Limits:
    """What one connection may take, and how many there may be."""

    max_connections: int = 1024
    head_seconds: float = 10.0
    idle_seconds: float = 75.0
    grace_seconds: float = 5.0


class BoundedConnection(HttpToolsProtocol):
    """
    A connection whose request heads have a deadline and a size, and which does not read refused bodies forever.

    The time of a body is the application's, which can answer; that of a silent connection is uvicorn's keep-alive.
    """

    def __init__(self, limits: Limits, refused: Callable[[str], None], **uvicorn_arguments: Any) -> None:
        """``refused(why)`` is told of what ends unanswered: ``connections``, ``slow``, ``head``, ``framing``."""
        super().__init__(**uvicorn_arguments)
        self._limits = limits
        self._refused = refused
        self._deadline: asyncio.TimerHandle | None = None
        self._in_head = True
        self._whole = True
        self._wire_bytes = 0
        self._body_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Begin to wait for a request, unless there are too many connections."""
        super().connection_made(transport)
        if len(self.connections) > self._limits.max_connections:
            self._end("connections")
        else:
            self._expect_within(self._limits.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline."""
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser, and end the connection when what is not body grows too large."""
        self._wire_bytes += len(data)
        super().data_received(data)
        if self._wire_bytes - 2 * self._body_bytes > _HEAD_BYTES:
            self._end("head")
        elif self._in_head and self._deadline is None and not self.transport.is_closing():
            self._expect_within(self._limits.head_seconds)

    def send_400_response(self, msg: str) -> None:
        """Count what does not parse as HTTP."""
        self._refused("framing")
        super().send_400_response(msg)

    def on_message_begin(self) -> None:
        """A request's first byte is here."""
        self._in_head, self._whole = True, False
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is here in time."""
        self._in_head = False
        self._disarm()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Count a part of the body."""
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._whole = True
        self._wire_bytes = self._body_bytes = 0
        self._disarm()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait a little for the rest of a request that is answered already."""
        super().on_response_complete()
        if not self._whole and self.cycle.response_complete and not self.transport.is_closing():
            self._expect_within(_LINGER_SECONDS)

    def _expect_within(self, seconds: float) -> None:
        self._disarm()
        self._deadline = self.loop.call_later(seconds, self._end, "slow")

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _end(self, why: str) -> None:
        if not self.transport.is_closing():
            self._refused(why)
        self.transport.abort()
