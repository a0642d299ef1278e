"""
An app that calls the web server of its task once a second and says so as a trace, by OTLP over HTTP in JSON.

A trace is logged when the collector has taken it. Every tenth call asks for a product that is not there, so that some
traces have errors; each call signs its order, a tenth of a second of real work. Settings, all by environment:

    OTEL_EXPORTER_OTLP_ENDPOINT: where the collector takes OTLP (http://127.0.0.1:4318).
    PORT_8080: the port of the web server, where it is not 8080.
"""

import hashlib
import itertools
import json
import logging
import os
import secrets
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from http import HTTPStatus
from typing import Any

log = logging.getLogger("emitter")

SERVICE = "aws-otel-emitter"
PERIOD_SECONDS = 1.0
SIGNING_ROUNDS = 150_000
SERVER, CLIENT = 2, 3
"""Kinds of spans, by OTLP's numbers."""
ERROR = 2
"""OTLP's number of that status."""
NO_ANSWER = 599
"""Counts as the status of a call that got none."""


def call(url: str) -> int:
    """Ask the web server; return the status of its answer."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - always http, to this task
            answer.read()
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except OSError as error:
        log.warning("GET %s: %s", url, error)
        return NO_ANSWER


def span(kind: int, name: str, times: tuple[int, int], status: int, **attributes: str | int) -> dict[str, Any]:
    """Return a span as OTLP's JSON has it, without its ids; ``__`` in the name of an attribute stands for a dot."""
    return {
        "name": name,
        "kind": kind,
        "startTimeUnixNano": str(times[0]),
        "endTimeUnixNano": str(times[1]),
        "status": {"code": ERROR} if status >= HTTPStatus.BAD_REQUEST else {},
        "attributes": [
            attribute(key.replace("__", "."), value)
            for key, value in {"http__response__status_code": status, **attributes}.items()
        ],
    }


def attribute(key: str, value: str | int) -> dict[str, Any]:
    """Return a key and a value as OTLP's JSON has them: whole numbers as texts."""
    return {"key": key, "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}}


def work(web: str, path: str) -> tuple[str, int, list[dict[str, Any]]]:
    """Do one order; return the id of its trace, the status of the call, and its two spans."""
    begun = time.time_ns()
    trace = f"{begun // 1_000_000_000:08x}{secrets.token_hex(12)}"  # X-Ray takes ids that begin with their second
    root, child = secrets.token_hex(8), secrets.token_hex(8)
    hashlib.pbkdf2_hmac("sha256", trace.encode(), b"order", SIGNING_ROUNDS)
    called = time.time_ns()
    status = call(web + path)
    done = time.time_ns()
    outer = HTTPStatus.OK if status < HTTPStatus.BAD_REQUEST else HTTPStatus.BAD_GATEWAY
    served = span(SERVER, "GET /outgoing-http-call", (begun, done), outer, http__request__method="GET",
                  http__route="/outgoing-http-call", url__path="/outgoing-http-call")  # fmt: skip
    asked = span(CLIENT, "GET", (called, done), status, http__request__method="GET", url__full=web + path,
                 server__address="web", peer__service="web")  # fmt: skip
    served |= {"traceId": trace, "spanId": root}
    return trace, status, [served, {**asked, "traceId": trace, "spanId": child, "parentSpanId": root}]


def send(endpoint: str, spans: list[dict[str, Any]]) -> bool:
    """Send spans; tell whether the collector has taken them."""
    resource = {"attributes": [attribute("service.name", SERVICE)]}
    body = {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": {"name": SERVICE}, "spans": spans}]}]}
    request = urllib.request.Request(  # noqa: S310 - always http, to this task
        f"{endpoint}/v1/traces", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - as above
            answer.read()
            return True
    except OSError as error:
        log.warning("the collector at %s has not taken a trace: %s", endpoint, error)
        return False


def main() -> None:
    """Do an order a second until SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s", stream=sys.stdout)
    endpoint = os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    web = f"http://127.0.0.1:{os.environ.get('PORT_8080', '8080')}"
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stopping.set())
    log.info("orders go to %s, traces to %s", web, endpoint)
    for number in itertools.count(1):
        path = "/products/99" if number % 10 == 0 else "/basket"
        trace, status, spans = work(web, path)
        if send(endpoint, spans):
            log.info("trace %s: GET %s %d", trace, path, status)
        if stopping.wait(PERIOD_SECONDS):
            break
    log.info("SIGTERM: no more orders")


if __name__ == "__main__":
    main()
