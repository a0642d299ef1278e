"""
Start-up times of whole processes, beside their targets. Run it with ``.venv/bin/python benchmarks/startup.py``.

Each line is a process from its start to its end, 15 times; the runs of the lines take turns, so that a slow moment
of the machine falls on all of them. The minimum is what the code costs, the median what a user feels. Compiled
modules come from a cache that a first round fills, whatever PYTHONDONTWRITEBYTECODE says: an installation has them too.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

RUNS = 15
_BIN = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Case:
    """One command line, and how long it may take at the least."""

    name: str
    command: list[str]
    target_ms: int | None = None
    times_ms: list[float] = field(default_factory=list)

    def run(self, environment: dict[str, str]) -> None:
        """Run it once, and note the time."""
        start = time.perf_counter()
        subprocess.run(self.command, env=environment, stdout=subprocess.DEVNULL, check=True)
        self.times_ms.append((time.perf_counter() - start) * 1000)


def _python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def cases() -> list[Case]:
    """Return what is measured: ours with targets, and what we compare with."""
    taskscope = str(_BIN / "taskscope")
    return [
        Case("python -c pass", _python("pass")),
        Case("taskscope --help", [taskscope, "--help"], target_ms=80),
        Case("taskscope --version", [taskscope, "--version"], target_ms=80),
        Case("taskscope trace --help", [taskscope, "trace", "--help"]),
        Case("import taskscope.handler", _python("import taskscope.handler"), target_ms=60),
        Case("import click", _python("import click")),
        Case("import botocore.session", _python("import botocore.session")),
        Case("import boto3", _python("import boto3")),
    ]


def measure(measured: list[Case], *, runs: int) -> None:
    """Run all cases in turn; a first round, which fills caches, does not count."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory(prefix="taskscope-startup-") as cache:
        environment = {**kept, "PYTHONPYCACHEPREFIX": cache}
        for each in measured:
            each.run(environment)
            each.times_ms.clear()
        for _ in range(runs):
            for each in measured:
                each.run(environment)


def table(measured: list[Case]) -> str:
    """Return the results as a Markdown table."""
    lines = ["| process | min ms | median ms | target ms |", "|---|---:|---:|---:|"]
    for each in measured:
        low, middle = min(each.times_ms), statistics.median(each.times_ms)
        target = "" if each.target_ms is None else str(each.target_ms)
        lines.append(f"| `{each.name}` | {low:.0f} | {middle:.0f} | {target} |")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the start-up times of whole processes.")
    parser.add_argument("--runs", type=int, default=RUNS, help="runs of each process (default: %(default)s)")
    measured = cases()
    measure(measured, runs=parser.parse_args().runs)
    version = ".".join(str(each) for each in sys.version_info[:3])
    print(f"Python {version}, {measured[0].name} to {measured[-1].name}: whole processes\n")
    print(table(measured))


if __name__ == "__main__":
    main()
