"""An ASGI application for senders that are slow, half-open or hostile."""

import ssl
from collections.abc import Callable
from functools import partial
from typing import Final

from taskscope.serving.asgi import AsgiApp, AsgiServer
from taskscope.serving.connection import BoundedConnection, Limits

_LIMITS: Final = Limits()


def _nothing(_why: str) -> None:
    """Tell nobody."""


class Server(AsgiServer):
    """Serves an application whose connections are bounded, in time and in bytes beside the body."""

    def __init__(
        self,
        app: AsgiApp,
        limits: Limits = _LIMITS,
        refused: Callable[[str], None] = _nothing,
        *,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """``refused(why)`` is told of connections that end without an answer of the application."""
        super().__init__(
            app,
            protocol=partial(BoundedConnection, limits, refused),
            idle_seconds=limits.idle_seconds,
            grace_seconds=limits.grace_seconds,
            tls=tls,
        )

    async def stop(self) -> None:
        """Close the sockets, finish open answers within the grace period, then disconnect."""
        await super().stop()
        for each in self.connections:
            each.transport.abort()
