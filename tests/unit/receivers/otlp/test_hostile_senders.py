"""Slow, half-open and hostile senders of OTLP over HTTP cost a bounded time and memory, and nobody else's requests."""

import random
import socket
import time

import pytest

from tests.unit.receivers.otlp.conftest import Running, StartHttp

_HEAD = b"POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\n"
_CHUNKED = _HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def _until_closed(connection: socket.socket) -> bytes:
    """Return what is answered until the connection ends."""
    answered = b""
    try:
        while part := connection.recv(65_536):
            answered += part
    except ConnectionResetError:
        pass
    return answered


def _push(connection: socket.socket, part: bytes, *, within_seconds: float = 10) -> None:
    """Send a part again and again until the receiver has had enough."""
    deadline = time.monotonic() + within_seconds
    try:
        while time.monotonic() < deadline:
            connection.sendall(part)
    except (ConnectionResetError, BrokenPipeError):
        return
    pytest.fail(f"all was taken for {within_seconds} seconds")


@pytest.mark.parametrize("begun", [b"", b"POST /v1/tra", _HEAD])
def test_half_open_connection_is_ended(start_http: StartHttp, begun: bytes) -> None:
    """A connection whose request never comes, or never gets beyond its head, is disconnected in time."""
    server = start_http(head_seconds=0.1)
    with server.connect() as connection:
        connection.sendall(begun)

        assert _until_closed(connection) == b""
    assert server.counters.all() == {"refused.otlp_http.slow": 1}


def test_head_in_drops_has_one_deadline(start_http: StartHttp) -> None:
    """A byte now and then does not put the deadline off, on a connection's second request either."""
    server = start_http(head_seconds=0.2)
    with server.connect() as connection:
        connection.sendall(_HEAD + b"Content-Length: 0\r\n\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")
        began = time.monotonic()
        connection.settimeout(0.02)
        try:
            for byte in _HEAD * 10:
                connection.sendall(bytes([byte]))
                try:
                    assert connection.recv(1) == b""
                    break
                except TimeoutError:
                    continue
        except (ConnectionResetError, BrokenPipeError):
            pass
        assert time.monotonic() - began < 2
    assert server.counters.value("refused.otlp_http.slow") == 1


@pytest.mark.parametrize("head", [_CHUNKED + b"3\r\nabc\r\n", _HEAD + b"Content-Length: 9\r\n\r\nabc"])
def test_body_that_does_not_end_is_answered_to_come_again(start_http: StartHttp, head: bytes) -> None:
    """A slow body gets a retryable answer, and its connection ends."""
    server = start_http(body_seconds=0.1)
    with server.connect() as connection:
        connection.sendall(head)
        answer = _until_closed(connection)

    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: 2\r\n" in answer
    assert server.counters.all() == {"refused.otlp_http.slow": 1}


def test_silent_connection_is_ended(start_http: StartHttp) -> None:
    """A kept connection with no further request is closed."""
    server = start_http(idle_seconds=0.1)
    with server.connect() as connection:
        connection.sendall(_HEAD + b"Content-Length: 0\r\n\r\n")

        assert _until_closed(connection).startswith(b"HTTP/1.1 200 ")


