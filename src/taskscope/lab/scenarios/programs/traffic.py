"""
Visitors of the web shop: real requests to port 8080 of the same task, a summary every two seconds. Where tasks share a
network, PORT_8080 says which free port stands for it.

Most look at products; some ask for one that is sold out, which the shop answers with 404. SIGTERM ends it.
"""

import logging
import os
import random
import signal
import statistics
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter

log = logging.getLogger("traffic")

PATHS = ["/", "/products", "/products/1", "/products/2", "/products/4", "/products/6", "/basket", "/products/99"]
SUMMARY_SECONDS = 2.0
WORST_STATUS = 599
"""Counted for a request that got no answer at all."""


def visit(url: str) -> tuple[int, float]:
    """Request one page; return its status and the time it took in milliseconds."""
    begin = time.perf_counter()
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - always http, to this task
            answer.read()
            status = int(answer.status)
    except urllib.error.HTTPError as error:
        status = error.code
        error.close()
    except OSError as error:
        log.warning("GET %s: %s", url, error)
        status = WORST_STATUS
    return status, (time.perf_counter() - begin) * 1000


def summarise(visits: list[tuple[int, float]], seconds: float) -> None:
    """Log how many visits ended how, and how long they took."""
    statuses = ", ".join(f"{count} x {status}" for status, count in sorted(Counter(s for s, _ in visits).items()))
    times = sorted(took for _, took in visits)
    slowest = times[-1]
    log.info(
        "%d requests in %.1fs: %s; median %.1fms, slowest %.1fms",
        len(visits), seconds, statuses, statistics.median(times), slowest,
    )  # fmt: skip


def main() -> None:
    """Visit the shop about eight times a second until SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    target = f"http://127.0.0.1:{os.environ.get('PORT_8080', '8080')}"
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stopping.set())
    log.info("visitors are on their way to %s", target)
    visits: list[tuple[int, float]] = []
    since = time.monotonic()
    while not stopping.wait(random.uniform(0.05, 0.2)):
        visits.append(visit(target + random.choice(PATHS)))
        if (elapsed := time.monotonic() - since) >= SUMMARY_SECONDS:
            summarise(visits, elapsed)
            visits, since = [], time.monotonic()
    log.info("SIGTERM: the visitors go home")
    sys.exit(0)


if __name__ == "__main__":
    main()
