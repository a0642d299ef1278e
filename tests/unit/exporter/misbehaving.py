"""A task metadata endpoint on a real socket, which does to each question what a test says."""

import contextlib
import json
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any, TypeAlias

from taskscope.exporter.mock.answers import Recording

Behaviour: TypeAlias = Callable[["Endpoint", "Connection"], None]

TASK = dict(Recording.built_in().task)
STATS = dict(Recording.built_in().stats)


class Connection(socketserver.StreamRequestHandler):
    """One question, and what becomes of it."""

    server: "Endpoint"

    def handle(self) -> None:
        """Read the head, and behave."""
        path = self.rfile.readline().split()[1].decode()
        while self.rfile.readline().strip():
            pass
        with self.server.counted(path):
            suffix = "/task/stats" if path.endswith("/task/stats") else "/task"
            self.server.behaviours[suffix](self.server, self)

    def send(self, text: bytes) -> None:
        """Send bytes."""
        self.wfile.write(text)
        self.wfile.flush()


class Endpoint(socketserver.ThreadingTCPServer):
    """Answers ``/task`` and ``/task/stats`` by their behaviours."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Connection)
        self.behaviours: dict[str, Behaviour] = {"/task": answer(TASK), "/task/stats": answer(STATS)}
        self.asked: list[str] = []
        self.most_at_once = 0
        self.ending = threading.Event()
        self._now = 0
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """What ECS would name."""
        return f"http://127.0.0.1:{self.server_address[1]}/v4/token"

    @contextlib.contextmanager
    def counted(self, path: str) -> Iterator[None]:
        """Count a question while it is answered."""
        with self._lock:
            self.asked.append(path.removeprefix("/v4/token"))
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
        try:
            yield
        finally:
            with self._lock:
                self._now -= 1

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of those who hang up."""


@contextlib.contextmanager
def endpoint() -> Iterator[Endpoint]:
    """Run one that answers with the mock's task, until a test changes its behaviours."""
    server = Endpoint()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.ending.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _head(length: int, status: int = 200) -> bytes:
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Length: {length}\r\n\r\n".encode()


def answer(document: object, status: int = 200) -> Behaviour:
    """Answer with a document."""
    body = json.dumps(document).encode()
    return lambda _server, connection: connection.send(_head(len(body), status) + body)


def answer_bytes(body: bytes) -> Behaviour:
    """Answer with anything."""
    return lambda _server, connection: connection.send(_head(len(body)) + body)


def half_a_body(document: object) -> Behaviour:
    """Break off in the middle."""
    body = json.dumps(document).encode()
    return lambda _server, connection: connection.send(_head(len(body)) + body[: len(body) // 2])


def no_http(_server: Endpoint, connection: Connection) -> None:
    """Speak another protocol."""
    connection.send(b"220 mail.example.com ESMTP\r\n")


def silence(server: Endpoint, _connection: Connection) -> None:
    """Say nothing until the test is over."""
    server.ending.wait(20)


def hang_up(_server: Endpoint, _connection: Connection) -> None:
    """Close without an answer."""


def after(seconds: float, behaviour: Behaviour) -> Behaviour:
    """Take a while."""

    def late(server: Endpoint, connection: Connection) -> None:
        server.ending.wait(seconds)
        behaviour(server, connection)

    return late


def drip(server: Endpoint, connection: Connection) -> None:
    """Send a byte of the body now and then."""
    connection.send(_head(10_000))
    while not server.ending.wait(0.05):
        connection.send(b" ")


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """Behave differently from question to question; the last one stays."""
    rest = list(behaviours)

    def next_one(server: Endpoint, connection: Connection) -> None:
        (rest.pop(0) if len(rest) > 1 else rest[0])(server, connection)

    return next_one


def eventually(true: Callable[[], bool], *, seconds: float = 5.0) -> bool:
    """Whether something becomes true in time."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True
