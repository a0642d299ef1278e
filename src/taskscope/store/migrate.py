"""The schema has a version; this makes what is missing, and refuses what it does not know."""

from typing import Final

from taskscope.errors import TaskscopeError
from taskscope.store.cluster import Cluster
from taskscope.store.engine import Store
from taskscope.store.statements import schema

_RECORD: Final = """CREATE TABLE IF NOT EXISTS `{database}`.schema_migrations
(Version UInt32, Name String, AppliedAt DateTime('UTC') DEFAULT now())
ENGINE = ReplacingMergeTree(AppliedAt) ORDER BY Version"""


def migrate(store: Store, cluster: Cluster | None = None) -> list[str]:
    """
    Make or renew the schema; return the names of what was done, empty if it was up to date.

    Each statement changes nothing if it has run before, and is recorded after it has run: a migration that was
    interrupted goes on where it stopped. On a cluster each machine remembers what was run through it.

    Raises:
        TaskscopeError: The schema is newer than this program, or the engine refuses a statement.
    """
    variants = cluster.variants if cluster else lambda statement: [statement]
    for database in (store.database, store.writers):
        for statement in variants(f"CREATE DATABASE IF NOT EXISTS `{database}`"):
            store.execute(statement)
    store.execute(_RECORD.format(database=store.database))
    done = check_version(store)
    names = []
    for version, migration in enumerate(schema(), 1):
        if version > done:
            for statement in variants(migration.render(database=store.database, writers=store.writers)):
                store.execute(statement)
            _record(store, version, migration.name)
            names.append(migration.name)
    return names


def check_version(store: Store) -> int:
    """
    Return the version of the schema, 0 if there is none.

    Raises:
        TaskscopeError: It is newer than this program.
    """
    known = len(schema())
    found = schema_version(store)
    if found > known:
        raise TaskscopeError(
            f"the store {store.dsn} has schema version {found}, and this Taskscope knows versions up to {known}",
            hint="use the Taskscope that made it, or name another store with --store",
        )
    return found


def schema_version(store: Store) -> int:
    """Return the version that is recorded in the store; 0 if none is."""
    there = store.query(
        "SELECT count() FROM system.tables WHERE database = {d:String} AND name = 'schema_migrations'",
        {"d": store.database},
    )
    if not there.rows[0][0]:
        return 0
    [[version]] = store.query("SELECT max(Version) FROM schema_migrations").rows
    return int(version)


def _record(store: Store, version: int, name: str) -> None:
    values = f"({version}, '{name}')"
    store.execute(f"INSERT INTO `{store.database}`.schema_migrations (Version, Name) VALUES {values}")  # noqa: S608 (our own names)
