"""How long things stay: a time to live for each signal, a size that the store keeps under, and purging by hand."""

import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from taskscope.model.batch import Signal
from taskscope.store.cluster import Cluster
from taskscope.store.engine import Store
from taskscope.store.signals import TABLES, TIMES

_TTL: Final = re.compile(r"TTL IngestedAt \+ toIntervalSecond\((\d+)\)")

_SIZE: Final = """SELECT sum(bytes_on_disk) FROM system.parts
WHERE database = {database:String} AND table != 'schema_migrations'"""
_EXPIRY: Final = """SELECT table, partition_id, sum(bytes_on_disk), any(newest) = partition_id,
    if(max(delete_ttl_info_max) = 0, toDateTime('2106-01-01'), max(delete_ttl_info_max)) AS expires
FROM system.parts
JOIN (
    SELECT table, max(partition_id) AS newest FROM system.parts
    WHERE active AND database = {database:String} GROUP BY table
) AS newest_of USING table
WHERE database = {database:String} AND table != 'schema_migrations'
GROUP BY table, partition_id HAVING countIf(active) > 0
ORDER BY expires, partition_id, table"""
"""What expires never, comes last."""


def apply_retention(store: Store, seconds: Mapping[Signal, int], cluster: Cluster | None = None) -> Sequence[str]:
    """
    Let rows go so many seconds after they came in, so that an import of old rows stays; 0 keeps them for ever.

    Whole parts go, so a row may stay up to a day longer. Returns the tables whose time was another before, but for new
    ones, which are empty and had none; what is older than a shorter time goes at once.

    Raises:
        TaskscopeError: The store does not answer.
    """
    wanted = {table: seconds[signal] for signal in seconds for table in TABLES[signal]}
    present = _present(store)
    local = cluster.local_name if cluster else str
    on_cluster = cluster.on_cluster if cluster else ""
    changed = [table for table, time in wanted.items() if present.get(local(table), _NEW).seconds != time]
    for table in changed:
        name = f"`{store.database}`.`{local(table)}`{on_cluster}"
        time = wanted[table]
        change = f"MODIFY TTL IngestedAt + toIntervalSecond({time})" if time else "REMOVE TTL"
        store.execute(f"ALTER TABLE {name} {change}")
    return [table for table in changed if present.get(local(table), _NEW) != _NEW]


class _Present(NamedTuple):
    seconds: int
    has_rows: bool


_NEW: Final = _Present(0, has_rows=False)


def _present(store: Store) -> dict[str, _Present]:
    answer = store.query(
        "SELECT name, engine_full, total_rows > 0 FROM system.tables WHERE database = {database:String}",
        {"database": store.database},
    )
    return {
        name: _Present(int(found[1]) if (found := _TTL.search(engine)) else 0, bool(has_rows))
        for name, engine, has_rows in answer.rows
    }


class Partition(NamedTuple):
    """One day of one table (a month, for ECS tables)."""

    table: str
    partition: str
    bytes_on_disk: int


def enforce_size(store: Store, max_bytes: int) -> Sequence[Partition]:
    """
    Drop partitions until the store is at most this large, in the order in which they would expire; return them.

    Parts that were replaced count until they are deleted. The newest partition of each table stays, whatever its size.

    Raises:
        TaskscopeError: The store does not answer.
    """
    answer = store.query(_EXPIRY, {"database": store.database})
    [[total]] = store.query(_SIZE, {"database": store.database}).rows
    excess = total - max_bytes
    dropped = []
    for table, partition, size, newest, _ in answer.rows:
        if excess <= 0:
            break
        if not newest:
            store.execute(f"ALTER TABLE `{store.database}`.`{table}` DROP PARTITION ID '{partition}'")
            dropped.append(Partition(table, partition, size))
            excess -= size
    return dropped


def purge(store: Store, signal: Signal, *, before: int, cluster: Cluster | None = None) -> None:
    """
    Delete what happened before a moment, in nanoseconds since the epoch; returns when it is gone from all answers.

    The room on the disk comes back with later merges.

    Raises:
        TaskscopeError: The store does not answer.
    """
    local = cluster.local_name if cluster else str
    on_cluster = cluster.on_cluster if cluster else ""
    for table in TABLES[signal]:
        column = TIMES[table]
        where = f"{column} < fromUnixTimestamp64Nano(toInt64({before}), 'UTC')"
        store.execute(
            f"DELETE FROM `{store.database}`.`{local(table)}`{on_cluster} WHERE {where}",  # noqa: S608 (our own names)
            lightweight_deletes_sync=2,
        )
