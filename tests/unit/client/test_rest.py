"""Requests to the REST API, against real sockets."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import NamedTuple

import pytest

from taskscope.client.rest import Rest
from taskscope.client.store import RemoteStore
from taskscope.errors import (
    AccessError,
    NotFoundError,
    TaskscopeError,
    ThrottledError,
    UnavailableError,
    UnreachableError,
    UsageError,
)


class Asked(NamedTuple):
    """What came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Fake:
    """A server with one answer."""

    def __init__(self, server: HTTPServer, asked: list[Asked]) -> None:
        self.url = f"http://127.0.0.1:{server.server_port}"
        self.asked = asked


@contextmanager
def _server(status: int = 200, body: bytes = b"{}", headers: dict[str, str] | None = None) -> Iterator[Fake]:
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            size = int(self.headers.get("content-length", 0))
            names = {name.lower(): value for name, value in self.headers.items()}
            asked.append(Asked(self.command, self.path, names, self.rfile.read(size)))
            self.send_response(status)
            for name, value in ({"content-length": str(len(body))} | (headers or {})).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _answer  # noqa: N815 (the library's names)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield Fake(server, asked)
        finally:
            server.shutdown()
            thread.join()


def test_a_document_is_sent_with_the_token_and_its_answer_read() -> None:
    """As JSON, which the server asks to be told."""
    with _server(body=b'{"n": 1}') as server:
        assert Rest(server.url, "secret").post("/x", {"a": 1}) == {"n": 1}

    [asked] = server.asked
    assert (asked.method, asked.path, json.loads(asked.body)) == ("POST", "/x", {"a": 1})
    assert asked.headers["authorization"] == "Bearer secret"
    assert asked.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, UsageError),
        (401, AccessError),
        (403, AccessError),
        (404, NotFoundError),
        (413, TaskscopeError),
        (429, ThrottledError),
        (500, TaskscopeError),
        (503, UnavailableError),
    ],
)
def test_problem_details_become_the_error_that_they_were_made_of(status: int, kind: type[TaskscopeError]) -> None:
    """With what was said, and its exit code."""
    with _server(status, b'{"detail": "no", "hint": "yes"}') as server, pytest.raises(TaskscopeError) as caught:
        Rest(server.url).get("/x")

    assert type(caught.value) is kind
    assert caught.value.message == "no"
    assert caught.value.hint == ("yes" if status != 401 else caught.value.hint)
    assert status != 401 or "--token-file" in str(caught.value.hint)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"detail": 7}', b'"x"'])
def test_an_error_of_something_else_is_told_by_its_status(body: bytes) -> None:
    """A proxy in between has a page of its own."""
    with _server(502, body) as server, pytest.raises(TaskscopeError, match=r"502|7"):
        Rest(server.url).get("/x")


@pytest.mark.parametrize("body", [b"404 page not found", b"", b"{}"])
def test_a_port_without_our_paths_is_not_our_api(body: bytes) -> None:
    """The port of OTLP, or of health, was named; a missing trace is told with details."""
    with _server(404, body) as server, pytest.raises(UnreachableError, match="is not Taskscope's API: 404") as caught:
        Rest(server.url).get("/x")

    assert "8275" in str(caught.value.hint)


@pytest.mark.parametrize("body", [b"<html>", b"", b"{"])
def test_what_is_no_json_is_no_server_of_ours(body: bytes) -> None:
    """Some other program has that port."""
    with _server(200, body) as server, pytest.raises(UnreachableError, match="is no Taskscope server"):
        Rest(server.url).get("/x")


def test_nobody_is_followed_elsewhere() -> None:
    """The token is this server's."""
    with (
        _server() as other,
        _server(302, headers={"location": other.url}) as server,
        pytest.raises(TaskscopeError, match="302"),
    ):
        Rest(server.url, "secret").get("/x")

    assert other.asked == []


def test_a_proxy_is_not_asked_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """It knows another 127.0.0.1, and would be told the token."""
    with _server() as proxy, _server(body=b'{"direct": 1}') as server:
        monkeypatch.setenv("http_proxy", proxy.url)
        assert Rest(server.url, "secret").get("/x") == {"direct": 1}

    assert proxy.asked == []


def test_nothing_at_an_address_is_unreachable() -> None:
    """With the address, and what to look for."""
    with _server() as server:
        pass

    with pytest.raises(UnreachableError, match=server.url):
        Rest(server.url).get("/x")


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:8275", "ftp://host", "http://", "http://host:port", "http://a b/", "x:"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    """Before anything is opened: urllib would read files too."""
    with pytest.raises(UsageError, match="no address of a server"):
        Rest(url).get("/x")


def test_certificates_that_cannot_be_read_are_named() -> None:
    """The file, not the library's number."""
    with pytest.raises(UsageError, match=r"/nowhere\.pem"):
        Rest("https://127.0.0.1:1", ca="/nowhere.pem").get("/x")


def test_the_token_is_in_no_text() -> None:
    """Tracebacks and logs show objects."""
    assert "secret" not in repr(Rest("http://x", "secret"))


def test_the_store_of_a_server_is_asked_by_its_routes() -> None:
    """Each question is one request."""
    with _server(body=b'{"done": ["spans"]}') as server:
        store = RemoteStore(Rest(server.url))
        store.sql("SELECT 1", {}, max_rows=7, timeout_seconds=1, max_memory_bytes=9)
        store.stats()
        store.check()
        store.purge("logs", 7)
        assert store.migrate() == ["spans"]

    assert [(each.method, each.path) for each in server.asked] == [
        ("POST", "/api/store/sql"),
        ("GET", "/api/store/stats"),
        ("GET", "/api/store/check"),
        ("POST", "/api/store/purge"),
        ("POST", "/api/store/migrate"),
    ]
