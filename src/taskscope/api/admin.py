"""What can be asked of a store, near or far, and within which bounds."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

MAX_ROWS: Final = 100_000
MAX_SECONDS: Final = 120.0
MAX_MEMORY_BYTES: Final = 4_000_000_000


class StoreAdmin(Protocol):
    """What can be asked of a store; answers are JSON documents."""

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
        ...

    def stats(self) -> Mapping[str, Any]:
        """Tell tables, rows, bytes and ages."""
        ...

    def check(self) -> Mapping[str, Any]:
        """Look for what is wrong: ``problems``, and the ``quarantine``."""
        ...

    def purge(self, signal: str, before_ns: int) -> Mapping[str, Any]:
        """Delete what happened before a time."""
        ...

    def migrate(self) -> Sequence[str]:
        """Renew the schema; tell what was done."""
        ...