def test_sender_that_goes_away_leaves_nothing(start_http: StartHttp) -> None:
    """Half a body is not kept, and what it held is free again."""
    server = start_http(max_requests=1)
    with server.connect() as connection:
        connection.sendall(_HEAD + b"Content-Length: 9\r\nExpect: 100-continue\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"abc")

    deadline = time.monotonic() + 5
    while server.post(b"\x0a\x00")[0] != 200:
        assert time.monotonic() < deadline
    assert [frame.body for frame in server.spool.frames] == [b"\x0a\x00"]
    assert server.counters.value("refused.otlp_http.gone") == 1


def test_connections_beyond_the_limit_are_closed(start_http: StartHttp) -> None:
    """Those within the limit are served all the same."""
    server = start_http(max_connections=2)
    with server.connect() as first, server.connect() as second, server.connect() as third:
        assert _until_closed(third) == b""
        for each in (first, second):
            each.sendall(_HEAD + b"Content-Length: 0\r\n\r\n")
            assert each.recv(4096).startswith(b"HTTP/1.1 200 ")
    assert server.counters.value("refused.otlp_http.connections") == 1


@pytest.mark.parametrize(
    ("start", "part"),
    [
        (_HEAD + b"X-Long: ", b"x" * 65_536),
        (_HEAD, b"X-One: 1\r\n" * 6_500),
        (b"POST /", b"x" * 65_536),
        (_CHUNKED + b"3\r\nabc\r\n0\r\n", b"X-Trailer: 1\r\n" * 4_600),
        (_CHUNKED, b"1;" + b"x" * 65_536),
        (_CHUNKED + b"3;", b"x" * 65_536),
    ],
    ids=["long header", "many headers", "long path", "trailers", "chunk extension", "long chunk extension"],
)
def test_endless_head_is_cut_off(start_http: StartHttp, start: bytes, part: bytes) -> None:
    """What is not body is bounded, wherever HTTP allows it to be long."""
    server = start_http()
    with server.connect() as connection:
        connection.sendall(start)
        _push(connection, part)

    assert server.counters.value("refused.otlp_http.head") + server.counters.value("refused.otlp_http.framing") == 1


def test_refused_body_is_not_read_for_ever(start_http: StartHttp, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sender that does not stop after its refusal is disconnected."""
    monkeypatch.setattr("taskscope.serving.connection._LINGER_SECONDS", 0.1)
    server = start_http(max_body_bytes=10)
    with server.connect() as connection:
        connection.sendall(_HEAD + b"Content-Length: 99999999999\r\n\r\n")
        _push(connection, b"x" * 1000, within_seconds=5)


def _mutated(rng: random.Random) -> bytes:
    """Return a request with something wrong."""
    body = rng.randbytes(rng.randrange(200))
    path = rng.choice(
        ["/v1/traces", "/v1/logs/", "/v1/metrics", "/", "/%zz", "*", "http://x/v1/traces", "/v1/tr\x80ces"]
    )
    headers = {
        "Content-Type": rng.choice(["application/json", "application/x-protobuf", "text/plain", ";;", "\xff"]),
        "Content-Encoding": rng.choice(["gzip", "zstd", "br", "", "identity", ","]),
        "Content-Length": rng.choice([str(len(body)), "-1", "1e3", "0x10", "", str(10**30), "0"]),
        rng.choice(["Transfer-Encoding", "X"]): rng.choice(["chunked", "gzip, chunked", "x"]),
        rng.choice(["Expect", "Connection", "Upgrade"]): rng.choice(["100-continue", "close", "Upgrade", "websocket"]),
    }
    chosen = rng.sample(sorted(headers.items()), rng.randrange(len(headers) + 1))
    lines = "".join(f"{name}: {value}\r\n" for name, value in chosen)
    method = rng.choice(["POST", "GET", "OPTIONS", "CONNECT", "PRI", "post", ""])
    request = bytearray(
        f"{method} {path} HTTP/{rng.choice(['1.1', '1.0', '2.0', '9'])}\r\n{lines}\r\n".encode("latin-1")
    )
    for _ in range(rng.randrange(4)):
        request[rng.randrange(len(request))] = rng.randrange(256)
    return bytes(request) + body


def _try(server: Running, request: bytes) -> None:
    with server.connect() as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        _until_closed(connection)


def test_thousand_malformed_requests_do_no_harm(start_http: StartHttp) -> None:
    """Whatever comes, each connection ends in time, and the next good request is kept."""
    server = start_http(head_seconds=0.2, body_seconds=0.2, idle_seconds=1)
    rng = random.Random(20_261_120)  # noqa: S311 (the same requests at each run, no secrets)
    began = time.monotonic()
    for _ in range(1000):
        _try(server, _mutated(rng))

    assert time.monotonic() - began < 30
    assert server.post(b"\x0a\x00")[0] == 200
    assert all(len(frame.body) <= 200 for frame in server.spool.frames)
