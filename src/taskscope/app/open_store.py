"""The store, opened when it can be: what is received meanwhile waits in the spool."""

import logging
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from taskscope.errors import UnavailableError
from taskscope.store.engine import Store, open_store
from taskscope.store.migrate import migrate

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # it has no types

_log = logging.getLogger(__name__)


class OpenedStore:
    """A ``Writer`` to a store that may not answer yet: each use tries to open it, until one succeeds."""

    def __init__(self, dsn: str) -> None:
        """Take an address."""
        self._dsn = dsn
        self._lock = threading.Lock()
        self._store: Store | None = None

    def get(self) -> Store:
        """
        Return the open store, its schema made or renewed.

        Raises:
            UnavailableError: It does not answer; a later try may help.
            TaskscopeError: Its schema is newer than this program, or its address cannot be right.
        """
        with self._lock:
            if self._store is None:
                store = open_store(self._dsn)
                try:
                    if done := migrate(store):
                        _log.info("the store's tables are made or renewed: %d statements", len(done))
                except BaseException:
                    store.close()
                    raise
                store.enter()
                self._store = store
            return self._store

    def try_open(self) -> None:
        """Open it if it answers, and say so if it does not."""
        try:
            self.get()
        except UnavailableError as error:
            _log.warning("the store is away, what is received waits in the spool: %s", error)

    def insert_columns(self, table: str, columns: "pa.Table", *, token: str) -> None:
        """Put rows into a table, as ``Writer`` says."""
        self.get().insert_columns(table, columns, token=token)

    def insert_otlp_spans(self, bodies: Sequence[bytes], *, token: str) -> None:
        """Put the spans of OTLP requests into the store, as ``Writer`` says."""
        self.get().insert_otlp_spans(bodies, token=token)

    def close(self) -> None:
        """Close it, if it is open; safe to call twice."""
        with self._lock:
            if self._store is not None:
                self._store.close()
                self._store = None
