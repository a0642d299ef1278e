"""Targets over HTTP, for Prometheus' ``http_sd_configs``."""

import ipaddress
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import urlsplit

from taskscope.cli.discover.rounds import Rounds
from taskscope.clock import Clock

_PATHS: Final = frozenset({"/", "/targets"})
_TIMEOUT_SECONDS: Final = 10
"""For a request that does not come to its end."""


class Targets:
    """The newest targets for many readers: AWS is asked when they are older than ``fresh_ns``, once for all of them."""

    def __init__(self, rounds: Rounds, *, fresh_ns: int, clock: Clock) -> None:
        self._rounds = rounds
        self._fresh_ns = fresh_ns
        self._clock = clock
        self._asked_ns: int | None = None
        self._lock = threading.Lock()

    def first(self) -> None:
        """
        Ask AWS for the first time; who asks meanwhile waits.

        Raises:
            TaskscopeError: A retry cannot help.
        """
        with self._lock:
            self._rounds.first()
            self._asked_ns = self._clock()

    def get(self) -> bytes | None:
        """Return the document; None if no look has succeeded yet. A failure is repeated no sooner than a success."""
        with self._lock:
            # A clock that was set back makes the list younger than nothing, for as long as it was set back.
            if self._asked_ns is None or not 0 <= self._clock() - self._asked_ns < self._fresh_ns:
                self._rounds.again()
                self._asked_ns = self._clock()
            return self._rounds.content

    @property
    def failure(self) -> str:
        """Why the last look failed."""
        return self._rounds.failure

    @property
    def retry_seconds(self) -> int:
        """When to ask again after a failure."""
        return max(1, self._fresh_ns // 1_000_000_000)


def is_local(listening: socket.socket) -> bool:
    """Whether a socket is for programs of this machine alone."""
    return ipaddress.ip_address(listening.getsockname()[0]).is_loopback


class TargetServer(ThreadingHTTPServer):
    """Answers on a socket that listens already."""

    daemon_threads = True

    def __init__(self, listening: socket.socket, targets: Targets) -> None:
        super().__init__(listening.getsockname()[:2], _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        self.targets = targets
        self.is_local = is_local(listening)


class _Handler(BaseHTTPRequestHandler):
    """
    ``GET /`` (or ``/targets``) as Prometheus' "HTTP SD" wants it: status 200, ``application/json``, and UTF-8.

    Until there is a list the answer is 503: Prometheus keeps what it has then, while an empty list would end scraping.
    """

    server: TargetServer
    timeout = _TIMEOUT_SECONDS

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if self.server.is_local and not _is_machine(self.headers.get("Host", "")):
            self._send(403, b"this server answers under names of this machine only\n", "text/plain; charset=utf-8")
        elif path == "/-/healthy":
            self._send(200, b"healthy\n", "text/plain; charset=utf-8")
        elif path not in _PATHS:
            self._send(404, b"the targets are at /targets\n", "text/plain; charset=utf-8")
        elif (content := self.server.targets.get()) is not None:
            self._send(200, content, "application/json")
        else:
            failure = f"no targets yet: {self.server.targets.failure}\n"
            wait = {"Retry-After": str(self.server.targets.retry_seconds)}
            self._send(503, failure.encode(), "text/plain; charset=utf-8", wait)

    def do_HEAD(self) -> None:
        self.do_GET()

    def _send(self, status: int, content: bytes, media: str, more: dict[str, str] | None = None) -> None:
        self.send_response(status)
        headers = {"Content-Type": media, "Content-Length": str(len(content)), "Cache-Control": "no-store"}
        for name, value in (headers | (more or {})).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def version_string(self) -> str:
        """Name the program, and no version of anything."""
        return "taskscope"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name of the base class)
        """Say nothing: a line for each request tells no more than Prometheus' own page of targets."""


def _is_machine(host: str) -> bool:
    """
    Whether a request's host is ``localhost`` or an address: no name server can turn these elsewhere.

    A page of a stranger can have its own name point at 127.0.0.1 (DNS rebinding), but the browser says that name.
    """
    try:
        name = urlsplit(f"//{host}").hostname or "localhost"
        return name == "localhost" or bool(ipaddress.ip_address(name))
    except ValueError:
        return False
