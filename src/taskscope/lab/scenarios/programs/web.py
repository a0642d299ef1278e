"""
A small web shop: product list, product pages, a basket and a health check.

Settings, all by environment:
    PORT: where to listen (8080).
    POOL_LASTS_SECONDS: the connections to the stock database are used up after this time; ``/healthz`` tells.
    TAXES: ``on`` needs TAX_SERVICE_URL, as release 2 of the shop does.
"""

import hashlib
import json
import logging
import os
import signal
import socketserver
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import FrameType
from typing import Any, ClassVar

log = logging.getLogger("shop")

PRODUCTS = {
    str(number): {"name": name, "price": price}
    for number, (name, price) in enumerate(
        [("kettle", 34.9), ("teapot", 59.0), ("cup", 7.5), ("tea, green", 12.2), ("tea, black", 9.8), ("honey", 6.4)], 1
    )
}


class Shop(BaseHTTPRequestHandler):
    """Answers one request and logs it with its time."""

    protocol_version = "HTTP/1.1"
    timeout = 1  # an idle connection does not keep the shop from draining
    pool_ends: ClassVar[float] = float("inf")

    def do_GET(self) -> None:
        """Answer with JSON."""
        begin = time.perf_counter()
        status, answer = self._route(self.path.partition("?")[0])
        body = json.dumps(answer).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        level = logging.INFO if status < HTTPStatus.BAD_REQUEST else logging.WARNING
        took = (time.perf_counter() - begin) * 1000
        log.log(level, '%s "GET %s" %d %dB %.1fms', self.client_address[0], self.path, status, len(body), took)

    def _route(self, path: str) -> tuple[HTTPStatus, Any]:
        if path == "/healthz":
            return health(self.pool_ends)
        if path in {"/", "/products"}:
            return HTTPStatus.OK, list(PRODUCTS.values())
        if path == "/basket":
            return HTTPStatus.OK, {"items": 2, "total": total("1", "3")}
        if product := PRODUCTS.get(path.removeprefix("/products/")):
            return HTTPStatus.OK, product
        return HTTPStatus.NOT_FOUND, {"error": f"nothing at {path}"}

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Write the server's own messages to our log; requests are logged where their time is known."""
        if not format.startswith('"%s"'):
            log.warning(format, *args)


class Server(ThreadingHTTPServer):
    """A server that does not look up its own name: that can take seconds where no resolver answers."""

    daemon_threads = False

    def server_bind(self) -> None:
        """Bind, and take the address as the name."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "web", int(self.server_address[1])


def health(pool_ends: float) -> tuple[HTTPStatus, Any]:
    """Say whether the stock database can be reached."""
    if time.monotonic() < pool_ends:
        return HTTPStatus.OK, {"status": "ok"}
    log.error("health check failed: no free connection to stock-db (all 10 are in use)")
    return HTTPStatus.SERVICE_UNAVAILABLE, {"status": "unavailable", "cause": "stock-db: connection pool exhausted"}


def total(*products: str) -> float:
    """Add up a basket, signed so that it costs a millisecond or two of real work."""
    hashlib.pbkdf2_hmac("sha256", "".join(products).encode(), b"basket", 3000)
    return round(sum(float(str(PRODUCTS[product]["price"])) for product in products), 2)


def main() -> None:
    """Serve until SIGTERM, then finish open requests and end with 0."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    log.info("release %s starting, pid %d", os.environ.get("RELEASE", "1.0.0"), os.getpid())
    if os.environ.get("TAXES") == "on":
        log.info("taxes are calculated by %s", os.environ["TAX_SERVICE_URL"])
    if lasts := os.environ.get("POOL_LASTS_SECONDS"):
        Shop.pool_ends = time.monotonic() + float(lasts)
    server = Server(("", int(os.environ.get("PORT", "8080"))), Shop)

    def drain(_number: int, _frame: FrameType | None) -> None:
        log.info("SIGTERM: no new connections, finishing open requests")
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, drain)
    log.info("%d products loaded, listening on port %d", len(PRODUCTS), server.server_port)
    server.serve_forever(poll_interval=0.1)
    server.server_close()
    log.info("drained, bye")


if __name__ == "__main__":
    main()
