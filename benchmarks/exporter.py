"""
Memory and CPU of the exporter for a task of ten containers. Run it with ``.venv/bin/python benchmarks/exporter.py``.

The exporter is a process of its own; its endpoint is the mock, in another process, so that only the exporter's part is
counted. CPU is what the kernel counts for the process, over many scrapes one after another, each on the connection of
the one before as Prometheus keeps it, in the format and with the compression that Prometheus asks for. Memory is PSS
(pages that are shared with other processes count by their share) and RSS, after those scrapes and after a hundred at
once.
"""

import argparse
import copy
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from taskscope.exporter.mock.answers import Recording

CONTAINERS = 10
SCRAPES = 500
AT_ONCE = 100
MAX_MEMORY_MB = 45
MAX_CPU_MS = 15
_PROMETHEUS = {
    "Accept": "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1",
    "Accept-Encoding": "gzip",
    "X-Prometheus-Scrape-Timeout-Seconds": "10",
}
_TASKSCOPE = str(Path(sys.executable).parent / "taskscope")


@dataclass(frozen=True, slots=True)
class Memory:
    """Of a process, in MB of 1,000,000 bytes."""

    pss: float
    rss: float

    @classmethod
    def of(cls, pid: int) -> "Memory":
        """Ask the kernel."""
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        sizes = {name: int(kib) * 1024 / 1e6 for name, kib in re.findall(r"^(\w+): +(\d+) kB$", text, re.MULTILINE)}
        return cls(sizes["Pss"], sizes["Rss"])


def cpu_seconds(pid: int) -> float:
    """Return the time that a process has used, user and kernel."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def write_recording(folder: Path, containers: int) -> None:
    """Write a task whose containers are copies of the mock's."""
    mock = Recording.built_in()
    task = copy.deepcopy(dict(mock.task))
    stats: dict[str, Any] = {}
    known = task.pop("Containers")
    task["Containers"] = [_copy(known[number % len(known)], number, mock.stats, stats) for number in range(containers)]
    (folder / "task.json").write_text(json.dumps(task))
    (folder / "stats.json").write_text(json.dumps(stats))


def _copy(
    container: Mapping[str, Any], number: int, of_mock: Mapping[str, Any], stats: dict[str, Any]
) -> dict[str, Any]:
    runtime_id, name = f"{container['DockerId']}{number}", f"{container['Name']}-{number}"
    stats[runtime_id] = {**of_mock[container["DockerId"]], "id": runtime_id, "name": name}
    return {**container, "DockerId": runtime_id, "Name": name}


@contextmanager
def mock(folder: Path) -> Iterator[str]:
    """Run the mock on a recording; give its address."""
    command = [_TASKSCOPE, "mock-metadata", "--port", "0", "--data", str(folder)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"}
    ) as ran:
        assert ran.stdout is not None
        try:
            yield ran.stdout.readline().strip().partition("=")[2]
        finally:
            ran.send_signal(signal.SIGTERM)


@contextmanager
def exporter(endpoint: str, *options: str) -> Iterator[tuple[int, int]]:
    """Run the exporter; give its process and its port."""
    command = [_TASKSCOPE, "exporter", "--port", "0", "--listen", "127.0.0.1", "--endpoint", endpoint, *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as ran:
        assert ran.stderr is not None
        try:
            started = json.loads(ran.stderr.readline())
            yield ran.pid, int(started["address"].rpartition(":")[2])
        finally:
            ran.send_signal(signal.SIGTERM)


def scrape(connection: http.client.HTTPConnection) -> int:
    """Scrape once; return the size of what came, in bytes."""
    connection.request("GET", "/metrics", headers=_PROMETHEUS)
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, body
    return len(body)


def scrape_at_once(port: int, count: int) -> None:
    """Scrape from many threads."""
    answered = []

    def one() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        answered.append(scrape(connection))
        connection.close()

    threads = [threading.Thread(target=one) for _ in range(count)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(answered) == count, f"{len(answered)} of {count} were answered"


@dataclass(frozen=True, slots=True)
class Measured:
    """What came out."""

    cpu_ms: float
    body_bytes: int
    after_scrapes: Memory
    after_many: Memory


def measure(folder: Path, *options: str, scrapes: int) -> Measured:
    """Measure one exporter, after twenty scrapes that do not count."""
    with mock(folder) as endpoint, exporter(endpoint, *options) as (pid, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        size = [scrape(connection) for _ in range(20)][-1]
        began = cpu_seconds(pid)
        for _ in range(scrapes):
            scrape(connection)
        cpu_ms = (cpu_seconds(pid) - began) * 1000 / scrapes
        after_scrapes = Memory.of(pid)
        scrape_at_once(port, AT_ONCE)
        connection.close()
        return Measured(cpu_ms, size, after_scrapes, Memory.of(pid))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure memory and CPU of the exporter.")
    parser.add_argument("--scrapes", type=int, default=SCRAPES, help="scrapes of each exporter (default: %(default)s)")
    scrapes = parser.parse_args().scrapes
    print(f"{CONTAINERS} containers, {scrapes} scrapes, then {AT_ONCE} at once; ", end="")
    print(f"at most {MAX_CPU_MS} ms of CPU a scrape and {MAX_MEMORY_MB} MB\n")
    print("| `--metrics` | CPU a scrape | body, gzip | PSS | RSS | PSS after many | RSS after many |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory(prefix="taskscope-exporter-") as made:
        folder = Path(made)
        write_recording(folder, CONTAINERS)
        for sets in ("both", "modern", "compat"):
            it = measure(folder, "--metrics", sets, scrapes=scrapes)
            sizes = (it.after_scrapes.pss, it.after_scrapes.rss, it.after_many.pss, it.after_many.rss)
            cells = " | ".join(f"{each:.1f} MB" for each in sizes)
            print(f"| `{sets}` | {it.cpu_ms:.2f} ms | {it.body_bytes / 1000:.1f} kB | {cells} |")


if __name__ == "__main__":
    main()
