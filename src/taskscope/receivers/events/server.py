"""The receiver of AWS events: ``POST /v1/events``, answered when the messages are durable."""

import asyncio
import base64
import binascii
import json
import logging
import math
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final, NamedTuple, TypeAlias

from taskscope.clock import Clock, system_clock
from taskscope.config.access import Token
from taskscope.counters import Counters
from taskscope.errors import MalformedPayloadError, SpoolFullError
from taskscope.receivers.events.config import EventsConfig
from taskscope.receivers.events.split import split
from taskscope.serving.asgi import Receive, Scope, Send
from taskscope.serving.connection import Limits
from taskscope.serving.server import Server
from taskscope.spool.api import Appender
from taskscope.spool.frame import Frame, Kind

_LOG: Final = logging.getLogger(__name__)

PATH: Final = "/v1/events"


class EventsReceiver:
    """
    Takes events of ECS and Lambda from EventBridge API destinations, SNS topics and Lambda extensions.

    An ASGI application, to be mounted into another or served on sockets of its own.

    Args:
        config: Its settings.
        spool: Where messages go.
        counters: Where they are counted.
        token: Asked of every sender.
        tls: A server's context; None listens without TLS.
        clock: Gives the time of reception.
    """

    def __init__(
        self,
        config: EventsConfig,
        spool: Appender,
        counters: Counters,
        *,
        token: Token | None = None,
        tls: ssl.SSLContext | None = None,
        clock: Clock = system_clock,
    ) -> None:
        self._config = config
        self._spool = spool
        self._counters = counters
        self._token = token or Token()
        self._clock = clock
        self._held_bytes = 0
        self._tls = tls
        self._server: Server | None = None

    async def start(self, sockets: Sequence[socket.socket]) -> None:
        """Receive on listening sockets, which are closed by ``stop``."""
        self._server = Server(self, Limits(grace_seconds=self._config.grace_seconds), tls=self._tls)
        await self._server.start(sockets)

    async def stop(self) -> None:
        """Take no more, answer what is under way within the grace period; safe to call twice."""
        if self._server is not None:
            await self._server.stop()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            answer = _Answer(200, {"kept": await self._take(scope, receive)})
        except _RefusedError as refused:
            self._counters.add(f"refused.events.{refused.why}")
            answer = refused.answer
        except _GoneError:
            self._counters.add("refused.events.gone")
            return
        body = json.dumps(answer.document).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": answer.status, "headers": [*headers, *answer.headers]})
        await send({"type": "http.response.body", "body": body})

    async def _take(self, scope: Scope, receive: Receive) -> int:
        """Keep a request's messages; return how many they are."""
        self._check_head(scope)
        with self._holding() as held:
            body = await self._read(receive, held)
            try:
                messages, confirmation = split(body)
            except MalformedPayloadError as error:
                raise _RefusedError("malformed", 400, error.message) from None
            if confirmation is not None:
                _LOG.warning("SNS asks whether it may send events; open this address to agree: %.1000r", confirmation)
            sender = scope["client"][0] if scope.get("client") else ""
            await self._keep([Frame(Kind.AWS_EVENT, self._clock(), each, sender=sender) for each in messages])
        return len(messages)

    def _check_head(self, scope: Scope) -> None:
        headers = dict(scope["headers"])
        if scope["path"] != PATH:
            raise _RefusedError("path", 404, f"there is only {PATH} here")
        if scope["method"] != "POST":
            raise _RefusedError("method", 405, "the method must be POST", (b"allow", b"POST"))
        if not self._token.admits(_bearer(headers.get(b"authorization", b"").decode("latin-1"))):
            raise _RefusedError("token", 401, "a token is needed", (b"www-authenticate", b"Bearer"))
        if headers.get(b"content-encoding", b"identity").lower() != b"identity":
            raise _RefusedError("encoding", 415, "the body must not be compressed")

    @contextmanager
    def _holding(self) -> Iterator[list[bytes]]:
        """Give a list for the parts of a body; their bytes count as held until the block ends."""
        held: list[bytes] = []
        try:
            yield held
        finally:
            self._held_bytes -= sum(map(len, held))

    async def _read(self, receive: Receive, held: list[bytes]) -> bytes:
        try:
            async with asyncio.timeout(self._config.body_seconds):
                more, size = True, 0
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise _GoneError
                    part, more = message.get("body", b""), message.get("more_body", False)
                    size += len(part)
                    self._held_bytes += len(part)
                    held.append(part)
                    if size > self._config.max_body_bytes:
                        raise _RefusedError(
                            "size", 413, f"the body is larger than {self._config.max_body_bytes} bytes", _CLOSE
                        )
                    if self._held_bytes > self._config.max_held_bytes:
                        raise self._later("busy", "too much is under way")
        except TimeoutError:
            raise self._later("slow", f"the body took more than {self._config.body_seconds:g} s") from None
        return b"".join(held)

    async def _keep(self, frames: Sequence[Frame]) -> None:
        if not frames:
            return
        try:
            await self._spool.append(frames)
        except SpoolFullError as error:
            raise self._later("spool_full", error.message) from None
        self._counters.add("received.events", len(frames))
        self._counters.add("received_bytes.events", sum(len(frame.body) for frame in frames))

    def _later(self, why: str, message: str) -> "_RefusedError":
        delay = str(math.ceil(self._config.retry_seconds)).encode()
        return _RefusedError(why, 503, message, (b"retry-after", delay), _CLOSE)


_Header: TypeAlias = tuple[bytes, bytes]
_CLOSE: Final[_Header] = (b"connection", b"close")
"""For answers given before all of the body was read."""


class _Answer(NamedTuple):
    status: int
    document: Mapping[str, str | int]
    headers: Sequence[_Header] = ()


class _RefusedError(Exception):
    """A request is not taken; its sender is told why."""

    def __init__(self, why: str, status: int, message: str, *headers: _Header) -> None:
        super().__init__(message)
        self.why = why
        self.answer = _Answer(status, {"message": message}, headers)


class _GoneError(Exception):
    """The sender left before its request was whole."""


def _bearer(authorization: str) -> str:
    """Return the header; of Basic, which is all that the address of an SNS subscription can hold, the password."""
    scheme, _, given = authorization.partition(" ")
    if scheme.lower() != "basic":
        return authorization
    try:
        _, _, password = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return f"Bearer {password}"
