"""The owner of the store: opens it, delivers into it, keeps retention, and answers for it over HTTP."""

import asyncio

from taskscope.app.api_server import ApiServer
from taskscope.app.context import Context
from taskscope.app.open_store import OpenedStore
from taskscope.app.roles.consumers import ConsumersRole
from taskscope.app.store_admin import OpenedStoreAdmin
from taskscope.pipeline.enrich import TaskAddresses
from taskscope.sinks.store import StoreSink


class StoreRole:
    """The consumers with a store among them, its upkeep, and its API."""

    def __init__(self, context: Context) -> None:
        self._store = OpenedStore(context.server.dsn)
        self._addresses = TaskAddresses()
        self._consumers = ConsumersRole(context, store=StoreSink(self._store), addresses=self._addresses)
        self._api = ApiServer(OpenedStoreAdmin(self._store, context.folders), context)

    async def start(self) -> None:
        """Answer when the store is open, or known to be away."""
        await asyncio.to_thread(self._store.try_open)
        await self._consumers.start()
        await self._api.start()

    async def stop(self) -> None:
        """Answer no more, deliver what is there, close the store."""
        await self._api.stop()
        await self._consumers.stop()
        await asyncio.to_thread(self._store.close)
