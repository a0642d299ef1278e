"""Fluent forward."""

from taskscope.app.processes.context import Context
from taskscope.app.settings.tls import server_context
from taskscope.receivers.fluent.config import FluentConfig
from taskscope.receivers.fluent.server import FluentReceiver


class FluentRole:
    """Receives Fluent's messages."""

    def __init__(self, context: Context) -> None:
        self._sockets = context.sockets("fluent")
        self._receiver = FluentReceiver(
            context.receiver(FluentConfig, "fluent"),
            context.appender("fluent"),
            context.counters,
            allow=context.allow,
            tls=server_context(context.server),
        )

    async def start(self) -> None:
        """Take connections."""
        await self._receiver.start(self._sockets)

    async def stop(self) -> None:
        """Acknowledge what came."""
        await self._receiver.stop()
