"""`taskscope import` as a user runs it, and the server that it fills."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.e2e.collect.collector import Collector
from tests.e2e.conftest import clean_environment

Import: TypeAlias = Callable[..., subprocess.CompletedProcess[str]]
Begin: TypeAlias = Callable[..., "subprocess.Popen[str]"]

_SCRIPT = Path(sys.executable).parent / "taskscope"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Give the folder of notes."""
    return tmp_path / "cache" / "taskscope" / "imports"


@pytest.fixture(scope="session")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """Give the server that the tests fill: each with names of its own."""
    with Collector(tmp_path_factory.mktemp("target"), "--receivers", "xray") as server:
        yield server


@pytest.fixture
def environment(target: Collector, tmp_path: Path) -> dict[str, str]:
    """Give what has a command find the server, and a cache of the test's own."""
    return {"TASKSCOPE_DATA_DIR": str(target.data), "XDG_CACHE_HOME": str(tmp_path / "cache")}


@pytest.fixture
def bring(environment: dict[str, str]) -> Import:
    """Give ``bring(*arguments, env=…, stdin=…)``: runs the command to its end."""

    def call(
        *arguments: str, env: Mapping[str, str] | None = None, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [_SCRIPT, "import", *arguments],
            env=clean_environment({**environment, **(env or {})}),
            input=stdin, capture_output=True, text=True, timeout=50, check=False,
        )  # fmt: skip

    return call


@pytest.fixture
def begin(environment: dict[str, str]) -> Begin:
    """Give ``begin(*arguments, env=…)``: starts the command."""

    def call(*arguments: str, env: Mapping[str, str] | None = None) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [_SCRIPT, "import", *arguments],
            env=clean_environment({**environment, **(env or {})}),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    return call


def notes(folder: Path) -> int:
    """Return how many lines were noted."""
    return sum(len(each.read_bytes().splitlines()) for each in folder.glob("*.jsonl")) if folder.is_dir() else 0


def until(condition: Callable[[], object], *, seconds: float = 40) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
