"""The store of a running server, asked over REST."""

from collections.abc import Mapping, Sequence
from typing import Any

from taskscope.client.rest import Rest


class RemoteStore:
    """Each method is one request; errors are those of ``Rest``."""

    def __init__(self, rest: Rest) -> None:
        """Take a server."""
        self._rest = rest

    def sql(
        self,
        statement: str,
        parameters: Mapping[str, Any],
        *,
        max_rows: int,
        timeout_seconds: float,
        max_memory_bytes: int,
    ) -> Mapping[str, Any]:
        """Run a statement that only reads: ``columns``, ``types``, ``rows``, ``truncated``."""
        question = {
            "sql": statement,
            "parameters": parameters,
            "max_rows": max_rows,
            "timeout_seconds": timeout_seconds,
            "max_memory_bytes": max_memory_bytes,
        }
        answer: Mapping[str, Any] = self._rest.post("/api/store/sql", question)
        return answer

    def stats(self) -> Mapping[str, Any]:
        """Tell tables, rows, bytes and ages."""
        answer: Mapping[str, Any] = self._rest.get("/api/store/stats")
        return answer

    def check(self) -> Mapping[str, Any]:
        """Look for what is wrong."""
        answer: Mapping[str, Any] = self._rest.get("/api/store/check")
        return answer

    def purge(self, signal: str, before_ns: int) -> Mapping[str, Any]:
        """Delete what happened before a time."""
        answer: Mapping[str, Any] = self._rest.post("/api/store/purge", {"signal": signal, "before_ns": before_ns})
        return answer

    def migrate(self) -> Sequence[str]:
        """Renew the schema; tell what was done."""
        done: Sequence[str] = self._rest.post("/api/store/migrate", {})["done"]
        return done
