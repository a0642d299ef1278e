"""What can be asked of the store, whether by the running server or by a command that opens it itself."""

from collections.abc import Mapping, Sequence
from typing import Any

from taskscope.app.folders import Folders
from taskscope.app.open_store import OpenedStore


class OpenedStoreAdmin:
    """``api.store.StoreAdmin`` over an open store and the folder of its collector."""

    def __init__(self, store: OpenedStore, folders: Folders) -> None:
        self._store = store
        self._folders = folders

    def sql(
        self, statement: str, parameters: Mapping[str, Any], *, max_rows: int, timeout_seconds: float
    ) -> Mapping[str, Any]:
        """Run a statement that only reads."""
        result = self._store.get().query(statement, parameters, max_rows=max_rows, timeout_seconds=timeout_seconds)
        return result._asdict()

    def stats(self) -> Mapping[str, Any]:
        return {}

    def check(self) -> Mapping[str, Any]:
        return {}

    def purge(self, signal: str, before_ns: int) -> Mapping[str, Any]:
        return {}

    def migrate(self) -> Sequence[str]:
        return []
