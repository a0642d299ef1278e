"""The contracts of the store: who reads asks by `Reader`, who writes gives columns or OTLP bodies to `Writer`."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # it has no types

MAX_ROWS: Final = 10_000
TIMEOUT_SECONDS: Final = 30.0
MAX_MEMORY_BYTES: Final = 2_000_000_000


class Result(NamedTuple):
    """
    Rows of a query, as JSON has them.

    64-bit integers are ints; times are texts in UTC with all nine digits; maps are dicts; NaN and infinities are None;
    ids (``FixedString(16)`` and ``(8)``) are lowercase hexadecimal digits.
    """

    columns: Sequence[str]
    types: Sequence[str]
    """ClickHouse's types of the columns."""
    rows: Sequence[Sequence[Any]]
    truncated: bool
    """True if there were more rows than were asked for."""


class Reader(Protocol):
    """Asks the store; may be called by several threads."""

    def query(
        self,
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        max_rows: int = MAX_ROWS,
        timeout_seconds: float = TIMEOUT_SECONDS,
        max_memory_bytes: int = MAX_MEMORY_BYTES,
    ) -> Result:
        """
        Run one statement that only reads, within bounds; ``{name:Type}`` in it stands for a parameter.

        It can neither write, nor change settings, nor read files or addresses.

        Raises:
            UsageError: The statement is none that reads, or the engine does not understand it.
            UnreachableError: Nothing answers at the store's address.
            TaskscopeError: It took too long or too much memory.
        """
        ...


class Writer(Protocol):
    """
    Puts rows into the store; may be called by several threads.

    An insert is named by its token: the same token again, for the same table, changes nothing. A token is never used
    for other rows, since the store would drop them and report success. After an error nothing of an insert counts as
    stored, but may be: sending it again with its token puts that right.
    """

    def insert_columns(self, table: str, columns: "pa.Table", *, token: str) -> None:
        """
        Put rows into a table of the store.

        Raises:
            MalformedPayloadError: A row does not fit; a retry cannot help.
            UnavailableError: Anything else; a retry may help.
        """
        ...

    def insert_otlp_spans(self, bodies: Sequence[bytes], *, token: str) -> None:
        """
        Put the spans of OTLP export requests (Protobuf, uncompressed) into ``spans``.

        Raises:
            MalformedPayloadError: A body does not read as a request; nothing of this insert is stored.
            UnavailableError: Anything else; a retry may help.
        """
        ...
