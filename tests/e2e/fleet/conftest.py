"""A server that knows what a small shop uses, and a terminal to look at it."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, Self, TypeAlias

import pytest

from taskscope.clock import SECOND
from taskscope.model import container_metrics as names
from taskscope.model.metric import Datapoint
from taskscope.wire.otlp.metrics import encode_metrics
from tests.e2e.collect.collector import Collector
from tests.e2e.conftest import Run, clean_environment
from tests.e2e.store.conftest import post
from tests.unit.query.usage.fleet import Measured

Ask: TypeAlias = Callable[..., subprocess.CompletedProcess[str]]
WEB: Final = Measured("shop", 0xA1, "web")
JOBS: Final = Measured("shop", 0xB2, "jobs")
_READINGS: Final = 6
_SCRIPT: Final = Path(sys.executable).parent / "taskscope"
_SEQUENCE: Final = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[()][A-Z0-9]")


def points(now_ns: int) -> Iterator[Datapoint]:
    """Yield a minute of readings: web uses 80 % of its CPU, jobs 10 %."""
    for number in range(_READINGS):
        time_ns = now_ns - (_READINGS - 1 - number) * 10 * SECOND
        for task, cpu, container in ((WEB, 0.4, "nginx"), (JOBS, 0.05, "worker")):
            of_task = {names.TASK_CPU_USAGE: cpu, names.TASK_CPU_LIMIT: 0.5, names.TASK_MEMORY_WORKING_SET: 1 << 28}
            yield from task.points(time_ns, {**of_task, names.TASK_MEMORY_LIMIT: 1 << 29})
            yield from task.points(time_ns, {names.CPU_USAGE: cpu, names.HEALTH: 1.0, names.RESTARTS: 2.0}, container)
            received = {names.TASK_NETWORK_IO: 10_240.0 * number}
            yield from task.points(time_ns, received, direction="receive", interface="eth0")


@pytest.fixture(scope="package")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """Give a server that was sent the readings as any program would."""
    with Collector(tmp_path_factory.mktemp("fleet"), "--receivers", "otlp") as server:
        post(server, "http", "/v1/metrics", encode_metrics(points(time.time_ns())), "application/x-protobuf")
        server.until_sql("SELECT uniqExact(TaskArn) FROM usage_by_minute", [[2]])
        yield server


@pytest.fixture
def ask(run: Run, kept: Collector) -> Ask:
    """Give ``ask(COMMAND, …)``: runs it against the server's data directory."""
    return lambda *arguments: run("taskscope", *arguments, "--data-dir", str(kept.data))


class Terminal:
    """A terminal in which a command runs; what it shows is read without colours and moves of the cursor."""

    def __init__(self, *arguments: str, columns: int = 120, lines: int = 24, **variables: str) -> None:
        self._ours, its = pty.openpty()
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self._its = its
        self.before = termios.tcgetattr(its)
        self.raw = ""
        self.process = subprocess.Popen(
            [_SCRIPT, *arguments], stdin=its, stdout=its, stderr=its, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 (no thread runs in a test's child)
            env=clean_environment({"TERM": "xterm-256color", **variables}),
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._ours)
        os.close(self._its)

    @property
    def mode(self) -> list[Any]:
        """How the terminal is set."""
        return termios.tcgetattr(self._its)

    def press(self, keys: str) -> None:
        """Press keys; what was shown before is forgotten."""
        self.raw = ""
        os.write(self._ours, keys.encode())

    def until(self, text: str, *, seconds: float = 20) -> str:
        """Read until a text is shown; return all that was."""
        deadline = time.monotonic() + seconds
        while text not in (shown := _SEQUENCE.sub("", self.raw)):
            assert time.monotonic() < deadline, f"{text!r} is not among\n{shown}"
            self._read(0.1)
        return shown

    def end(self, *, seconds: float = 20) -> int:
        """Read until the command ends; return its exit code, or the signal that ended it, negative."""
        deadline = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < deadline, self.raw
            self._read(0.1)
        while self._read(0.1):
            pass
        return int(self.process.returncode)

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self._ours], [], [], seconds)
        if not ready:
            return False
        self.raw += os.read(self._ours, 65_536).decode(errors="replace")
        return True
