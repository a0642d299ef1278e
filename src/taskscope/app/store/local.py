"""A store that a command opens itself, as no server runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from taskscope.app.processes.folders import Folders
from taskscope.app.settings.config import ServerConfig
from taskscope.app.store.admin import OpenedStoreAdmin
from taskscope.errors import NotFoundError, UsageError
from taskscope.store.dsn import Dsn
from taskscope.store.engine import Store, open_store
from taskscope.store.failures import code_of
from taskscope.store.migrate import check_version


@contextmanager
def open_local(config: ServerConfig, *, makes: bool = False) -> Iterator[OpenedStoreAdmin]:
    """Open the store of the settings, to tend it; raises as ``open_local_store``."""
    with open_local_store(config, makes=makes) as store:
        yield OpenedStoreAdmin(lambda: store, Folders(config.folder))


@contextmanager
def open_local_store(config: ServerConfig, *, makes: bool = False) -> Iterator[Store]:
    """
    Open the store of the settings.

    Not in the engine's read-only mode, in which a query's bounds cannot be set: each query is bounded and read-only.

    Raises:
        NotFoundError: There is none; ``makes`` makes it.
        UnavailableError: Another process has it open, or its server does not answer.
        TaskscopeError: Its schema is newer than this program.
    """
    address = Dsn.parse(config.dsn)
    if address.embedded and not makes and not Path(address.path).is_dir():
        raise NotFoundError(
            f"no server runs on {config.folder}, and there is no store in {address.path}",
            hint="`taskscope serve` makes one; is --data-dir right?",
        )
    with open_store(config.dsn) as store:
        if not makes and not _has_tables(store):
            raise NotFoundError(f"the store {store.dsn} has no tables", hint="`taskscope store migrate` makes them")
        yield store


def _has_tables(store: Store) -> bool:
    try:
        return check_version(store) > 0
    except UsageError as error:
        if isinstance(error.__cause__, Exception) and code_of(error.__cause__) == _NO_DATABASE:
            return False
        raise


_NO_DATABASE: Final = 81
