"""The API's port: REST, the X-Ray and Jaeger APIs, and where EventBridge messages are sent."""

import ipaddress
import json
from collections.abc import Sequence
from typing import Final

from starlette.routing import Route
from starlette.types import ASGIApp

from taskscope.api.admin import StoreAdmin
from taskscope.api.app import make_app
from taskscope.api.guard import Guard
from taskscope.api.local import LocalOnly
from taskscope.api.parts import Parts
from taskscope.api.workers import Workers
from taskscope.api.xray.state import XrayState
from taskscope.app.api.collector_status import CollectorStatus
from taskscope.app.api.sampling_source import make_sampling
from taskscope.app.processes.context import Context
from taskscope.app.settings.tls import server_context
from taskscope.app.store.importing import Importer
from taskscope.app.store.opening import OpenedStore
from taskscope.clock import system_clock
from taskscope.config.access import Token
from taskscope.receivers.events.config import EventsConfig
from taskscope.receivers.events.server import PATH as EVENTS_PATH
from taskscope.receivers.events.server import EventsReceiver
from taskscope.serving.connection import Limits
from taskscope.serving.server import Server
from taskscope.sinks.store import StoreSink
from taskscope.spool.api import Appender
from taskscope.spool.frame import Frame, Kind

_LIMITS: Final = Limits(max_connections=256, grace_seconds=3.0)
_QUESTIONS: Final = 4
"""That run side by side; the rest waits."""


class ApiServer:
    """One application on one port."""

    def __init__(self, store: OpenedStore, admin: StoreAdmin, context: Context) -> None:
        self._sockets = context.sockets("api")
        parts = _parts(store, admin, context)
        self._tails = parts.tails
        app: ASGIApp = make_app(parts, beside=[_events(context)])
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
        self._tails.close()
        await self._server.stop()


def _parts(store: OpenedStore, admin: StoreAdmin, context: Context) -> Parts:
    return Parts(
        reader=store,
        admin=admin,
        readers=Guard(Token(context.plan.read_token), whose="read"),
        senders=Guard(context.write_token, whose="write"),
        workers=Workers(_QUESTIONS, "api"),
        status=CollectorStatus(store.get, context.folders),
        settings=context.plan.shown_settings,
        sampling=make_sampling(context),
        xray=XrayState(context.folders.xray_state),
        keep_documents=Documents(context.appender("api"), context).keep,
        importer=Importer(store, StoreSink(store)),
        counters=context.counters,
    )


class Documents:
    """Segment documents on their way into the spool."""

    def __init__(self, appender: Appender, context: Context) -> None:
        self._appender = appender
        self._counters = context.counters

    async def keep(self, documents: Sequence[str], sender: str) -> None:
        """
        Return when they are durable.

        Raises:
            SpoolFullError: Nothing was kept.
        """
        body = json.dumps(documents, separators=(",", ":")).encode()
        await self._appender.append([Frame(Kind.XRAY_DOCUMENTS, system_clock(), body, sender=sender)])
        self._counters.add("received.xray_api")
        self._counters.add("received_bytes.xray_api", len(body))


def _events(context: Context) -> Route:
    """Return where EventBridge sends: the receiver asks for its token itself."""
    receiver = EventsReceiver(
        context.receiver(EventsConfig, "events"),
        context.appender("events"),
        context.counters,
        token=context.write_token,
    )
    return Route(EVENTS_PATH, receiver)
