"""Debian's Prometheus as a process of its own, for tests."""

import json
import re
import shutil
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, TypeAlias

import pytest

_LISTENS = re.compile(r'msg="Listening on" address=(\S+)')

Sample: TypeAlias = tuple[Mapping[str, str], float]


class Prometheus:
    """A running Prometheus; its log is read as it comes."""

    def __init__(self, config: Path, data: Path) -> None:
        if (program := shutil.which("prometheus")) is None:
            pytest.skip("prometheus is not installed: nothing scrapes what was discovered (Debian package prometheus)")
        self.process = subprocess.Popen(
            [
                program, f"--config.file={config}", f"--storage.tsdb.path={data}", "--web.listen-address=127.0.0.1:0",
            ],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.log: list[str] = []
        self._address = ""
        self._listens = threading.Event()
        self._reader = threading.Thread(target=self._read, args=[self.process.stderr])
        self._reader.start()

    def _read(self, stderr: IO[str]) -> None:
        for line in stderr:
            self.log.append(line)
            if found := _LISTENS.search(line):
                self._address = found[1]
                self._listens.set()
        self._listens.set()

    def get(self, path: str, **query: str) -> Any:
        """Return the data of an answer of the HTTP API; a refusal is raised."""
        assert self._listens.wait(20), self.log
        url = f"http://{self._address}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]

    def query(self, expression: str) -> list[Sample]:
        """Return the samples of an expression at this moment."""
        found = self.get("query", query=expression)["result"]
        return [(each["metric"], float(each["value"][1])) for each in found]

    def targets(self) -> dict[str, Mapping[str, Any]]:
        """Return the active targets, by family of their tasks."""
        return {each["labels"]["family"]: each for each in self.get("targets", state="active")["activeTargets"]}

    def end(self) -> None:
        """Kill it, and read its log to the end."""
        self.process.kill()
        self.process.wait(20)
        self._reader.join()
        if self.process.stderr:
            self.process.stderr.close()


@contextmanager
def prometheus(config: Path, data: Path) -> Iterator[Prometheus]:
    """Run one until the block ends."""
    started = Prometheus(config, data)
    try:
        yield started
    finally:
        started.end()


def eventually(holds: Callable[[], bool], *, what: str, seconds: float = 40) -> None:
    """Wait until something holds; what fails on the way, such as a server that starts, is tried again."""
    deadline = time.monotonic() + seconds
    problem = ""
    while time.monotonic() < deadline:
        try:
            if holds():
                return
        except OSError as error:
            problem = str(error)
        time.sleep(0.1)
    pytest.fail(f"{what}: not within {seconds} s {problem}")
