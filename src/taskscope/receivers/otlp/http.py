"""OTLP over HTTP: an ASGI application that keeps bodies as they come and answers when they are durable."""

import asyncio
import math
import socket
import ssl
from collections.abc import Sequence
from typing import Final, NamedTuple

from taskscope.clock import Clock, system_clock
from taskscope.config.access import Token
from taskscope.counters import Counters
from taskscope.receivers.otlp import bounds
from taskscope.receivers.otlp.config import OtlpConfig
from taskscope.receivers.otlp.cors import Cors, HeaderList
from taskscope.receivers.otlp.in_flight import Holding, InFlight
from taskscope.receivers.otlp.keep import keep
from taskscope.receivers.otlp.refusal import METHOD, SIZE, SLOW, TOKEN, RefusedError, Status
from taskscope.receivers.otlp.request import JSON, PROTOBUF, Headers, head_of, headers_of, kinds_at, media_type
from taskscope.serving.asgi import Receive, Scope, Send
from taskscope.serving.connection import Limits
from taskscope.serving.server import Server
from taskscope.spool.api import Appender
from taskscope.spool.frame import Frame

_NAME: Final = "otlp_http"
_EMPTY: Final = {PROTOBUF: b"", JSON: b"{}"}
"""ExportTraceServiceResponse and its siblings with nothing in them: everything was taken."""
_EXTRA: Final[dict[str, HeaderList]] = {
    "method": [(b"allow", b"POST, OPTIONS")],
    "token": [(b"www-authenticate", b"Bearer")],
    "encoding": [(b"accept-encoding", b"gzip, zstd, identity")],
    "slow": [(b"connection", b"close")],
}
"""Headers that a refusal carries beside its status, by its name."""


class _Answer(NamedTuple):
    status: int
    headers: HeaderList
    body: bytes


class _GoneError(Exception):
    """The sender went away before its request was whole."""


class OtlpHttp:
    """Receives OTLP requests of HTTP senders: ``POST /v1/traces``, ``/v1/metrics`` and ``/v1/logs``."""

    def __init__(
        self,
        config: OtlpConfig,
        spool: Appender,
        counters: Counters,
        *,
        token: Token | None = None,
        tls: ssl.SSLContext | None = None,
        clock: Clock = system_clock,
        in_flight: InFlight | None = None,
    ) -> None:
        """``in_flight`` is what other receivers of this process share, so that its bounds hold for all of them."""
        self._config = config
        self._spool = spool
        self._counters = counters
        self._token = token or Token()
        self._clock = clock
        self._cors = Cors(config.allowed_origins)
        self._in_flight = in_flight or InFlight(max_requests=config.max_requests, max_bytes=config.max_held_bytes)
        limits = Limits(config.max_connections, config.head_seconds, config.idle_seconds, config.grace_seconds)
        self._server = Server(self, limits, self._refused, tls=tls)

    async def start(self, sockets: Sequence[socket.socket]) -> None:
        """Receive on listening sockets, which are closed by ``stop``."""
        await self._server.start(sockets)

    async def stop(self) -> None:
        """Take no more, answer what is under way within the grace period; twice is as good as once."""
        await self._server.stop()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = headers_of(scope["headers"])
        try:
            answer = await self._answer(scope, headers, receive)
        except RefusedError as refused:
            answer = self._refusal(refused, media_type(headers))
        except _GoneError:
            self._refused("gone")
            return
        length = [(b"content-length", str(len(answer.body)).encode())] if answer.status != 204 else []  # noqa: PLR2004
        all_headers = [*answer.headers, *length, *self._cors.headers(headers)]
        await send({"type": "http.response.start", "status": answer.status, "headers": all_headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, scope: Scope, headers: Headers, receive: Receive) -> _Answer:
        kinds = kinds_at(scope["path"])
        if scope["method"] != "POST":
            preflight = self._cors.preflight(scope["method"], headers)
            if preflight is None:
                raise RefusedError(METHOD, f"the method must be POST, not {scope['method']}")
            return _Answer(204, preflight, b"")
        if not self._token.admits(headers.get(b"authorization", b"").decode("latin-1")):
            raise RefusedError(TOKEN, "a token is needed: Authorization: Bearer TOKEN")
        head = head_of(kinds, headers, self._config.max_body_bytes)
        with self._in_flight.request() as holding:
            body = await self._read(receive, holding)
            if await bounds.check(body, head.encoding, self._config.max_decompressed_bytes):
                sender = scope["client"][0] if scope["client"] else ""
                frame = Frame(head.kind, self._clock(), body, head.encoding, sender)
                await keep(self._spool, self._counters, _NAME, frame)
        media = media_type(headers)
        return _Answer(200, [(b"content-type", media)], _EMPTY[media])

    async def _read(self, receive: Receive, holding: Holding) -> bytes:
        parts = []
        try:
            async with asyncio.timeout(self._config.body_seconds):
                more = True
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise _GoneError
                    holding.add(len(message["body"]))
                    if holding.held_bytes > self._config.max_body_bytes:
                        raise RefusedError(SIZE, f"the body is larger than {self._config.max_body_bytes} bytes")
                    parts.append(message["body"])
                    more = message["more_body"]
        except TimeoutError:
            seconds = self._config.body_seconds
            raise RefusedError(SLOW, f"the body did not arrive within {seconds:g} seconds") from None
        return b"".join(parts)

    def _refusal(self, refused: RefusedError, media: bytes) -> _Answer:
        self._refused(refused.reason.name)
        status = Status(refused.reason.grpc, refused.message)
        headers = list(_EXTRA.get(refused.reason.name, []))
        if refused.reason.retry:
            headers.append((b"retry-after", str(math.ceil(self._config.retry_seconds)).encode()))
        if media == PROTOBUF:
            return _Answer(refused.reason.http, [*headers, (b"content-type", PROTOBUF)], status.protobuf())
        return _Answer(refused.reason.http, [*headers, (b"content-type", JSON)], status.json())

    def _refused(self, why: str) -> None:
        self._counters.add(f"refused.{_NAME}.{why}")
