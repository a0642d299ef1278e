"""Collectors for tests: one that a whole package shares, and others for those that break theirs."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final, TypeAlias

import pytest

from tests.e2e.collect.collector import Collector

StartCollector: TypeAlias = Callable[..., Collector]

RULES = """
[[xray.rule]]
rule_name = "never-health"
priority = 1
fixed_rate = 0.0
reservoir_size = 0
url_path = "/health"

[[xray.rule]]
rule_name = "always"
priority = 2
fixed_rate = 1.0
reservoir_size = 0
"""

missing: Final[list[str]] = []
"""What could not be tried here; told at the end of the run."""


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """Give the ``serve`` that tests share: they use services of their own, and leave it as it was."""
    folder = tmp_path_factory.mktemp("server")
    (folder / "taskscope.toml").write_text(RULES)
    with Collector(folder, "--statsd-interval-seconds", "1", "--otlp-processes", "2") as running:
        yield running
    assert not running.left_in_spool


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[StartCollector]:
    """
    Give a factory ``collector(*options, command="serve") -> Collector`` of started ones; each ends with the test, by
    SIGTERM and with a receipt that adds up.
    """
    with ExitStack() as stack:
        count = iter(range(10))
        yield lambda *options, **more: stack.enter_context(
            Collector(tmp_path / f"collector-{next(count)}", *options, **more)
        )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what was not tried."""
    for reason in missing:
        terminalreporter.write_line(reason, red=True)
