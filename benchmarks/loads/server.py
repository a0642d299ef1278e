"""`taskscope serve` as a benchmark sees it: its ports, its processor time, its memory, its answers."""

import json
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Self

import psutil

PORTS = ("xray", "otlp-grpc", "otlp-http", "statsd", "fluent", "health")


class Server:
    """One server with an empty store; leaving the ``with`` block stops it."""

    def __init__(self, *options: str) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="taskscope-bench-")
        ports = [f"--{name}-port=0" for name in PORTS]
        command = [str(Path(sys.executable).parent / "taskscope"), "serve", "--data-dir", self.folder.name, "--port=0"]
        self.process = subprocess.Popen(
            [*command, *ports, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.log: list[str] = []
        self.ports = self._read_ports()
        self.peak_bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _read_ports(self) -> dict[str, int]:
        assert self.process.stderr is not None
        names = {
            "X-Ray": "xray", "OTLP over gRPC": "otlp-grpc", "OTLP over HTTP": "otlp-http", "StatsD": "statsd",
            "Fluent": "fluent", "health": "health", "API": "api",
        }  # fmt: skip
        found: dict[str, int] = {}
        for line in self.process.stderr:
            for title, name in names.items():
                if line.strip().startswith(title):
                    found[name] = int(line.rsplit(":", 1)[1])
            if "API" in line:
                threading.Thread(target=self._keep_log, daemon=True).start()
                return found
        raise RuntimeError("the server did not start")

    def _keep_log(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.log.append(line)

    def stop(self) -> list[str]:
        """Stop it and return its receipt."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)
        self.folder.cleanup()
        return self.log

    def sql(self, statement: str) -> list[list[Any]]:
        """Ask the store."""
        body = json.dumps({"sql": statement, "timeout_seconds": 60}).encode()
        address = f"http://127.0.0.1:{self.ports['api']}/api/store/sql"
        request = urllib.request.Request(address, body, {"content-type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=90) as answer:
                rows: list[list[Any]] = json.load(answer)["rows"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(error.read().decode() + "".join(self.log)) from None
        return rows

    def count(self, table: str, what: str = "count()") -> int:
        """Return a number from a table."""
        return int(self.sql(f"SELECT {what} FROM {table}")[0][0] or 0)

    def counters(self) -> dict[str, int]:
        """Return the counters of all processes."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports['health']}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        found: dict[str, int] = {}
        for line in lines:
            if not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                found[name] = int(value)
        return found

    def wait_until(self, table: str, wanted: int, *, what: str = "count()", seconds: float = 60) -> tuple[int, float]:
        """Return how many rows are there, and after how many seconds all that were wanted were."""
        began = time.perf_counter()
        while True:
            there = self.count(table, what)
            waited = time.perf_counter() - began
            if there >= wanted or waited > seconds:
                return there, waited
            time.sleep(0.05)

    def cpu_seconds(self) -> float:
        """Return the processor time of all its processes, and note their memory."""
        root = psutil.Process(self.process.pid)
        total, memory = 0.0, 0
        for each in [root, *root.children(recursive=True)]:
            times = each.cpu_times()
            total += times.user + times.system
            memory += each.memory_full_info().pss
        self.peak_bytes = max(self.peak_bytes, memory)
        return total

    @property
    def disk_bytes(self) -> int:
        """Return what the store's active parts take."""
        return self.count("system.parts", "sumIf(bytes_on_disk, active AND table = 'spans')")


def load(kind: str, port: int, seconds: float, number: int, rate: float = 0) -> subprocess.Popen[str]:
    """Start a process that sends, when it is told to."""
    command = [sys.executable, "-m", "loads.send", kind, "127.0.0.1", str(port), str(seconds)]
    process = subprocess.Popen(
        [*command, str(number), str(rate)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def go(process: subprocess.Popen[str]) -> None:
    """Let a process send."""
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def result(process: subprocess.Popen[str]) -> dict[str, float]:
    """Return what a process has sent."""
    out, _ = process.communicate(timeout=300)
    document: dict[str, float] = json.loads(out)
    return document
