"""The `store` command and the collectors that it asks."""

import json
import subprocess
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.e2e.collect.collector import Collector
from tests.e2e.conftest import Run

Store: TypeAlias = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def store(run: Run) -> Store:
    """Give ``store(*arguments, data=FOLDER, env=…)``: calls `taskscope store` and returns what it printed."""

    def call(
        *arguments: str, data: Path | None = None, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        where = ["--data-dir", str(data)] if data else []
        return run("taskscope", "store", *arguments, *where, env=env)

    return call


def post(collector: Collector, port: str, path: str, body: bytes, kind: str = "application/json") -> None:
    """Send something that has to be taken."""
    url = f"http://127.0.0.1:{collector.ports[port]}{path}"
    with urllib.request.urlopen(urllib.request.Request(url, body, {"content-type": kind}), timeout=10) as answer:
        assert answer.status == 200


def logs(*texts: str) -> bytes:
    """Return log records as OTLP has them, with the time of now."""
    records = [{"body": {"stringValue": each}} for each in texts]
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]}
    return json.dumps({"resourceLogs": [{"resource": resource, "scopeLogs": [{"logRecords": records}]}]}).encode()
