"""The API's port: the store's routes, and where EventBridge messages are sent."""

import ipaddress
from typing import Final

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp

from taskscope.api.admin import StoreAdmin
from taskscope.api.local import LocalOnly
from taskscope.api.problems import HANDLERS
from taskscope.api.store import StoreApi
from taskscope.app.context import Context
from taskscope.app.tls import server_context
from taskscope.config.access import Token
from taskscope.receivers.events.config import EventsConfig
from taskscope.receivers.events.server import PATH as EVENTS_PATH
from taskscope.receivers.events.server import EventsReceiver
from taskscope.serving.connection import Limits
from taskscope.serving.server import Server

_LIMITS: Final = Limits(max_connections=256, grace_seconds=3.0)


class ApiServer:
    """One application on one port."""

    def __init__(self, admin: StoreAdmin, context: Context) -> None:
        events = EventsReceiver(
            context.receiver(EventsConfig, "events"),
            context.appender("events"),
            context.counters,
            token=context.write_token,
        )
        store = StoreApi(admin, read_token=Token(context.plan.read_token), write_token=context.write_token)
        app: ASGIApp = Starlette(routes=[Route(EVENTS_PATH, events), *store.routes], exception_handlers=dict(HANDLERS))
        self._sockets = context.sockets("api")
        if all(ipaddress.ip_address(each.getsockname()[0]).is_loopback for each in self._sockets):
            app = LocalOnly(app)
        self._server = Server(
            app,
            _LIMITS,
            lambda why: context.counters.add(f"refused.api.{why}"),
            tls=server_context(context.server),
        )

    async def start(self) -> None:
        """Answer requests."""
        await self._server.start(self._sockets)

    async def stop(self) -> None:
        """Answer what is under way, and no more."""
        await self._server.stop()
