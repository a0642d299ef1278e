"""The shop of `examples/shop`, run once for all tests: a lab, its tasks, 40 orders, and all of their traces."""

import json
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from taskscope.lab.client.connection import Lab
from taskscope.lab.client.watch import until
from tests.e2e.conftest import clean_environment
from tests.e2e.lab_process import lab_up
from tests.e2e.shop.expected import ORDERS, SPANS

_RUN: Final = Path(__file__).parents[3] / "examples" / "shop" / "run.py"
_RUN_SECONDS: Final = 200
_ARRIVAL_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class Shop:
    """A lab in which the shop has had its orders."""

    environment: Mapping[str, str]
    """What `lab up` prints."""
    began: float
    launch: str
    """The type of its nodes that the X-Ray SDK does not name."""

    @property
    def url(self) -> str:
        """Where the lab is."""
        return self.environment["AWS_ENDPOINT_URL"]

    @property
    def xray(self) -> Any:
        """A client of the lab's X-Ray."""
        return Lab(self.url, "us-east-1").client("xray")

    @property
    def window(self) -> dict[str, float]:
        """All of its time, as X-Ray's operations take it."""
        return {"StartTime": self.began, "EndTime": time.time() + 1}

    def aws_xray(self, operation: str, *options: str) -> Any:
        """Ask the lab's X-Ray by the AWS command line."""
        return json.loads(self.call("aws", "xray", operation, "--endpoint-url", self.url, "--output", "json", *options))

    @property
    def times(self) -> list[str]:
        """All of its time, as the AWS command line takes it."""
        return ["--start-time", str(int(self.began)), "--end-time", str(int(time.time()) + 1)]

    def get(self, path: str, **query: object) -> Any:
        """Ask the lab's server."""
        url = f"{self.environment['TASKSCOPE_SERVER']}{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 (our own server)
            return json.load(answer)

    def call(self, program: str, *arguments: str) -> str:
        """Run a program of this installation as a user does, with what the lab exports; return what it prints."""
        done = subprocess.run(
            [Path(sys.executable).parent / program, *arguments],
            env=clean_environment(self.environment),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def trace_of(self, order: int) -> str:
        """Return the id of an order's trace in 32 digits."""
        [found] = self.get("/api/traces", q=f"annotation.order = {order}")["traces"]
        return str(found["trace_id"])


@pytest.fixture(scope="session")
def shop() -> Iterator[Shop]:
    """Give the shop when all of its traces are whole."""
    with lab_up("--port", "0") as up:
        environment = up.exports()
        shares = any("tasks share this machine's network" in line for line in up.err)
        began = time.time()
        done = subprocess.run(
            [sys.executable, _RUN, "--orders", str(ORDERS), *(["--bridge"] if shares else [])],
            env=clean_environment(environment),
            capture_output=True,
            text=True,
            timeout=_RUN_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found = Shop(environment, began, "AWS::ECS::EC2" if shares else "AWS::ECS::Fargate")
        _wait_for_spans(found)
        yield found
        assert up.end(signal.SIGTERM) == 0


def _wait_for_spans(shop: Shop) -> None:
    """Wait until each trace has all of its spans, none of them in progress."""
    seen: list[tuple[str, int]] = []

    def are_whole() -> bool:
        traces = shop.get("/api/traces", limit=100)["traces"]
        seen[:] = [(each["annotations"]["fate"][0], each["span_count"]) for each in traces if not each["is_partial"]]
        return len(seen) == ORDERS and all(SPANS[fate] == count for fate, count in seen)

    if not until(are_whole, at_most=_ARRIVAL_SECONDS):
        raise AssertionError(f"fates and spans of the traces seen: {sorted(seen)}")
