"""The process of OTLP: HTTP and gRPC, one lane."""

import asyncio

from taskscope.app.processes.context import Context
from taskscope.app.settings.tls import certificate, server_context
from taskscope.receivers.otlp.config import OtlpConfig
from taskscope.receivers.otlp.http import OtlpHttp
from taskscope.receivers.otlp.in_flight import InFlight


class OtlpRole:
    """Receives OTLP; gRPC's library is loaded only where its port is asked for."""

    def __init__(self, context: Context) -> None:
        self._context = context
        config = context.receiver(OtlpConfig, "otlp")
        appender = context.appender("otlp")
        in_flight = InFlight(max_bytes=config.max_held_bytes, max_requests=config.max_requests)
        shared = (config, appender, context.counters)
        self._http = OtlpHttp(
            *shared, token=context.write_token, tls=server_context(context.server), in_flight=in_flight
        )
        self._address = context.plan.address.get("otlp-grpc")
        if self._address is not None:
            from taskscope.receivers.otlp.grpc import OtlpGrpc  # noqa: PLC0415 (20 MB that HTTP alone does not need)

            self._grpc = OtlpGrpc(
                *shared, token=context.write_token, tls=certificate(context.server), in_flight=in_flight
            )

    async def start(self) -> None:
        """Take requests on the inherited sockets, and on gRPC's port, which its library binds itself."""
        await self._http.start(self._context.sockets("otlp-http"))
        if self._address is not None:
            host, port = self._address
            await self._grpc.start(host, port, reuse_port=True)

    async def stop(self) -> None:
        """Finish what is under way."""
        if self._address is None:
            await self._http.stop()
        else:
            await asyncio.gather(self._http.stop(), self._grpc.stop())
