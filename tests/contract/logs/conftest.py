"""A store of chDB for the questions about log records: one folder for the package, a database for each module."""

import os
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import TypeAlias

import pytest

from taskscope.model.log import LogRecord
from taskscope.store.columns.tables import columns_of
from taskscope.store.engine import Store, open_store
from taskscope.store.migrate import migrate

Put: TypeAlias = Callable[[Sequence[LogRecord]], None]


@pytest.fixture(scope="package")
def dsn(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give the one folder that this process can have open."""
    return f"chdb://{tmp_path_factory.mktemp('store')}"


@pytest.fixture(scope="module")
def store(dsn: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Give a store with the newest schema, empty, for the tests of a module."""
    before = Path.cwd()
    os.chdir(tmp_path_factory.mktemp("cwd"))  # where chDB leaves copies of OTLP's schema
    with open_store(dsn, database=request.module.__name__.rpartition(".")[2]) as opened:
        migrate(opened)
        yield opened
    os.chdir(before)


@pytest.fixture
def empty(store: Store) -> Store:
    """Give the module's store without any rows."""
    for table in ("otel_logs", "spans", "spans_in_progress", "ecs_tasks", "ecs_service_events"):
        store.execute(f"TRUNCATE TABLE `{store.database}`.{table}")
    return store


_numbers = count()


@pytest.fixture
def put(empty: Store) -> Put:
    """Give ``put(records)``, which stores log records."""
    return lambda records: insert(empty, "otel_logs", records)


def insert(store: Store, table: str, rows: Sequence[object]) -> None:
    """Store rows."""
    store.insert_columns(table, columns_of(table, rows), token=f"test-{next(_numbers)}")  # type: ignore[arg-type]
