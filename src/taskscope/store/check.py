"""Whether a store is sound: its version, its tables, and its rollup against the spans that it was made of."""

from collections.abc import Sequence
from typing import Final

from taskscope.store.engine import Store
from taskscope.store.migrate import schema_version
from taskscope.store.statements import schema

_SAMPLE: Final = 20
"""Minutes that are counted again, the newest ones that are over."""

_COMPARED: Final = """WITH (
    SELECT groupArray(Minute) FROM (
        SELECT DISTINCT Minute FROM spans_by_minute
        WHERE Minute < toStartOfMinute(now()) - INTERVAL 1 MINUTE ORDER BY Minute DESC LIMIT {sample:UInt32})
) AS minutes
SELECT Minute, sum(spans), sum(calls)
FROM (
    SELECT toStartOfMinute(Timestamp) AS Minute, count() AS spans, 0 AS calls FROM spans
    WHERE has(minutes, toStartOfMinute(Timestamp)) GROUP BY Minute
    UNION ALL
    SELECT Minute, 0 AS spans, sum(Calls) AS calls FROM spans_by_minute WHERE has(minutes, Minute) GROUP BY Minute
)
GROUP BY Minute HAVING sum(spans) != sum(calls) ORDER BY Minute"""


def check(store: Store) -> Sequence[str]:
    """
    Return what is wrong with the store, a line each; empty if nothing is.

    Raises:
        TaskscopeError: The store does not answer.
    """
    version, known = schema_version(store), len(schema())
    if version != known:
        return [f"the schema has version {version}, this Taskscope makes {known}: run `taskscope store migrate`"]
    return [*_missing_tables(store), *_rollup_gaps(store)]


def _missing_tables(store: Store) -> list[str]:
    answer = store.query(
        "SELECT database, name FROM system.tables WHERE database IN ({database:String}, {writers:String})",
        {"database": store.database, "writers": store.writers},
    )
    there = {(database, name) for database, name in answer.rows}
    wanted = [
        (store.writers if statement.name.startswith("writers/") else store.database, statement.name.rpartition("/")[2])
        for statement in schema()
        if statement.creates
    ]
    return [f"the table {database}.{name} is missing" for database, name in wanted if (database, name) not in there]


def _rollup_gaps(store: Store) -> list[str]:
    """Compare the newest minutes; one that is still being written, or has lost rows to retention, differs rightly."""
    answer = store.query(_COMPARED, {"sample": _SAMPLE})
    return [
        f"{minute} UTC has {spans} spans, and its rollup says {calls}; an interrupted batch is sent again at start"
        for minute, spans, calls in answer.rows
    ]
