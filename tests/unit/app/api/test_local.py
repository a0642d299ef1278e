"""The API of a store that a command opens itself."""

from pathlib import Path

import pytest

from taskscope.app.api.local import serve_local
from taskscope.app.settings.config import ServerConfig
from taskscope.errors import NotFoundError
from taskscope.store.engine import open_store
from taskscope.store.migrate import migrate, schema_version
from taskscope.store.statements import schema


def test_tables_of_an_older_taskscope_are_renewed(tmp_path: Path) -> None:
    """A command that asks an embedded store after an update finds what it needs."""
    config, newest = ServerConfig(data_dir=str(tmp_path)), "ecs_clusters"
    before = [each.name for each in schema()].index(newest)
    with open_store(config.dsn) as store:
        migrate(store)
        store.execute(f"DROP TABLE {store.database}.{newest} SYNC")
        store.execute(
            f"ALTER TABLE {store.database}.schema_migrations DELETE WHERE Version > {before}", mutations_sync=1
        )
        assert schema_version(store) == before

    with serve_local(config) as rest:
        assert rest.get("/api/clusters") == {"clusters": [], "cursor": ""}

    with open_store(config.dsn) as store:
        assert schema_version(store) == len(schema())
        assert store.query(f"SELECT count() FROM {newest}").rows == [[0]]  # noqa: S608 (our own name)


def test_where_no_store_is_none_is_made_by_asking(tmp_path: Path) -> None:
    """The folder stays as it was."""
    with pytest.raises(NotFoundError, match="no server runs on"), serve_local(ServerConfig(data_dir=str(tmp_path))):
        pass

    assert list(tmp_path.iterdir()) == []
