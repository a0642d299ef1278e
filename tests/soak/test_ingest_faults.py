"""Faults of the collector for minutes: many kills, a store that is away for a minute."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.collect.collector import Collector
from tests.e2e.collect.kills import kill_in_rounds

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Collector]:
    """Give a running ``serve``."""
    with Collector(tmp_path) as running:
        yield running


def test_twenty_rounds_of_kills(serve: Collector) -> None:
    """Each process and the supervisor are killed twenty times under load: nothing acknowledged is lost or doubled."""
    kill_in_rounds(serve, 20)
