"""How much the store holds: rows, bytes, parts, and from when to when."""

from collections.abc import Sequence
from typing import NamedTuple

from taskscope.store.engine import Store
from taskscope.store.signals import TIMES


class TableStats(NamedTuple):
    """What one table holds."""

    table: str
    rows: int
    bytes_on_disk: int
    """Of the parts in use and of those that were replaced and are not yet deleted."""
    parts: int
    """In use."""
    oldest: str | None
    """Time of the oldest row, in UTC; None in an empty table."""
    newest: str | None


def table_stats(store: Store) -> Sequence[TableStats]:
    """
    Return what each table holds, of this server.

    Raises:
        TaskscopeError: The store does not answer.
    """
    sizes = store.query(
        "SELECT table, sumIf(rows, active), sum(bytes_on_disk), countIf(active) FROM system.parts "
        "WHERE database = {database:String} GROUP BY table",
        {"database": store.database},
    )
    held = {table.removesuffix("_local"): (rows, size, parts) for table, rows, size, parts in sizes.rows}
    spans = {table: store.query(_span_of(table, column)).rows[0] for table, column in TIMES.items() if table in held}
    return [
        TableStats(table, *held.get(table, (0, 0, 0)), *(spans[table] if held.get(table, (0,))[0] else (None, None)))
        for table in TIMES
    ]


def _span_of(table: str, column: str) -> str:
    return f"SELECT toString(min({column})), toString(max({column})) FROM {table}"  # noqa: S608 (our own names)
