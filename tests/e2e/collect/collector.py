"""A collector as a user runs it: a process of its own on free ports, watched by its health, stopped by SIGTERM."""

import contextlib
import json
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self

import psutil

from taskscope.app.processes.receipt import lines as receipt_lines
from taskscope.app.processes.receipt import total
from tests.e2e.conftest import clean_environment

_SCRIPT: Final = Path(sys.executable).parent / "taskscope"
_PORTS: Final = {
    "xray": ("--xray-port", "X-Ray segments"),
    "grpc": ("--otlp-grpc-port", "OTLP over gRPC"),
    "http": ("--otlp-http-port", "OTLP over HTTP"),
    "statsd": ("--statsd-port", "StatsD"),
    "fluent": ("--fluent-port", "Fluent forward"),
    "health": ("--health-port", "health"),
    "api": ("--port", "API"),
}
"""The flag of each port, and how the line begins that says which one it is."""
_COUNTER: Final = re.compile(r'^taskscope_(\w+)_total\{part="([^"]+)"\} (\d+)$', re.MULTILINE)
_READY_SECONDS: Final = 40
_CLOSE_SECONDS: Final = 5
"""What a stop may take beyond its deadline: closing the store, and a machine that other tests use too."""


class Collector:
    """``taskscope serve`` or ``collect`` on a data directory; may be killed, and started again on the same ports."""

    def __init__(
        self, folder: Path, *options: str, command: str = "serve", env: Mapping[str, str] | None = None
    ) -> None:
        """Take a folder for its data and its log, and options beside those of ports."""
        self.folder = folder
        self.data = folder / "data"
        self.ports = dict.fromkeys(_PORTS if command == "serve" else [each for each in _PORTS if each != "api"], 0)
        self._command = [str(_SCRIPT), command, "--data-dir", str(self.data), *options]
        self._environment = clean_environment(dict(env or {}))
        self._log = folder / "log"
        self._process: subprocess.Popen[str] | None = None
        self.app_environment: dict[str, str] = {}
        """What it tells apps to set."""

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.end_by_force()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._process is None:
            return
        if kind is None:
            self.stop()
        else:
            sys.stderr.write(self.log())
            self.end_by_force()

    @property
    def pid(self) -> int:
        """The process that started the others."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it, and wait until it is ready; again on the ports that it had."""
        self.folder.mkdir(parents=True, exist_ok=True)
        out = self.folder / "out"
        begin = len(self.log())
        ports = [text for name, port in self.ports.items() for text in (_PORTS[name][0], str(port))]
        with self._log.open("ab") as log, out.open("wb") as stdout:
            self._process = subprocess.Popen(
                [*self._command, *ports], cwd=self.folder, env=self._environment, stdout=stdout, stderr=log, text=True
            )
        self.until(lambda: self._announced(self.log()[begin:]), seconds=_READY_SECONDS)
        self.until(lambda: self.health()["status"] != "failing")
        exports = [line.removeprefix("export ").partition("=") for line in out.read_text().splitlines()]
        self.app_environment = {name: value for name, _, value in exports}

    def _announced(self, log: str) -> bool:
        """Read which ports it has; return whether it has said all that it is to say on start."""
        self._check_alive()
        for name in self.ports:
            found = re.search(rf"  {_PORTS[name][1]}.*:(\d+)$", log, re.MULTILINE)
            self.ports[name] = int(found[1]) if found else self.ports[name]
        return bool(self.ports["health"]) and "\n\n" in log

    def _check_alive(self) -> None:
        if self._process is not None and self._process.poll() is not None:
            raise AssertionError(f"it has ended with {self._process.returncode}:\n{self.log()}")

    def stop(self, *, within: float = 25) -> dict[str, int]:
        """End it by SIGTERM; check that it does so in time, without an error, and that its receipt is its counters."""
        process = self._process
        assert process is not None
        self._process = None
        began = len(self.log())
        process.send_signal(signal.SIGTERM)
        asked = time.monotonic()
        try:
            code = process.wait(within + _CLOSE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise AssertionError(f"it did not end within {within} s:\n{self.log()}") from None
        self.stop_took = time.monotonic() - asked
        assert code == 0, self.log()
        counted = total(self.data / "run" / "counters")
        said = self.log()[began:].partition("receipt\n")[2]
        for line in receipt_lines(counted, 0):
            assert line in said, (line, said)
        self.left_in_spool = "left in the spool" in said
        return counted

    def kill(self) -> None:
        """Kill the process that started the others, and no other."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._process = None

    def end_by_force(self) -> None:
        """Kill all of it."""
        if self._process is None:
            return
        children = psutil.Process(self.pid).children(recursive=True) if self._process.poll() is None else []
        self._process.kill()
        for each in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        self._process.wait()
        self._process = None

    def pids(self) -> list[int]:
        """Return every process of it."""
        return [self.pid, *(each.pid for each in psutil.Process(self.pid).children(recursive=True))]

    def pid_of(self, name: str) -> int:
        """Return the process of a name, such as ``udp`` or ``otlp-0``: the one that has its counters mapped."""
        mapped = str(self.data / "run" / "counters" / name)
        for pid in self.pids():
            try:
                if mapped in Path(f"/proc/{pid}/maps").read_text().split():
                    return pid
            except OSError:
                continue
        raise LookupError(name)

    def kill_process(self, name: str) -> None:
        """Kill one process of it, with no time to say goodbye; return when it is dead."""
        victim = psutil.Process(self.pid_of(name))
        victim.kill()
        victim.wait(15)  # a dying process may still take a datagram out of its socket

    def until_restarted(self, name: str, before: Mapping[str, int], *, seconds: float = 15) -> None:
        """Wait until a process is back that was killed after these counters were read."""
        restarts = f"restarts.{name}"
        self.until(lambda: self.counters().get(restarts, 0) > before.get(restarts, 0), seconds=seconds)
        self.until(lambda: self.health()["processes"].get(name), seconds=seconds)

    def health(self) -> dict[str, Any]:
        """Ask how it is; ``failing`` while nothing answers."""
        self._check_alive()
        try:
            document: dict[str, Any] = json.loads(self._get("/healthz"))
        except urllib.error.HTTPError as error:
            document = json.loads(error.read())
            error.close()
        except OSError:
            return {"status": "failing", "problems": ["it does not answer"], "processes": {}, "consumers": {}}
        return document

    def counters(self) -> dict[str, int]:
        """Return its own counters, such as ``received.xray``."""
        return {f"{group}.{part}": int(value) for group, part, value in _COUNTER.findall(self._get("/metrics"))}

    def log(self) -> str:
        """Return what it wrote to stderr."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def sql(self, statement: str, **parameters: object) -> list[list[Any]]:
        """Ask the store."""
        question = {"sql": statement, "parameters": parameters, "max_rows": 100_000}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.ports['api']}/api/store/sql",
            data=json.dumps(question).encode(),
            headers={"content-type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 (our own)
                rows: list[list[Any]] = json.load(answer)["rows"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{statement}: {error.read().decode()}") from None
        return rows

    def until_sql(
        self, statement: str, wanted: Sequence[Sequence[Any]], *, seconds: float = 15, **parameters: object
    ) -> None:
        """Ask the store until it answers with these rows."""
        found: list[list[Any]] = []

        def matches() -> bool:
            nonlocal found
            found = self.sql(statement, **parameters)
            return found == [list(row) for row in wanted]

        try:
            self.until(matches, seconds=seconds)
        except AssertionError as error:
            raise AssertionError(f"{statement}\n{found}\n{error}") from None

    def drained(self, *, seconds: float = 20) -> None:
        """Wait until all that came is delivered everywhere."""

        def empty() -> bool:
            consumers = self.health()["consumers"]
            return bool(consumers) and all(each["backlog_bytes"] == 0 for each in consumers.values())

        self.until(empty, seconds=seconds)
        renewed = self.health()
        time.sleep(0.6)  # the status is half a second old at most; what came just before it counts from now on
        self.until(empty, seconds=seconds)
        assert renewed["status"] != "failing"

    def until(self, condition: Callable[[], object], *, seconds: float = 15) -> None:
        """Wait for a condition."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {seconds} s: {self.health()}\n{self.log()[-3000:]}")
            time.sleep(0.02)

    def _get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports['health']}{path}", timeout=5) as answer:
            text: str = answer.read().decode()
        return text
