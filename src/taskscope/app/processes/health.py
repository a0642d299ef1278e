"""Health and our own metrics over HTTP: from the one process that only watches the others."""

import json
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Protocol

from taskscope import __version__
from taskscope.app.processes.folders import Folders
from taskscope.app.processes.receipt import status as read_status
from taskscope.app.processes.receipt import total

_STALE_SECONDS: Final = 15.0
"""A status that was not renewed for so long: its process hangs."""
_GRACE_SECONDS: Final = 20.0
"""A process may be away so long, being started again, before that is unhealthy."""


class Watched(Protocol):
    """A process as health sees it."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    @property
    def is_up(self) -> bool:
        """Whether it does its work."""
        ...


class Health:
    """
    How a collector is.

    ``ok``; ``degraded``, when a sink takes nothing or the spool is nearly full: what comes is still kept, and a restart
    would not help; ``failing``, when a process is away or hangs.
    """

    def __init__(self, folders: Folders, watched: Sequence[Watched], max_spool_bytes: int) -> None:
        self._folders = folders
        self._watched = watched
        self._max_spool_bytes = max_spool_bytes
        self._down_since: dict[str, float] = {}

    def look(self) -> dict[str, Any]:
        """Return the state as a document: ``status``, ``problems``, ``processes``, ``spool_bytes``, ``consumers``."""
        failing = [*self._down(), *self._hangs()]
        status = read_status(self._folders.status)
        degraded = [
            f"{name} takes nothing: {each['trouble']}"
            for name, each in status.get("consumers", {}).items()
            if each["trouble"]
        ]
        used = status.get("spool_bytes", 0)
        if used > 0.9 * self._max_spool_bytes:
            degraded.append(f"the spool is nearly full: {used} of {self._max_spool_bytes} bytes")
        return {
            "status": "failing" if failing else "degraded" if degraded else "ok",
            "problems": failing + degraded,
            "version": __version__,
            "processes": {each.name: each.is_up for each in self._watched},
            "spool_bytes": used,
            "consumers": status.get("consumers", {}),
        }

    def _down(self) -> list[str]:
        """Return what is said of processes that are away for too long."""
        now = time.monotonic()
        for each in self._watched:
            if each.is_up:
                self._down_since.pop(each.name, None)
            else:
                self._down_since.setdefault(each.name, now)
        return [f"{name} is not running" for name, since in self._down_since.items() if now - since > _GRACE_SECONDS]

    def _hangs(self) -> list[str]:
        age = time.time() - read_status(self._folders.status).get("time", time.time())
        return [f"the consumers have not been heard of for {age:.0f} s"] if age > _STALE_SECONDS else []


class HealthServer:
    """Answers ``GET /``, ``/healthz`` and ``/metrics`` on a socket of ours, each request on a thread."""

    def __init__(self, bound: socket.socket, health: Health, folders: Folders) -> None:
        class Handler(BaseHTTPRequestHandler):
            timeout = 5

            def do_GET(self) -> None:
                if self.path.partition("?")[0] == "/metrics":
                    self._answer(200, "text/plain; version=0.0.4", exposition(total(folders.counters)))
                elif self.path.partition("?")[0] in ("/", "/healthz"):
                    document = health.look()
                    code = HTTPStatus.SERVICE_UNAVAILABLE if document["status"] == "failing" else HTTPStatus.OK
                    self._answer(code, "application/json", json.dumps(document) + "\n")
                else:
                    self._answer(404, "text/plain", "there are /healthz and /metrics\n")

            def _answer(self, code: int, kind: str, text: str) -> None:
                body = text.encode()
                self.send_response(code)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
                """Say nothing: health is asked for every few seconds."""

        self._server = ThreadingHTTPServer(bound.getsockname()[:2], Handler, bind_and_activate=False)
        self._server.socket.close()
        self._server.socket = bound
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.2,), daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """End; safe to call without ``start``."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()


def exposition(counters: Mapping[str, int]) -> str:
    """
    Write counters in Prometheus' text format.

    ``received.otlp`` becomes ``taskscope_received_total{part="otlp"}``.
    """
    lines: list[str] = []
    groups = sorted({name.partition(".")[0] for name in counters})
    for group in groups:
        lines.append(f"# TYPE taskscope_{group}_total counter")
        for name, value in sorted(counters.items()):
            head, _, part = name.partition(".")
            if head == group:
                lines.append(f'taskscope_{group}_total{{part="{part}"}} {value}')
    return "\n".join(lines) + "\n"
