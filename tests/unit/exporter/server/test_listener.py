"""The server against peers that are slow, wrong or many."""

import logging
import socket
import threading
import time
from collections.abc import Iterator
from email.message import Message
from http import HTTPStatus

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskscope.exporter.server import handler, listener
from taskscope.exporter.server.answer import Answer, OpenGuard, say
from taskscope.exporter.server.listener import Listener
from taskscope.exporter.server.tally import Tally
from taskscope.sockets import listen_tcp
from tests.unit.exporter.conftest import Log
from tests.unit.exporter.misbehaving import eventually


def _site(path: str, headers: Message) -> Answer:
    if path == "/broken":
        raise ZeroDivisionError
    return say(HTTPStatus.OK, f"{path} for {headers.get('Host', 'nobody')}")


@pytest.fixture
def server() -> Iterator[Listener]:
    """Give a server that repeats the path."""
    running = Listener(listen_tcp("127.0.0.1", 0, flag="--port"), _site, OpenGuard(), Tally())
    running.start()
    yield running
    running.stop(1.0)
    running.stop(1.0)


def _connect(server: Listener) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.server_address[1]), timeout=10)
    connection.settimeout(10)
    return connection


def _ask(server: Listener, request: bytes) -> bytes:
    """Send bytes; return all that comes until the server closes."""
    with _connect(server) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def _status(answer: bytes) -> str:
    return answer.partition(b"\r\n")[0].decode().partition(" ")[2]


def test_requests_of_a_connection_are_answered_one_after_another(server: Listener) -> None:
    """Also when they come together."""
    answer = _ask(server, b"GET /a?x=1 HTTP/1.1\r\nHost: h\r\n\r\n" * 2)

    assert answer.count(b"HTTP/1.1 200 OK") == 2
    assert answer.count(b"/a for h\n") == 2
    assert server.tally.counts() == {200: 2}


