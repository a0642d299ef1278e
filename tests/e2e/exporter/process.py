"""``taskscope exporter`` and ``taskscope mock-metadata`` as processes of their own, for tests."""

import http.client
import json
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

from tests.e2e.conftest import clean_environment

TASKSCOPE = Path(sys.executable).parent / "taskscope"


class Got(NamedTuple):
    """An answer."""

    status: int
    body: str


class Process:
    """A running command; the lines of its log are read as they come."""

    def __init__(self, *arguments: str, env: Mapping[str, str] | None = None) -> None:
        given = {name: value for name, value in clean_environment({}).items() if not name.startswith("ECS_")}
        self.process = subprocess.Popen(
            [TASKSCOPE, *arguments],
            env={**given, "PYTHONWARNINGS": "error", **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.err: list[str] = []
        self._changed = threading.Condition()
        self._is_over = False
        self._reader = threading.Thread(target=self._read, args=[self.process.stderr])
        self._reader.start()

    def _read(self, stderr: IO[str]) -> None:
        for line in stderr:
            with self._changed:
                self.err.append(line.rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def line(self, message: str) -> dict[str, Any]:
        """Wait for a line of the log (JSON) with a message."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_over or self._find(message) is not None, 20)
            found = self._find(message)
        assert found is not None, self.err
        return found

    def _find(self, message: str) -> dict[str, Any] | None:
        lines = (json.loads(each) for each in self.err if each.startswith("{"))
        return next((each for each in lines if each["msg"] == message), None)

    @property
    def port(self) -> int:
        """Where the exporter listens."""
        return int(self.line("listening")["address"].rpartition(":")[2])

    def get(
        self, path: str = "/metrics", headers: Mapping[str, str] | None = None, *, tls: ssl.SSLContext | None = None
    ) -> Got:
        """Make a request."""
        plain = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        made = plain if tls is None else http.client.HTTPSConnection("localhost", self.port, timeout=20, context=tls)
        try:
            made.request("GET", path, headers=dict(headers or {}))
            answer = made.getresponse()
            return Got(answer.status, answer.read().decode())
        finally:
            made.close()

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal; return the exit code."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """Wait for the end; return the exit code."""
        code = self.process.wait(20)
        self._reader.join()
        return code


@contextmanager
def running(*arguments: str, env: Mapping[str, str] | None = None) -> Iterator[Process]:
    """Start a command; kill it at the end if a test has failed before it ended."""
    started = Process(*arguments, env=env)
    try:
        yield started
    finally:
        if started.process.poll() is None:
            started.process.kill()
        started.wait()
        for stream in (started.process.stdout, started.process.stderr):
            if stream:
                stream.close()


@contextmanager
def exporter(*arguments: str, env: Mapping[str, str] | None = None) -> Iterator[Process]:
    """Start an exporter on a free port of loopback."""
    with running("exporter", "--listen", "127.0.0.1:0", *arguments, env=env) as started:
        yield started


MOCK = ("--mock", "--mock-port", "0")
