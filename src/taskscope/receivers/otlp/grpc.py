"""
OTLP over gRPC: the three Export methods as raw bytes, kept as they come and answered when they are durable.

The one module that loads grpc. gRPC decompresses (and bounds what comes out), so frames of it are not compressed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Final, TypeAlias
from urllib.parse import unquote

import grpc  # type: ignore[import-untyped] # grpcio ships no types
import grpc.aio  # type: ignore[import-untyped] # as above

from taskscope.clock import SECOND, Clock, system_clock
from taskscope.config.access import Token
from taskscope.counters import Counters
from taskscope.errors import UsageError
from taskscope.receivers.otlp.config import OtlpConfig
from taskscope.receivers.otlp.in_flight import InFlight
from taskscope.receivers.otlp.keep import keep
from taskscope.receivers.otlp.refusal import FRAMING, SLOW, TOKEN, RefusedError, Status, retry_info
from taskscope.spool.api import Appender
from taskscope.spool.frame import Frame, Kind

_NAME: Final = "otlp_grpc"
_SERVICES: Final = {
    "opentelemetry.proto.collector.trace.v1.TraceService": Kind.OTLP_TRACES_PROTOBUF,
    "opentelemetry.proto.collector.metrics.v1.MetricsService": Kind.OTLP_METRICS_PROTOBUF,
    "opentelemetry.proto.collector.logs.v1.LogsService": Kind.OTLP_LOGS_PROTOBUF,
}
_CODES: Final = {code.value[0]: code for code in grpc.StatusCode}
_KEEPALIVE: Final = (
    ("grpc.keepalive_time_ms", 60_000),  # a sender that is silent so long is asked whether it is there
    ("grpc.keepalive_timeout_ms", 20_000),  # and disconnected if it does not say so
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
    ("grpc.http2.max_ping_strikes", 2),
)

_Context: TypeAlias = "grpc.aio.ServicerContext"
_Export: TypeAlias = Callable[[object, _Context], Awaitable[bytes]]


class OtlpGrpc:
    """Receives OTLP requests of gRPC senders."""

    def __init__(
        self,
        config: OtlpConfig,
        spool: Appender,
        counters: Counters,
        *,
        token: Token | None = None,
        tls: tuple[bytes, bytes] | None = None,
        clock: Clock = system_clock,
        in_flight: InFlight | None = None,
    ) -> None:
        """
        ``tls`` is key and certificate chain in PEM; ``in_flight`` is what other receivers of this process share, so
        that its bounds hold for all of them.
        """
        self._config = config
        self._spool = spool
        self._counters = counters
        self._token = token or Token()
        self._tls = tls
        self._clock = clock
        self._in_flight = in_flight or InFlight(max_requests=config.max_requests, max_bytes=config.max_held_bytes)
        self._server: grpc.aio.Server | None = None

    async def start(self, host: str, port: int, *, reuse_port: bool = False) -> int:
        """
        Receive on a port, which ``reuse_port`` shares with other processes; return it, as 0 takes a free one.

        Raises:
            UsageError: The port is in use, or this user may not have it, or key and certificate do not fit.
        """
        server = grpc.aio.server(options=self._options(reuse_port=reuse_port))
        server.add_generic_rpc_handlers(tuple(self._handlers()))
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        try:
            if self._tls is None:
                bound: int = server.add_insecure_port(address)
            else:
                bound = server.add_secure_port(address, grpc.ssl_server_credentials([self._tls]))
        except RuntimeError as error:
            hint = "choose another with --otlp-grpc-port (0 takes a free one), or stop what holds it"
            raise UsageError(f"port {port} of {host} cannot be had: {error}", hint=hint) from None
        await server.start()
        self._server = server
        return bound

    async def stop(self) -> None:
        """Take no more, answer what is under way within the grace period; twice is as good as once."""
        if self._server is not None:
            await self._server.stop(self._config.grace_seconds)
            self._server = None

    def _options(self, *, reuse_port: bool) -> tuple[tuple[str, int], ...]:
        return (
            ("grpc.so_reuseport", int(reuse_port)),
            ("grpc.max_receive_message_length", self._config.max_decompressed_bytes),
            ("grpc.max_concurrent_streams", self._config.max_requests),
            ("grpc.server_handshake_timeout_ms", round(self._config.head_seconds * 1000)),
            *_KEEPALIVE,
        )

    def _handlers(self) -> Iterator[grpc.GenericRpcHandler]:
        # A handler of a stream, which on the wire is the same, is called before the message is read: who may not send
        # costs no memory, and a slow sender has a deadline. It takes the time of a unary handler (190 us, 4 kB).
        for service, kind in _SERVICES.items():
            method = grpc.stream_unary_rpc_method_handler(self._export(kind))
            yield grpc.method_handlers_generic_handler(service, {"Export": method})

    def _export(self, kind: Kind) -> _Export:
        async def export(_: object, context: _Context) -> bytes:
            try:
                await self._receive(kind, context)
            except RefusedError as refused:
                await self._refuse(refused, context)
            return b""

        return export

    async def _receive(self, kind: Kind, context: _Context) -> None:
        metadata = dict(context.invocation_metadata() or ())
        if not self._token.admits(str(metadata.get("authorization", ""))):
            raise RefusedError(TOKEN, "a token is needed: authorization: Bearer TOKEN")
        with self._in_flight.request() as holding:
            message = await self._read(context)
            holding.add(len(message))
            if message:
                await self._keep(Frame(kind, self._clock(), message, sender=_host(context.peer())))

    async def _keep(self, frame: Frame) -> None:
        """Keep a frame; a call that its client gives up meanwhile still counts for as long as the spool holds it."""
        keeping = asyncio.ensure_future(keep(self._spool, self._counters, _NAME, frame))
        try:
            await asyncio.shield(keeping)
        except asyncio.CancelledError:
            await asyncio.gather(keeping, return_exceptions=True)
            raise

    async def _read(self, context: _Context) -> bytes:
        try:
            async with asyncio.timeout(self._config.body_seconds):
                message = await context.read()
        except TimeoutError:
            seconds = self._config.body_seconds
            raise RefusedError(SLOW, f"the message did not arrive within {seconds:g} seconds") from None
        if not isinstance(message, bytes):  # grpc.aio.EOF
            raise RefusedError(
                FRAMING, f"no message came, or one larger than {self._config.max_decompressed_bytes} bytes"
            )
        return message

    async def _refuse(self, refused: RefusedError, context: _Context) -> None:
        self._counters.add(f"refused.{_NAME}.{refused.reason.name}")
        retry_ns = round(self._config.retry_seconds * SECOND) if refused.reason.retry else None
        trailer = [("grpc-status-details-bin", Status(refused.reason.grpc, refused.message, retry_ns).protobuf())]
        if retry_ns is not None:  # where the exporter of the SDK for Python looks, instead of in the details
            trailer.append(("google.rpc.retryinfo-bin", retry_info(retry_ns)))
        await context.abort(_CODES[refused.reason.grpc], refused.message, tuple(trailer))


def _host(peer: str) -> str:
    """Return the address in ``ipv4:10.0.0.7:41234`` or ``ipv6:%5B::1%5D:41234``; nothing for other sockets."""
    family, _, address = unquote(peer).partition(":")
    return address.rpartition(":")[0].strip("[]") if family in {"ipv4", "ipv6"} else ""
