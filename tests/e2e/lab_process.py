"""``taskscope lab up`` as a process of its own, for tests."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO


class Up:
    """A running ``taskscope lab up``; what it writes is read as it comes."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "taskscope", "lab", "up", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.err: list[str] = []
        self.ready = threading.Event()
        self._reader = threading.Thread(target=self._read, args=[self.process.stderr])
        self._reader.start()

    def _read(self, stderr: IO[str]) -> None:
        for line in stderr:
            self.err.append(line.rstrip("\n"))
            if line.startswith("ready"):
                self.ready.set()

    def exports(self) -> dict[str, str]:
        """Wait until it is ready; return the variables of the lines that are on stdout by then."""
        assert self.ready.wait(30), self.err
        assert self.process.stdout is not None
        lines = [self.process.stdout.readline() for _ in range(7)]
        assert all(line.startswith("export ") for line in lines)
        return dict(line.removeprefix("export ").rstrip("\n").split("=", 1) for line in lines)

    def end(self, number: signal.Signals) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """Wait for the end and return the exit code."""
        code = self.process.wait(30)
        self._reader.join()
        return code


@contextmanager
def lab_up(*arguments: str) -> Iterator[Up]:
    """Start it; kill it at the end if a test has failed before it did."""
    up = Up(*arguments)
    try:
        yield up
    finally:
        if up.process.poll() is None:
            up.process.kill()
        up.wait()
        if up.process.stdout:
            up.process.stdout.close()
        if up.process.stderr:
            up.process.stderr.close()
