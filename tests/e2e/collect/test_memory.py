"""What a sidecar costs while nothing happens."""

import re
import time
from pathlib import Path
from typing import Final

from taskscope.lab.threaded import ThreadedAws
from tests.e2e.collect.collector import Collector
from tests.e2e.collect.conftest import StartCollector

MOST_KB: Final = 90 * 1024
SINKS: Final = ("xray", "cloudwatch-logs", "emf", "otlp=http://127.0.0.1:9")


def pss_kb(collector: Collector) -> int:
    """Return the proportional set size of all processes: what is shared counts for each by its part."""
    rollups = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in collector.pids()]
    return sum(int(found[1]) for text in rollups if (found := re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)))


def test_an_idle_sidecar_takes_little_memory(collector: StartCollector, aws: ThreadedAws) -> None:
    """``collect`` with every receiver and every sink: two processes, at most 90 MB together, and still so a while on."""
    options = [text for sink in SINKS for text in ("--to", sink)]
    running = collector(*options, command="collect", env=aws.environment)

    assert len(running.pids()) == 2
    first = pss_kb(running)
    time.sleep(1)
    last = pss_kb(running)
    assert first < MOST_KB
    assert last < MOST_KB
    assert last - first < 1024
