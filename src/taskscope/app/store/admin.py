"""What can be asked of the store, whether by the running server or by a command that opens it itself."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from taskscope.app.processes import receipt
from taskscope.app.processes.folders import Folders
from taskscope.app.settings.signals import signal_named
from taskscope.pipeline.quarantine import list_quarantined
from taskscope.spool.space import used_bytes
from taskscope.store.check import check
from taskscope.store.engine import Store
from taskscope.store.migrate import migrate, schema_version
from taskscope.store.retention import purge
from taskscope.store.stats import table_stats

_MOST_LISTED: Final = 1_000
"""Of the quarantine, the newest: there may be 30,000."""


class OpenedStoreAdmin:
    """``api.store.StoreAdmin`` over a store and the folder of its collector."""

    def __init__(self, store: Callable[[], Store], folders: Folders) -> None:
        """``store`` returns the open store, or raises why there is none."""
        self._store = store
        self._folders = folders

    def sql(
        self,
        statement: str,
        parameters: Mapping[str, Any],
        *,
        max_rows: int,
        timeout_seconds: float,
        max_memory_bytes: int,
    ) -> Mapping[str, Any]:
        """Run a statement that only reads."""
        result = self._store().query(
            statement,
            parameters,
            max_rows=max_rows,
            timeout_seconds=timeout_seconds,
            max_memory_bytes=max_memory_bytes,
        )
        return result._asdict()

    def stats(self) -> Mapping[str, Any]:
        """Tell what each table holds, and what waits in the spool."""
        store = self._store()
        lanes = self._folders.spool / "lanes"
        return {
            "store": str(store.dsn),
            "schema_version": schema_version(store),
            "tables": [each._asdict() for each in table_stats(store)],
            "spool_bytes": used_bytes(lanes) if lanes.is_dir() else 0,
        }

    def check(self) -> Mapping[str, Any]:
        """
        Look for what is wrong: ``problems``, a line each, and of the ``quarantine`` the newest bodies.

        ``quarantined`` tells how many there are.
        """
        quarantine = list(list_quarantined(self._folders.quarantine))
        return {
            "problems": [*check(self._store()), *self._damage()],
            "quarantined": len(quarantine),
            "quarantine": [asdict(each) for each in quarantine[-_MOST_LISTED:]],
        }

    def purge(self, signal: str, before_ns: int) -> Mapping[str, Any]:
        """Delete what happened before a time."""
        purge(self._store(), signal_named(signal), before=before_ns)
        return {"signal": signal, "before_ns": before_ns}

    def migrate(self) -> Sequence[str]:
        """Renew the schema; tell what was done."""
        return migrate(self._store())

    def _damage(self) -> Iterator[str]:
        """Tell of what was lost in the spool, in the present run or in the last one."""
        counters = receipt.total(self._folders.counters)
        if damaged := counters.get("damaged_bytes.spool"):
            yield f"{damaged} bytes of the spool were damaged, and passed by"
        if lost := counters.get("quarantine.full"):
            yield f"{lost} bodies that cannot be read found no room in {self._folders.quarantine}, and are lost"
