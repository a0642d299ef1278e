"""One connection: reads requests, asks guard and site, writes answers."""

import logging
import socket
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, Final

from taskscope.exporter.server.answer import Answer, say

if TYPE_CHECKING:
    from taskscope.exporter.server.listener import Listener

IDLE_SECONDS: Final = 180.0
"""How long a connection may wait for its next request: Prometheus keeps it between scrapes, by default of a minute."""
FIRST_SECONDS: Final = 10.0
"""How long a new connection may wait with its first request."""
REQUEST_SECONDS: Final = 30.0
"""How long a request may take, from its first byte to the last of its answer."""
_BUFFER_BYTES: Final = 1 << 16

_logger = logging.getLogger(__name__)


class Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD, over connections that are kept."""

    protocol_version = "HTTP/1.1"
    wbufsize = _BUFFER_BYTES  # head and body leave together
    disable_nagle_algorithm = True
    server: "Listener"
    connection: socket.socket
    _has_asked = False

    def handle_one_request(self) -> None:
        """Wait for a request and answer it, in time."""
        waits = IDLE_SECONDS if self._has_asked else FIRST_SECONDS
        self.server.connections.expect(self.connection, waits, is_idle=True, is_kept=self._has_asked)
        if self.server.is_stopping or not self.rfile.peek(1):  # type: ignore[attr-defined] # it is a BufferedReader
            self.close_connection = True
            return
        self._has_asked = True
        self.server.connections.expect(self.connection, REQUEST_SECONDS)
        super().handle_one_request()

    def do_GET(self) -> None:
        """Answer a request, even if that fails."""
        self.server.connections.hold(self.connection)
        if "Content-Length" in self.headers or "Transfer-Encoding" in self.headers:
            self.close_connection = True  # nobody reads the body, which is no next request
        admission = self.server.guard.admit(self.headers)
        self._send(admission.refusal or self._answer(), **admission.headers)

    do_HEAD = do_GET  # noqa: N815 (the base class calls it so)

    def _answer(self) -> Answer:
        path = self.path.partition("?")[0]
        try:
            return self.server.site(path, self.headers)
        except Exception:
            _logger.exception("a request could not be answered", extra={"fields": {"path": path}})
            return say(HTTPStatus.INTERNAL_SERVER_ERROR, "That went wrong; the log has more.")

    def _refuse(self) -> None:
        self.close_connection = True  # its body is not read
        refusal = say(HTTPStatus.METHOD_NOT_ALLOWED, f"{self.command} is not answered here: ask with GET.")
        self._send(self.server.guard.admit(self.headers).refusal or refusal, Allow="GET, HEAD")

    do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _refuse  # noqa: N815 (likewise)

    def _send(self, answer: Answer, **headers: str) -> None:
        self.close_connection = self.close_connection or self.server.is_stopping
        self.send_response(answer.status)
        length = {"Content-Type": answer.content_type, "Content-Length": str(len(answer.body))}
        for name, value in {**length, **headers, **answer.headers}.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)
        self.server.tally.add(answer.status)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002 (of the base class)
        """Say in plain words what is wrong with a request that cannot be read."""
        self.close_connection = True
        self.request_version = self.protocol_version  # an answer to HTTP/0.9 would have no head
        status = HTTPStatus(code)
        self._send(say(status, f"{message or status.phrase}."))

    def version_string(self) -> str:
        """Name the program, without its version."""
        return "taskscope"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (of the base class)
        """Log a request, for who wants to see each of them."""
        if _logger.isEnabledFor(logging.DEBUG):
            _logger.debug("request", extra={"fields": {"peer": self.address_string(), "line": format % args}})
