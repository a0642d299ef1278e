"""What a sidecar costs while nothing happens."""

import re
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from taskscope.lab.threaded import ThreadedAws
from tests.e2e.collect.collector import Collector
from tests.e2e.collect.conftest import StartCollector

MOST_KB: Final = 90 * 1024
SINKS: Final = ("xray", "cloudwatch-logs", "emf", "otlp=http://127.0.0.1:9")
_MAPPING: Final = re.compile(r"[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \d+ *(.*)")
_NUMBER: Final = re.compile(r"(Rss|Anonymous): +(\d+) kB")


def memory_kb(collector: Collector) -> int:
    """
    Return the proportional set size of all processes as it is where no others share their files, as in a container.

    What is anonymous counts for each process, what is mapped from a file once.
    """
    anonymous = 0
    files: dict[str, int] = defaultdict(int)
    for pid in collector.pids():
        own: dict[str, int] = defaultdict(int)
        for path, resident, private in mappings(pid):
            anonymous += private
            own[path] += resident - private
        for path, size in own.items():
            files[path] = max(files[path], size)
    return anonymous + sum(files.values())


def mappings(pid: int) -> Iterator[tuple[str, int, int]]:
    """Yield the path of each mapping, its resident kB, and how many of them are anonymous."""
    path, resident = "", 0
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        if found := _MAPPING.fullmatch(line):
            path = found[1]
        elif found := _NUMBER.match(line):
            if found[1] == "Rss":
                resident = int(found[2])
            else:
                yield path, resident, int(found[2])


def test_an_idle_sidecar_takes_little_memory(collector: StartCollector, aws: ThreadedAws) -> None:
    """``collect`` with every receiver and every sink: two processes of at most 90 MB together, and no growth."""
    options = [text for sink in SINKS for text in ("--to", sink)]
    running = collector(*options, command="collect", env=aws.environment)

    assert len(running.pids()) == 2
    first = memory_kb(running)
    time.sleep(1)
    last = memory_kb(running)
    assert last < MOST_KB
    assert last - first < 4096
