"""The server: a listening socket, and a thread for each connection."""

import contextlib
import logging
import socket
import socketserver
import ssl
import sys
import threading
from http import HTTPStatus
from typing import Any, Final

from taskscope.errors import UsageError
from taskscope.exporter.server.answer import Guard, Site
from taskscope.exporter.server.connections import Connections
from taskscope.exporter.server.handler import Handler
from taskscope.exporter.server.tally import Tally

MAX_CONNECTIONS: Final = 256
"""A thread each; who comes beyond takes the place of one that waits, or is turned away."""
HANDSHAKE_SECONDS: Final = 10.0
"""How long the TLS handshake may take."""
_GRACE_SECONDS: Final = 3.0

_logger = logging.getLogger(__name__)


class Listener(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Serves a site on a socket of ours, from ``start`` to ``stop``."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, listening: socket.socket, site: Site, guard: Guard, tally: Tally) -> None:
        """Take a socket that listens already, which belongs to the server then; ``tally`` counts the answers."""
        socketserver.BaseServer.__init__(self, listening.getsockname(), Handler)
        self.socket = listening
        self.site = site
        self.guard = guard
        self.tally = tally
        self.connections = Connections()
        self.is_stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Answer from now on."""
        self._thread = threading.Thread(target=self.serve_forever, name="listener", daemon=True)
        self._thread.start()

    def stop(self, grace_seconds: float = _GRACE_SECONDS) -> None:
        """Take no more connections, and answer what is under way within the grace period; safe to call twice."""
        if self._thread is None:
            return
        self.is_stopping = True
        with contextlib.suppress(OSError):  # macOS has it that a listening socket is not connected
            self.socket.shutdown(socket.SHUT_RDWR)  # wakes the thread, which looks twice a second only
        self.shutdown()
        self._thread.join()
        self._thread = None
        self.server_close()
        self.connections.end(grace_seconds)

    def service_actions(self) -> None:
        """Look after slow peers, twice a second."""
        self.connections.cut_late()

    def verify_request(self, request: Any, client_address: Any) -> bool:  # noqa: ARG002 (of the base class)
        """Turn connections away that are too many."""
        if len(self.connections) >= MAX_CONNECTIONS and not self.connections.make_room():
            self.tally.add(HTTPStatus.SERVICE_UNAVAILABLE)  # which nobody gets to read: there may be TLS to do first
            return False
        self.connections.expect(request, HANDSHAKE_SECONDS)
        return True

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection on its own thread: a slow handshake keeps nobody else waiting."""
        connection = self.guard.wrap(request)
        try:
            self.connections.forget(request)
            self.connections.expect(connection, HANDSHAKE_SECONDS)
            self.guard.greet(connection)
            Handler(connection, client_address, self)
        finally:
            self.connections.forget(connection)
            with contextlib.suppress(OSError):
                connection.close()

    def shutdown_request(self, request: Any) -> None:
        """Close a connection, wherever it ended."""
        self.connections.forget(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 (of the base class)
        """Log why a connection ended: what its peer did to it for who wants to see it, what we did in full."""
        error = sys.exception()
        fields = {"peer": str(client_address[0]), "error": str(error)}
        if isinstance(error, ssl.SSLError):
            _logger.info("a TLS connection failed", extra={"fields": fields})
        elif isinstance(error, OSError | UsageError):  # a configuration that is wrong has a line of its own
            _logger.debug("a connection broke", extra={"fields": fields})
        else:
            _logger.error("a connection failed", exc_info=error, extra={"fields": fields})
