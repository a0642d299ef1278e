"""The owner of the store: opens it, delivers into it, keeps retention, and answers for it over HTTP."""

import asyncio
import logging
from functools import partial
from typing import Final

from taskscope.app.api.server import ApiServer
from taskscope.app.delivery.heard import write_down
from taskscope.app.delivery.known_tasks import teach
from taskscope.app.processes.announce import url_of
from taskscope.app.processes.context import Context
from taskscope.app.roles.consumers import ConsumersRole
from taskscope.app.settings.retention import parse_retention
from taskscope.app.store.admin import OpenedStoreAdmin
from taskscope.app.store.opening import OpenedStore
from taskscope.app.store.upkeep import Upkeep
from taskscope.errors import TaskscopeError
from taskscope.pipeline.enrich import TaskAddresses
from taskscope.sinks.store import StoreSink
from taskscope.store.engine import Store

_HEARD: Final = "what need not be asked of AWS"

_log = logging.getLogger(__name__)


class StoreRole:
    """The consumers with a store among them, its upkeep, and its API."""

    def __init__(self, context: Context) -> None:
        settings = context.server
        self._addresses = TaskAddresses()
        self._store = OpenedStore(settings.dsn, url=_url(context), opened=self._teach)
        self._consumers = ConsumersRole(context, store=StoreSink(self._store), addresses=self._addresses)
        self._api = ApiServer(self._store, OpenedStoreAdmin(self._store.get, context.folders), context)
        self._upkeep = Upkeep(
            self._store.get,
            parse_retention(settings.retention),
            counters=context.counters,
            backlog_bytes=self._consumers.backlog_bytes,
            max_bytes=settings.max_disk_bytes,
            others={_HEARD: partial(write_down, path=context.folders.heard)} if settings.watch else {},
        )

    async def start(self) -> None:
        """Answer when the store is open, or known to be away."""
        await asyncio.to_thread(self._store.try_open)
        await self._consumers.start()
        await self._upkeep.start()
        await self._api.start()

    async def stop(self) -> None:
        """Answer no more, deliver what is there, close the store."""
        await asyncio.to_thread(self._store.cancel_reads)
        await self._api.stop()
        await self._upkeep.stop()
        await self._consumers.stop()
        await asyncio.to_thread(self._store.close)

    def _teach(self, store: Store) -> None:
        try:
            teach(store, self._addresses)
        except TaskscopeError as error:
            _log.warning("senders are not labelled with their task until it changes: %s", error)


def _url(context: Context) -> str:
    sockets = context.sockets("api")
    try:
        return next((url_of(each.getsockname()[:2], tls=bool(context.server.tls_cert)) for each in sockets), "")
    finally:
        for each in sockets:
            each.close()
