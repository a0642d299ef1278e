"""The REST API of a store that a command opens itself: on loopback, for this command alone, as long as it runs."""

import asyncio
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from taskscope.api.app import make_app
from taskscope.api.guard import Guard
from taskscope.api.parts import Parts
from taskscope.api.workers import Workers
from taskscope.api.xray.sampling import Sampling
from taskscope.api.xray.state import XrayState
from taskscope.app.api.collector_status import CollectorStatus
from taskscope.app.processes.folders import Folders
from taskscope.app.settings.config import ServerConfig
from taskscope.app.store.admin import OpenedStoreAdmin
from taskscope.app.store.importing import Importer
from taskscope.app.store.local import open_local_store
from taskscope.client.rest import Rest
from taskscope.clock import system_clock
from taskscope.config.access import Token
from taskscope.errors import TaskscopeError, UnavailableError
from taskscope.receivers.xray.answers import OwnAnswers
from taskscope.receivers.xray.rules import RuleStore
from taskscope.receivers.xray.sampling import Sampler
from taskscope.serving.asgi import AsgiServer
from taskscope.sinks.store import StoreSink
from taskscope.sockets import listen_tcp
from taskscope.store.engine import Store
from taskscope.store.migrate import check_version, migrate
from taskscope.store.statements import schema

_LOOPBACK = "127.0.0.1"
_START_SECONDS = 30.0


@contextmanager
def serve_local(config: ServerConfig, *, makes: bool = False) -> Iterator[Rest]:
    """
    Open the store of the settings and answer for it; only who knows a secret of this process is answered.

    ``makes`` a store where there is none. The tables of an embedded one that are of an older Taskscope are renewed.

    Raises:
        NotFoundError: There is no store.
        UnavailableError: Another process has it open, or its server does not answer.
        TaskscopeError: A server's tables are of another version.
    """
    with open_local_store(config, makes=makes) as store:
        _renew(store, makes=makes)
        token = secrets.token_urlsafe()
        listening = listen_tcp(_LOOPBACK, 0, flag="")
        loop = asyncio.new_event_loop()
        server = AsgiServer(make_app(_parts(store, Folders(config.folder), token)))
        thread = threading.Thread(target=loop.run_forever, name="local-api", daemon=True)
        thread.start()
        try:
            asyncio.run_coroutine_threadsafe(server.start([listening]), loop).result(_START_SECONDS)
            yield Rest(f"http://{_LOOPBACK}:{listening.getsockname()[1]}", token)
        finally:
            asyncio.run_coroutine_threadsafe(server.stop(), loop).result(_START_SECONDS)
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()


def _renew(store: Store, *, makes: bool) -> None:
    if not makes and check_version(store) == len(schema()):
        return
    if not makes and not store.dsn.embedded:
        raise TaskscopeError(
            f"the tables of {store.dsn} are of an older Taskscope", hint="`taskscope store migrate` renews them"
        )
    migrate(store)


def _parts(store: Store, folders: Folders, token: str) -> Parts:
    rules = RuleStore(folders.sampling_rules, [])
    return Parts(
        reader=store,
        admin=OpenedStoreAdmin(lambda: store, folders),
        readers=Guard(Token(token), whose="read"),
        senders=Guard(Token(token), whose="write"),
        workers=Workers(2, "local-api"),
        status=CollectorStatus(lambda: store, folders),
        settings=(),
        sampling=Sampling(OwnAnswers(Sampler(rules)), rules),
        xray=XrayState(folders.xray_state),
        keep_documents=_keep_nothing,
        importer=Importer(store, StoreSink(store)),
        clock=system_clock,
    )


async def _keep_nothing(_documents: Sequence[str], _sender: str) -> None:
    raise UnavailableError("no server runs that could take segments in", hint="`taskscope serve` starts one")