def test_head_has_the_length_and_no_body(server: Listener) -> None:
    """As GET would have it."""
    answer = _ask(server, b"HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n")

    assert b"Content-Length: 9\r\n" in answer
    assert answer.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi", "405 Method Not Allowed"),
        (b"BREW / HTTP/1.1\r\n\r\n", "501 Not Implemented"),
        (b"\x16\x03\x01\x02\x00\r\n\r\n", "400 Bad Request"),
        (b"GET / HTTP/9.9\r\n\r\n", "505 HTTP Version Not Supported"),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", "414 Request-URI Too Long"),
        (b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 200 + b"\r\n", "431 Request Header Fields Too Large"),
        (b"GET /broken HTTP/1.1\r\n\r\n", "500 Internal Server Error"),
    ],
    ids=["post", "brew", "tls", "version", "long", "headers", "broken"],
)
def test_what_cannot_be_answered_is_said_in_plain_words(
    server: Listener, log: Log, request_: bytes, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the next connection is answered as ever."""
    monkeypatch.setattr("http.client._MAXHEADERS", 100)  # as it is, unless ClickHouse's client is in the process too
    answer = _ask(server, request_)

    assert _status(answer) == status
    assert b"text/plain" in answer
    assert b"Traceback" not in answer
    assert _status(_ask(server, b"GET / HTTP/1.0\r\n\r\n")) == "200 OK"
    assert ("a request could not be answered" in log.messages()) is (request_ == b"GET /broken HTTP/1.1\r\n\r\n")


def test_a_body_is_no_next_request(server: Listener) -> None:
    """The connection ends after the answer."""
    inner = b"GET /inner HTTP/1.1\r\n\r\n"
    answer = _ask(server, b"GET /a HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s" % (len(inner), inner))

    assert answer.count(b"HTTP/1.1") == 1
    assert b"Connection: close" in answer


def test_peers_that_hang_up_are_no_news(server: Listener, log: Log) -> None:
    """Neither is a connection without a request."""
    for text in (b"", b"GET", b"GET / HTTP/1.1\r\nHost"):
        with _connect(server) as connection:
            connection.sendall(text)
    with _connect(server) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # ends with RST
        connection.sendall(b"GET / HTTP/1.1\r\n")

    assert eventually(lambda: len(server.connections) == 0)
    assert log.messages(logging.INFO) == []


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\n"], ids=["silent", "dripping"])
def test_slow_peers_are_cut_off(server: Listener, monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    """Also one that sends a byte now and then."""
    monkeypatch.setattr(handler, "FIRST_SECONDS", 0.2)
    monkeypatch.setattr(handler, "REQUEST_SECONDS", 0.2)
    with _connect(server) as connection:
        connection.sendall(sent)
        connection.settimeout(0.05)
        deadline = time.monotonic() + 5
        ended = False
        while not ended and time.monotonic() < deadline:
            try:
                if sent:
                    connection.sendall(b"a")
                ended = connection.recv(1) == b""
            except TimeoutError:
                continue
            except ConnectionError:
                ended = True

    assert ended


def test_a_peer_that_does_not_read_is_cut_off(server: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its answer waits no longer than a request may."""
    server.site = lambda _path, _headers: Answer(HTTPStatus.OK, bytes(50_000_000))
    monkeypatch.setattr(handler, "REQUEST_SECONDS", 0.2)
    with _connect(server) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert eventually(lambda: len(server.connections) == 1)
        assert eventually(lambda: len(server.connections) == 0)


def test_too_many_connections_are_turned_away(server: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    """And counted, where each of the others has a request under way; when they have ended there is room again."""
    monkeypatch.setattr(listener, "MAX_CONNECTIONS", 2)
    asked, over = threading.Semaphore(0), threading.Event()

    def site(_path: str, _headers: Message) -> Answer:
        asked.release()
        over.wait(10)
        return say(HTTPStatus.OK, "at last")

    server.site = site
    open_ones = [_connect(server) for _ in range(2)]
    for each in open_ones:
        each.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert asked.acquire(timeout=10)
    with _connect(server) as third:
        assert third.recv(1) == b""
    over.set()
    for each in open_ones:
        assert each.recv(9) == b"HTTP/1.1 "
        each.close()

    assert eventually(lambda: len(server.connections) == 0)
    assert _status(_ask(server, b"GET / HTTP/1.0\r\n\r\n")) == "200 OK"
    assert server.tally.counts() == {503: 1, 200: 3}


def test_who_comes_takes_the_place_of_who_waits(server: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    """Peers that keep connections and ask nothing more do not keep Prometheus out."""
    monkeypatch.setattr(listener, "MAX_CONNECTIONS", 2)
    kept = [_connect(server) for _ in range(2)]
    for each in kept:
        each.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        assert each.recv(9) == b"HTTP/1.1 "

    assert eventually(lambda: _status(_ask(server, b"GET / HTTP/1.0\r\n\r\n")) == "200 OK")
    assert sum(_is_open(each) for each in kept) == 1
    for each in kept:
        each.close()


def test_requests_that_do_not_come_to_their_end_make_room_first(
    server: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Peers that send a byte now and then neither keep Prometheus out nor end the connection that it keeps."""
    monkeypatch.setattr(listener, "MAX_CONNECTIONS", 3)
    kept, *slow = [_connect(server) for _ in range(3)]
    kept.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    assert kept.recv(9) == b"HTTP/1.1 "
    for each in slow:
        each.sendall(b"GET / HT")
    assert eventually(lambda: _status(_ask(server, b"GET / HTTP/1.0\r\n\r\n")) == "200 OK")

    assert _is_open(kept)
    assert sum(map(_is_open, slow)) == 1
    for each in (kept, *slow):
        each.close()


def _is_open(connection: socket.socket) -> bool:
    """Whether the server still listens, after what it has answered so far."""
    connection.settimeout(0.2)
    try:
        while connection.recv(65536):
            pass
    except TimeoutError:
        return True
    return False


def test_stop_cuts_what_takes_longer_than_the_grace(server: Listener) -> None:
    """Everything else has ended by then."""
    asked, over = threading.Event(), threading.Event()

    def site(_path: str, _headers: Message) -> Answer:
        asked.set()
        over.wait(10)
        return say(HTTPStatus.OK, "late")

    server.site = site
    with _connect(server) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert asked.wait(5)
        began = time.monotonic()
        server.stop(0.2)
        took = time.monotonic() - began
        ended = connection.recv(1)
        over.set()

    assert 0.2 <= took < 2
    assert ended == b""
    with pytest.raises(ConnectionError):
        _connect(server)


_LINES = st.sampled_from(
    [
        "GET /a HTTP/1.1", "HEAD / HTTP/1.0", "POST / HTTP/1.1", "GET /", "GET", "", " ", "Host: h", "a", ":", "a: b",
        "Content-Length: 5", "Content-Length: x", "Transfer-Encoding: chunked", "Expect: 100-continue",
        "Connection: close", "GET http://h/a HTTP/1.1", "GET //a HTTP/1.1", "GET /%00 HTTP/1.1", "PRI * HTTP/2.0",
        "GET /\x00 HTTP/1.1",
    ]
)  # fmt: skip
_SENT = st.binary(max_size=64) | st.lists(_LINES, max_size=8).map(
    lambda lines: "\r\n".join(lines).encode() + b"\r\n\r\n"
)


@given(st.lists(_SENT, max_size=3).map(b"".join))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_sent_is_answered_in_http_or_not_at_all(server: Listener, log: Log, sent: bytes) -> None:
    """And nothing of it is a mistake of ours."""
    answer = _ask(server, sent)

    assert answer == b"" or answer.startswith((b"HTTP/1.1 ", b"/"))  # HTTP/0.9 has no head
    assert log.messages(logging.WARNING) == []
