"""A way to the embedded AWS that counts the calls through it, and can refuse them as AWS does."""

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import urlsplit

_PASSED_ON: Final = ("authorization", "content-type", "x-amz-target", "x-amz-date", "host")
ANY: Final = "*"


class Gate:
    """Passes calls on; ``refuse`` maps operations (``ANY`` is all) to the code and message that they are answered."""

    def __init__(self, url: str) -> None:
        self.calls: list[tuple[float, str]] = []
        """When each came, by a clock that only grows, and its operation."""
        self.refuse: dict[str, tuple[str, str]] = {}
        self._to = urlsplit(url).netloc
        self.url = ""

    def count(self) -> Counter[str]:
        """Return how often each operation was called."""
        return Counter(operation for _, operation in self.calls)

    def answer(self, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes, str]:
        """Return status, body and media type of the answer to a call."""
        operation = headers.get("X-Amz-Target", "").rpartition(".")[2]
        self.calls.append((time.monotonic(), operation))
        refused = self.refuse.get(operation) or self.refuse.get(ANY)
        if refused:
            code, message = refused
            return 400, json.dumps({"__type": code, "message": message}).encode(), "application/x-amz-json-1.1"
        connection = http.client.HTTPConnection(self._to, timeout=30)
        passed = {name: value for name, value in headers.items() if name.lower() in _PASSED_ON}
        connection.request("POST", "/", body, passed)
        answer = connection.getresponse()
        found = answer.status, answer.read(), answer.getheader("content-type", "")
        connection.close()
        return found


@contextmanager
def gate_to(url: str) -> Iterator[Gate]:
    """Open a gate to an embedded AWS until the block ends."""
    gate = Gate(url)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            status, answer, kind = gate.answer(dict(self.headers.items()), body)
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="gate")
    thread.start()
    gate.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield gate
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
