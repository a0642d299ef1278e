"""The store's contract, held against both engines: chDB in this process, and a ClickHouse server over HTTP."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from taskscope.store.engine import Store, open_store
from taskscope.store.migrate import migrate
from tests.contract.store.server import ClickHouse, NoServerError

_missing: Final[list[str]] = []
"""Why no server could be started; told at the end of the run."""


@pytest.fixture(scope="package")
def embedded_dsn(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give the one folder that this process can have open."""
    return f"chdb://{tmp_path_factory.mktemp('store')}"


@pytest.fixture(scope="package")
def server_dsn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give a server's address; without one the tests are skipped, and the run says so."""
    try:
        with ClickHouse(tmp_path_factory.mktemp("server")) as server:
            yield server.dsn
    except NoServerError as error:
        _missing.append(str(error))
        pytest.skip(f"NO CLICKHOUSE SERVER: {error}")


@pytest.fixture(scope="package", params=["chdb", "server"])
def dsn(request: pytest.FixtureRequest) -> str:
    """Give the address of each engine."""
    address: str = request.getfixturevalue("embedded_dsn" if request.param == "chdb" else "server_dsn")
    return address


@pytest.fixture(scope="module")
def store(dsn: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Give a store with the newest schema, empty, for the tests of a module: a database of its own."""
    before = Path.cwd()
    os.chdir(tmp_path_factory.mktemp("cwd"))  # where chDB leaves copies of OTLP's schema
    with open_store(dsn, database=request.module.__name__.rpartition(".")[2]) as opened:
        migrate(opened)
        yield opened
    os.chdir(before)


@pytest.fixture
def fresh(dsn: str, request: pytest.FixtureRequest) -> Iterator[Store]:
    """Give a store of the test's own."""
    with open_store(dsn, database=request.function.__name__) as opened:
        migrate(opened)
        yield opened


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly that half of the contract was not tried."""
    for reason in _missing[:1]:
        terminalreporter.write_line(
            f"THE STORE'S CONTRACT WAS NOT HELD AGAINST A CLICKHOUSE SERVER: {reason}", red=True
        )
