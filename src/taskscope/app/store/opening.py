"""The store, opened when it can be: what is received meanwhile waits in the spool."""

import logging
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from taskscope.errors import UnavailableError
from taskscope.store.api import MAX_MEMORY_BYTES, MAX_ROWS, TIMEOUT_SECONDS, Result
from taskscope.store.engine import Store, open_store
from taskscope.store.migrate import migrate
from taskscope.store.owner import Owner, clear_owner, write_owner

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # it has no types

_log = logging.getLogger(__name__)


class OpenedStore:
    """``Reader`` and ``Writer`` of a store that may not answer yet: each use tries to open it, until one succeeds."""

    def __init__(self, dsn: str, *, url: str = "", opened: Callable[[Store], None] = lambda _store: None) -> None:
        """Take the store's address, the URL at which this process answers for it, and whom to tell when it is open."""
        self._dsn = dsn
        self._opened = opened
        self._url = url
        self._lock = threading.Lock()
        self._store: Store | None = None
        self._closed = False

    def get(self) -> Store:
        """
        Return the open store, its schema made or renewed.

        Raises:
            UnavailableError: It does not answer; a later try may help. Or it has been closed.
            TaskscopeError: Its schema is newer than this program, or its address cannot be right.
        """
        with self._lock:
            if self._closed:
                raise UnavailableError("the store is being closed")
            if self._store is None:
                self._store = self._open()
            return self._store

    def _open(self) -> Store:
        store = open_store(self._dsn)
        try:
            if done := migrate(store):
                _log.info("the store's tables are made or renewed: %d statements", len(done))
            store.enter()
            if store.dsn.embedded:
                write_owner(Path(store.dsn.path), Owner(os.getpid(), self._url))
            self._opened(store)
        except BaseException:
            store.close()
            raise
        return store

    def query(
        self,
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        max_rows: int = MAX_ROWS,
        timeout_seconds: float = TIMEOUT_SECONDS,
        max_memory_bytes: int = MAX_MEMORY_BYTES,
    ) -> Result:
        """Ask the store, as ``Reader`` says."""
        return self.get().query(
            sql, parameters, max_rows=max_rows, timeout_seconds=timeout_seconds, max_memory_bytes=max_memory_bytes
        )

    def try_open(self) -> bool:
        """Open it if it answers, and say so if it does not."""
        try:
            self.get()
        except UnavailableError as error:
            _log.warning("the store is away, what is received waits in the spool: %s", error)
            return False
        return True

    def insert_columns(self, table: str, columns: "pa.Table", *, token: str) -> None:
        """Put rows into a table, as ``Writer`` says."""
        self.get().insert_columns(table, columns, token=token)

    def insert_otlp_spans(self, bodies: Sequence[bytes], *, token: str) -> None:
        """Put the spans of OTLP requests into the store, as ``Writer`` says."""
        self.get().insert_otlp_spans(bodies, token=token)

    def cancel_reads(self) -> None:
        """End the questions that the embedded engine works on: it closes after the last one, which may take minutes."""
        with self._lock:
            if self._store is not None and self._store.dsn.embedded:
                self._store.execute("KILL QUERY WHERE query_kind = 'Select' ASYNC")

    def close(self) -> None:
        """Close it for good, if it is open; safe to call twice."""
        self.cancel_reads()
        with self._lock:
            self._closed = True
            if self._store is not None:
                if self._store.dsn.embedded:
                    clear_owner(Path(self._store.dsn.path))
                self._store.close()
                self._store = None
