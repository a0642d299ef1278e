"""Questions, timed one after another in one process, as rows of a table."""

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

TIMES: Final = 30
AIM_MS: Final = 300


def lines(questions: Iterator[tuple[str, Callable[[int], Any]]]) -> Iterator[str]:
    """
    Yield a heading, and a row for each question as soon as it has been asked 30 times after a first one.

    A question takes the number of the time. CPU is that of the process, all threads: on a machine that does other
    things as well it says more than the time.
    """
    yield "| Question | p50 | p95 | CPU p50 | aim |\n|---|---:|---:|---:|---:|"
    for name, question in questions:
        question(0)
        took, worked = [], []
        for number in range(1, TIMES + 1):
            began, busy = time.perf_counter(), time.process_time()
            question(number)
            took.append(1000 * (time.perf_counter() - began))
            worked.append(1000 * (time.process_time() - busy))
        p95 = sorted(took)[round(0.95 * (len(took) - 1))]
        median, cpu = statistics.median(took), statistics.median(worked)
        yield f"| {name} | {median:.0f} ms | {p95:.0f} ms | {cpu:.0f} ms | {AIM_MS} ms |"
