"""The API's port: the store's routes, and where EventBridge messages are sent."""

from typing import Final

from starlette.applications import Starlette
from starlette.routing import Route

from taskscope.api.problems import known_error
from taskscope.api.store import StoreAdmin, store_routes
from taskscope.app.context import Context
from taskscope.app.tls import server_context
from taskscope.config.access import Token
from taskscope.errors import TaskscopeError
from taskscope.receivers.events.config import EventsConfig
from taskscope.receivers.events.server import PATH as EVENTS_PATH
from taskscope.receivers.events.server import EventsReceiver
from taskscope.serving.connection import Limits
from taskscope.serving.server import Server

_GRACE_SECONDS: Final = 3.0


class ApiServer:
    """One application on one port."""

    def __init__(self, admin: StoreAdmin, context: Context) -> None:
        events = EventsReceiver(
            context.plan.component(EventsConfig, "events"),
            context.appender("events"),
            context.counters,
            token=context.write_token,
        )
        routes = store_routes(admin, read_token=Token(context.plan.read_token), write_token=context.write_token)
        app = Starlette(routes=[Route(EVENTS_PATH, events), *routes], exception_handlers={TaskscopeError: known_error})
        self._sockets = context.sockets("api")
        self._server = Server(app, Limits(grace_seconds=_GRACE_SECONDS), tls=server_context(context.server))

    async def start(self) -> None:
        """Answer requests."""
        await self._server.start(self._sockets)

    async def stop(self) -> None:
        """Answer what is under way, and no more."""
        await self._server.stop()
