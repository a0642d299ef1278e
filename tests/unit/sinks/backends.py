"""Small HTTP servers that sinks send to: they record what came and answer as a test wants."""

import contextlib
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias


class Request(NamedTuple):
    """One request as it came, its body decompressed."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    raw: bytes
    connection: int
    """The port of the client: tells connections apart."""


class Reply(NamedTuple):
    """What to answer; a broken one promises more bytes than it sends."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = {}
    broken: bool = False


Answer: TypeAlias = Callable[[Request], Reply | None]
"""Answers a request; None hangs up without a word."""


@dataclass
class Backend:
    """A running server."""

    url: str
    answer: Answer
    requests: list[Request] = field(default_factory=list)

    def bodies(self, path: str) -> list[bytes]:
        """Return the bodies that came to a path."""
        return [request.body for request in self.requests if request.path == path]


class _Server(ThreadingHTTPServer):
    """Forgets its clients when it ends, as a process does that is killed."""

    daemon_threads = True
    backend: Backend

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self._connections: list[socket.socket] = []

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.append(request)
        super().process_request(request, client_address)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that hang up are part of the tests."""

    def server_close(self) -> None:
        super().server_close()
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        zipped = self.headers["Content-Encoding"] == "gzip"
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = zlib.decompress(raw, wbits=31) if zipped else raw
        request = Request(self.path, headers, body, raw, self.client_address[1])
        self.server.backend.requests.append(request)
        reply = self.server.backend.answer(request)
        if reply is None:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body) + (10 if reply.broken else 0)))
        self.end_headers()
        self.wfile.write(reply.body)
        self.close_connection = self.close_connection or reply.broken

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name of the base class)
        """Say nothing."""


@contextmanager
def serving(answer: Answer, *, port: int = 0, certificate: Path | None = None) -> Iterator[Backend]:
    """Run a server on a port of loopback, by default a free one, until the block ends; with a certificate over TLS."""
    with _Server(("127.0.0.1", port), _Handler) as server:
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https" if certificate else "http"
        backend = Backend(f"{scheme}://127.0.0.1:{server.server_port}", answer)
        server.backend = backend
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield backend
        finally:
            server.shutdown()
            thread.join()
