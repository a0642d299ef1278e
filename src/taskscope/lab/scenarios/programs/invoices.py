"""
The nightly invoice run, in three parts, each a container: ``fetch``, ``write`` and ``watch``.

Fetch and write end with 0 when their work is done; watch reports the load until SIGTERM.
"""

import logging
import os
import random
import signal
import sys
import threading
import time

ORDERS = 160
PAGE = 16


def fetch(log: logging.Logger) -> int:
    """Read the day's orders, page by page."""
    log.info("reading the orders of 2026-11-19")
    for first in range(0, ORDERS, PAGE):
        time.sleep(random.uniform(0.02, 0.08))
        log.info("orders %d to %d of %d read", first + 1, first + PAGE, ORDERS)
    log.info("all %d orders are on disk", ORDERS)
    return 0


def write(log: logging.Logger) -> int:
    """Write one invoice for each order; a few orders have nothing to be paid."""
    log.info("writing invoices for %d orders", ORDERS)
    written = 0
    for number in range(1, ORDERS + 1):
        time.sleep(random.uniform(0.005, 0.025))
        if number % 40 == 0:
            log.warning("order %d was cancelled, no invoice", 70_000 + number)
            continue
        written += 1
        log.info("invoice %d for order %d: %.2f EUR", 12_000 + written, 70_000 + number, random.uniform(5, 250))
    log.info("%d invoices written, %d orders skipped", written, ORDERS - written)
    return 0


def watch(log: logging.Logger) -> int:
    """Report the load of this machine four times a second until SIGTERM."""
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stopping.set())
    while not stopping.wait(0.25):
        log.info("load %.2f", os.getloadavg()[0])
    log.info("SIGTERM: stopped watching")
    return 0


def main(part: str) -> int:
    """Run one part and return its exit code."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s", stream=sys.stdout)
    parts = {"fetch": fetch, "write": write, "watch": watch}
    return parts[part](logging.getLogger(f"invoices.{part}"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
