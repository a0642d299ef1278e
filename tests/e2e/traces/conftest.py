"""A server with the orders of a shop, and the commands that ask it."""

import subprocess
from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

import pytest

from tests.e2e.collect.collector import Collector
from tests.e2e.conftest import Run
from tests.e2e.store.conftest import post
from tests.e2e.traces.shop import ORDERS, log_of, now, send

Ask: TypeAlias = Callable[..., subprocess.CompletedProcess[str]]


class Shop(NamedTuple):
    """What was sent, and where it is kept."""

    server: Collector
    began: float


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Give a server that has the orders."""
    with Collector(tmp_path_factory.mktemp("orders"), "--receivers", "xray,otlp") as server:
        shop = Shop(server, now())
        send(server.ports["xray"], shop.began)
        post(server, "http", "/v1/logs", log_of(3, shop.began))
        server.until_sql("SELECT count() FROM spans", [[ORDERS * 4]])
        server.until_sql("SELECT count() FROM otel_logs", [[1]])
        yield shop


@pytest.fixture
def ask(run: Run, kept: Shop) -> Ask:
    """Give ``ask(COMMAND, …)``: runs it against the server's data directory."""

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        return run("taskscope", *arguments, "--data-dir", str(kept.server.data))

    return call
