"""
traffic: sends numbered orders, as a load balancer hands them on: with a trace id of its own, sampled.

Exit code 1 when an order is answered in another way than its number says. Needs no package.
"""

import http.client
import json
import os
import socket
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from examples.shop.fates import fate_of, status_of

SHOP = os.environ["SHOP_URL"]
BEFORE = [SHOP, os.environ["PAYMENTS_URL"], os.environ["MAILER_URL"]]
ORDERS = int(os.environ.get("ORDERS", "40"))
_AT_ONCE = 4
_PATIENCE_SECONDS = 60.0
_SECONDS = 30.0

began = f"{int(time.time()):08x}"
run = os.urandom(6).hex()


def main() -> int:
    """Send all orders; return the exit code."""
    for url in BEFORE:
        wait_for(url)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        statuses = list(pool.map(send, range(ORDERS)))
    wrong = [number for number, status in enumerate(statuses) if status != status_of(number)]
    print(json.dumps({"answers": Counter(statuses), "wrong": wrong}), flush=True)
    return 1 if wrong else 0


def send(number: int) -> int:
    """Send an order; its number is the end of its trace's id."""
    trace_id = f"1-{began}-{run}{number:012x}"
    item = "unicorn" if fate_of(number) == "unknown-item" else "tea"
    connection = http.client.HTTPConnection(address(SHOP), timeout=_SECONDS)
    try:
        connection.request(
            "POST",
            f"/orders/{number}",
            json.dumps({"item": item}),
            {"content-type": "application/json", "x-amzn-trace-id": f"Root={trace_id};Sampled=1"},
        )
        status = connection.getresponse().status
    finally:
        connection.close()
    print(f"order {number} {fate_of(number)}: {status} {trace_id}", flush=True)
    return status


def wait_for(url: str) -> None:
    """Wait until a service takes connections."""
    host, _, port = address(url).partition(":")
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def address(url: str) -> str:
    """Return host and port of a URL."""
    return urlsplit(url).netloc


if __name__ == "__main__":
    sys.exit(main())
