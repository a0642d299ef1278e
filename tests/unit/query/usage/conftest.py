"""A store for the tests of usage: one folder for all of them, a database for each module."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from taskscope.store.engine import Store, open_store
from taskscope.store.migrate import migrate


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the one folder that a process can have open."""
    return tmp_path_factory.mktemp("usage")


@pytest.fixture(scope="module")
def store(folder: Path, request: pytest.FixtureRequest) -> Iterator[Store]:
    """Give a store with the newest schema, empty."""
    with open_store(f"chdb://{folder}", database=request.module.__name__.rpartition(".")[2]) as opened:
        migrate(opened)
        yield opened
