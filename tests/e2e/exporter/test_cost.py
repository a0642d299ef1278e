"""What the exporter costs the task: the benchmark's figures, with fewer scrapes, are within their bounds."""

import re
import subprocess
import sys
from pathlib import Path

BENCHMARK = Path(__file__).parents[3] / "benchmarks" / "exporter.py"


def test_memory_and_processor_time_are_within_bounds() -> None:
    """Of a task of ten containers; after a hundred scrapes at once, too. Processor time, so that others may be busy."""
    ended = subprocess.run(
        [sys.executable, BENCHMARK, "--scrapes", "100"], capture_output=True, text=True, timeout=50, check=True
    )
    rows = {line.split("`")[1]: line for line in ended.stdout.splitlines() if line.startswith("| `") and "MB" in line}
    cpu_ms = [float(each) for row in rows.values() for each in re.findall(r"([\d.]+) ms", row)]
    memory_mb = [float(each) for row in rows.values() for each in re.findall(r"([\d.]+) MB", row)]

    assert list(rows) == ["both", "modern", "compat"]
    assert len(cpu_ms) == 3
    assert max(cpu_ms) < 15
    assert len(memory_mb) == 12
    assert max(memory_mb) < 45
