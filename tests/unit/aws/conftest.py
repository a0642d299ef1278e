"""A small AWS-like endpoint, whose answers a test makes up: what the lab behaves too well for."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias

import pytest

Answer: TypeAlias = Callable[[str, dict[str, Any]], dict[str, Any] | str | int | None]
"""
Answers an operation and its input: with a document, a text, the number of an error (400 throttles), or None to hang up.

The operation of a query protocol is empty, its input has the text under ``body``; ``caller`` is the access key.
"""
Serve: TypeAlias = Callable[[Answer], str]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    answer: Answer


class _Endpoint(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        operation = (self.headers["X-Amz-Target"] or "").rpartition(".")[2]
        document = json.loads(body) if operation else {"body": body}
        document["caller"] = self.headers["Authorization"].partition("Credential=")[2].partition("/")[0]
        answer = self.server.answer(operation, document)
        if answer is None:
            self.close_connection = True
            return
        status = answer if isinstance(answer, int) else 200
        if isinstance(answer, int):
            answer = {
                "__type": "ThrottlingException" if status == 400 else "ServerException",
                "message": "Rate exceeded",
            }
        content = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name of the base class)
        """Say nothing."""


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Give ``serve(answer)``, which serves answers and returns the address; calls are signed by made-up keys."""
    for name in ("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with ExitStack() as stack:

        def start(answer: Answer) -> str:
            server = stack.enter_context(_Server(("127.0.0.1", 0), _Endpoint))
            server.answer = answer
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            return f"http://127.0.0.1:{server.server_port}"

        yield start
