"""Faults of the collector for minutes: many kills, a store that is away for a minute."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.store.server import ClickHouse, NoServerError, free_ports
from tests.e2e.collect.collector import Collector
from tests.e2e.collect.kills import kill_in_rounds
from tests.e2e.collect.load import SpanLoad

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]

AWAY_SECONDS = 60


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Collector]:
    """Give a running ``serve``."""
    with Collector(tmp_path, "--statsd-interval-seconds", "1") as running:
        yield running


def test_twenty_rounds_of_kills(serve: Collector) -> None:
    """Each process and the supervisor are killed twenty times under load: nothing acknowledged is lost or doubled."""
    kill_in_rounds(serve, 20)


def test_a_store_that_is_killed_and_away_for_a_minute(tmp_path: Path) -> None:
    """A ClickHouse server is killed under load and comes back a minute later: each acknowledged span is there once."""
    http, tcp = free_ports(2)
    server = ClickHouse(tmp_path / "server", ports=(http, tcp))
    try:
        server.__enter__()
    except NoServerError as error:
        pytest.skip(f"NO CLICKHOUSE SERVER: {error}")
    try:
        with Collector(tmp_path / "collector", "--store", server.dsn) as running:
            load = SpanLoad(running, "outage", pause=0.01)
            with load.running() as promises:
                time.sleep(3)
                server.kill()
                time.sleep(AWAY_SECONDS)
                assert running.health()["status"] == "degraded"
                server.__enter__()
                time.sleep(3)
            sys.stderr.write(f"{promises}\n")
            assert not promises.refused
            promises.check(running, "outage", seconds=90)
            running.until(lambda: running.health()["status"] == "ok", seconds=30)
    finally:
        server.kill()
