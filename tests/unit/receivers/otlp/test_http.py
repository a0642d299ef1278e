"""OTLP over HTTP: what is answered, and what is kept."""

import gzip
import http.client
import json
import ssl
from collections.abc import Sequence
from pathlib import Path

import pytest
import zstandard
from google.rpc import status_pb2  # type: ignore[import-untyped] # it ships no types
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from taskscope.spool.frame import Encoding, Frame, Kind
from tests.unit.receivers.doubles import MemorySpool
from tests.unit.receivers.otlp.conftest import FIXTURES, NOW, Certificate, StartHttp

_CAPTURES = sorted(FIXTURES.glob("*_http_*.headers.json"))
_KINDS = {
    "/v1/traces": (Kind.OTLP_TRACES_PROTOBUF, Kind.OTLP_TRACES_JSON),
    "/v1/metrics": (Kind.OTLP_METRICS_PROTOBUF, Kind.OTLP_METRICS_JSON),
    "/v1/logs": (Kind.OTLP_LOGS_PROTOBUF, Kind.OTLP_LOGS_JSON),
}
_BODY = b"\x0a\x00" * 40
_JSON = {"content-type": "application/json"}


class _BrokenSpool(MemorySpool):
    async def append(self, frames: Sequence[Frame]) -> None:
        raise OSError(5, f"Input/output error with {len(frames)} frames")


@pytest.mark.parametrize("path", _CAPTURES, ids=lambda path: path.name.removesuffix(".headers.json"))
def test_recorded_request_is_kept_as_it_came(start_http: StartHttp, path: Path) -> None:
    """Each recorded request is answered in its form, and its body is kept with the encoding that it had."""
    server = start_http()
    said = json.loads(path.read_text())
    [body_file] = [each for each in FIXTURES.glob(f"{path.name.removesuffix('.headers.json')}.*") if each != path]
    body, headers = body_file.read_bytes(), said["headers"]
    chunked = headers.get("Transfer-Encoding") == "chunked"
    ours = {"Host", "Connection", "Content-Length", "Transfer-Encoding"}  # which http.client sends by itself
    sent = {name: value for name, value in headers.items() if name not in ours}

    status, answered, answer = server.send(said["method"], said["path"], iter([body]) if chunked else body, sent)

    is_json = headers["Content-Type"] == "application/json"
    encoding = Encoding.GZIP if headers.get("Content-Encoding") == "gzip" else Encoding.IDENTITY
    assert (status, answered["content-type"], answer) == (200, headers["Content-Type"], b"{}" if is_json else b"")
    assert server.spool.frames == [Frame(_KINDS[said["path"]][is_json], NOW, body, encoding, "127.0.0.1")]
    assert server.counters.all() == {"received.otlp_http": 1, "received_bytes.otlp_http": len(body)}


@pytest.mark.parametrize("compression", [Compression.NoCompression, Compression.Gzip])
def test_exporter_of_the_sdk_is_content(start_http: StartHttp, compression: Compression) -> None:
    """The OpenTelemetry SDK exports a span, and what is kept is that span."""
    server = start_http(token="let-me-in")
    exporter = OTLPSpanExporter(
        f"http://127.0.0.1:{server.port}/v1/traces",
        headers={"Authorization": "Bearer let-me-in"},
        compression=compression,
    )
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with provider.get_tracer("test").start_as_current_span("checkout"):
        pass
    provider.shutdown()

    [frame] = server.spool.frames
    body = gzip.decompress(frame.body) if frame.encoding == Encoding.GZIP else frame.body
    request = ExportTraceServiceRequest.FromString(body)
    assert request.resource_spans[0].scope_spans[0].spans[0].name == "checkout"


def test_exporter_of_the_sdk_comes_again_when_it_was_told_to(start_http: StartHttp) -> None:
    """A full spool, then room: the span arrives after the delay, a second at least as the header has no fractions."""
    server = start_http(retry_seconds=0.05)
    server.spool.refusals = 1
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(f"http://127.0.0.1:{server.port}/v1/traces")))
    with provider.get_tracer("test").start_as_current_span("checkout"):
        pass
    provider.shutdown()

    assert server.counters.value("refused.otlp_http.full") == 1
    assert len(server.spool.frames) == 1


@pytest.mark.parametrize("path", ["/v1/traces", "/v1/traces/", "/v1/traces?who=me"])
def test_slash_and_query_mean_nothing(start_http: StartHttp, path: str) -> None:
    """A path may end in a slash."""
    server = start_http()

    assert server.post(_BODY, path)[0] == 200
    assert [frame.kind for frame in server.spool.frames] == [Kind.OTLP_TRACES_PROTOBUF]


@pytest.mark.parametrize(
    ("encoding", "body", "kept_as"),
    [
        ("gzip", gzip.compress(_BODY), Encoding.GZIP),
        ("x-gzip", gzip.compress(_BODY) + gzip.compress(_BODY), Encoding.GZIP),
        ("zstd", zstandard.compress(_BODY), Encoding.ZSTD),
        ("zstd", zstandard.compress(_BODY) + zstandard.compress(_BODY), Encoding.ZSTD),
        ("Identity", _BODY, Encoding.IDENTITY),
    ],
    ids=["gzip", "two members", "zstd", "two frames", "identity"],
)
def test_compressed_body_stays_compressed(start_http: StartHttp, encoding: str, body: bytes, kept_as: Encoding) -> None:
    """Bodies are kept with the bytes that were sent, of one member or several."""
    server = start_http()

    assert server.post(body, content_encoding=encoding)[0] == 200
    assert [(frame.body, frame.encoding) for frame in server.spool.frames] == [(body, kept_as)]


@pytest.mark.parametrize(
    ("body", "headers"),
    [(b"", {}), (b"", {"content_encoding": "gzip"}), (gzip.compress(b""), {"content_encoding": "gzip"})],
    ids=["nothing", "said to be gzip", "gzip of nothing"],
)
def test_empty_request_succeeds_and_is_not_kept(start_http: StartHttp, body: bytes, headers: dict[str, str]) -> None:
    """An empty message is a valid request with nothing in it."""
    server = start_http()

    assert server.post(body, **headers)[::2] == (200, b"")
    assert server.spool.frames == []


def test_answer_waits_until_the_request_is_durable(start_http: StartHttp) -> None:
    """Nothing is answered before the spool has committed."""
    server = start_http()
    server.spool.open.clear()
    with server.connect() as connection:
        connection.sendall(b"POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
        connection.sendall(b"Content-Length: 2\r\n\r\n{}")
        connection.settimeout(0.2)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        server.loop.call(server.spool.open.set)
        connection.settimeout(10)

        assert connection.recv(100).startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    ("spool", "status", "why", "code"),
    [("full", 429, "full", 8), ("broken", 503, "storage", 14)],
)
def test_trouble_of_ours_is_answered_to_come_again(
    start_http: StartHttp, spool: str, status: int, why: str, code: int
) -> None:
    """What is no fault of the request is retryable, says when, and keeps nothing."""
    kept = _BrokenSpool() if spool == "broken" else MemorySpool()
    kept.refusals = int(spool == "full")
    server = start_http(spool=kept, retry_seconds=6.2)

    got, headers, answer = server.post(_BODY)

    assert (got, headers["retry-after"]) == (status, "7")
    assert status_pb2.Status.FromString(answer).code == code
    assert server.spool.frames == []
    assert server.counters.value(f"refused.otlp_http.{why}") == 1


@pytest.mark.parametrize("settings", [{"max_requests": 1}, {"max_held_bytes": 150, "max_body_bytes": 100}])
def test_too_much_under_way_is_answered_to_come_again(start_http: StartHttp, settings: dict[str, int]) -> None:
    """A request beyond the bounds of what is under way is refused, and taken once there is room."""
    server = start_http(max_decompressed_bytes=100, **settings)
    server.spool.open.clear()
    with server.connect() as connection:
        connection.sendall(b"POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
        connection.sendall(b"Content-Length: 80\r\n\r\n" + _BODY)
        server.loop.run(server.spool.asked.wait())

        status, headers, _ = server.post(_BODY)
        server.loop.call(server.spool.open.set)

        assert (status, headers["retry-after"]) == (503, "2")
        assert connection.recv(100).startswith(b"HTTP/1.1 200 OK\r\n")
    assert server.post(_BODY)[0] == 200
    assert server.counters.value("refused.otlp_http.busy") == 1


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "why"),
    [
        ("POST", "/", {}, 404, "path"),
        ("POST", "/v1/profiles", {}, 404, "path"),
        ("GET", "/v1/traces", {}, 405, "method"),
        ("HEAD", "/v1/traces", {}, 405, "method"),
        ("OPTIONS", "/v1/traces", {}, 405, "method"),
        ("POST", "/v1/traces", {"content-type": "text/plain"}, 415, "type"),
        ("POST", "/v1/traces", {}, 415, "type"),
        ("POST", "/v1/traces", {**_JSON, "content-encoding": "br"}, 415, "encoding"),
        ("POST", "/v1/traces", {**_JSON, "content-encoding": "gzip, gzip"}, 415, "encoding"),
        ("POST", "/v1/traces", {**_JSON, "content-encoding": "gzip"}, 400, "framing"),
        ("POST", "/v1/traces", {**_JSON, "content-encoding": "zstd"}, 400, "framing"),
        ("POST", "/v1/traces", {**_JSON, "content-length": "999999999999"}, 413, "size"),
    ],
)
def test_wrong_request_is_refused_for_good(
    start_http: StartHttp, method: str, path: str, headers: dict[str, str], status: int, why: str
) -> None:
    """A wrong request gets a status that forbids a retry, and a Status in JSON that says what is wrong."""
    server = start_http()

    got, answered, answer = server.send(method, path, b"{}", headers)

    assert got == status
    assert "retry-after" not in answered
    assert method == "HEAD" or json.loads(answer)["message"]
    assert server.counters.value(f"refused.otlp_http.{why}") == 1
    assert server.spool.frames == []


def test_refusal_names_what_would_do(start_http: StartHttp) -> None:
    """405 names the methods, 401 the scheme, 415 the encodings."""
    server = start_http(token="t")

    assert server.send("PUT", "/v1/logs")[1]["allow"] == "POST, OPTIONS"
    assert server.post(_BODY)[1]["www-authenticate"] == "Bearer"
    assert server.post(_BODY, authorization="Bearer t", content_encoding="br")[1]["accept-encoding"].startswith("gzip")


@pytest.mark.parametrize("given", ["", "Bearer wrong", "Basic dDp0", "Bearer", "t"])
def test_wrong_token_is_refused(start_http: StartHttp, given: str) -> None:
    """Without the token nothing is kept."""
    server = start_http(token="t")

    status, _, answer = server.post(_BODY, authorization=given)

    assert (status, status_pb2.Status.FromString(answer).code) == (401, 16)
    assert server.spool.frames == []


@pytest.mark.parametrize("compressed", [gzip.compress(b"\0" * (1 << 26)), zstandard.compress(b"\0" * (1 << 26))])
def test_bomb_is_refused(start_http: StartHttp, compressed: bytes) -> None:
    """64 MiB of zeros come in 65 kB or 2 kB: past the limit, decompression ends."""
    server = start_http(max_decompressed_bytes=1 << 20)
    encoding = "gzip" if compressed.startswith(b"\x1f\x8b") else "zstd"

    assert server.post(compressed, content_encoding=encoding)[0] == 413
    assert server.spool.frames == []


@pytest.mark.parametrize("chunked", [True, False])
def test_too_large_body_is_refused_before_it_is_read(start_http: StartHttp, *, chunked: bool) -> None:
    """A declared length beyond the limit is refused at once, a chunked body when it gets there."""
    server = start_http(max_body_bytes=1000)
    body = b"\0" * 1001

    assert server.post(iter([body]) if chunked else body)[0] == 413
    assert server.post(b"\0" * 1000)[0] == 200


def test_connection_lives_on_after_a_refused_body(start_http: StartHttp) -> None:
    """The rest of a refused body is read, and the next request of the connection is answered."""
    server = start_http(max_body_bytes=1000)
    head = b"POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\nContent-Length: %d\r\n\r\n"
    with server.connect() as connection:
        connection.sendall(head % 300_000 + b"\0" * 100_000)
        assert connection.recv(4096).startswith(b"HTTP/1.1 413 ")
        connection.sendall(b"\0" * 200_000 + head % 2 + b"\x0a\x00")
        assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")


def test_expected_go_ahead_is_given_only_to_what_will_be_read(start_http: StartHttp) -> None:
    """``Expect: 100-continue`` is answered 100 where the head is fine, and with the refusal where it is not."""
    server = start_http()
    head = b"POST /v1/traces HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n"
    with server.connect() as connection:
        connection.sendall(head + b"Content-Type: application/json\r\n\r\n")
        assert connection.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"{}")
        assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")
    with server.connect() as connection:
        connection.sendall(head + b"Content-Type: text/html\r\n\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 415 ")


def test_stop_answers_what_is_under_way(start_http: StartHttp) -> None:
    """A request that waits for the spool when the receiver stops is answered; new connections are refused."""
    server = start_http(grace_seconds=5)
    server.spool.open.clear()
    with server.connect() as connection:
        connection.sendall(b"POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
        connection.sendall(b"Content-Length: 2\r\n\r\n{}")
        server.loop.run(server.spool.asked.wait())
        server.loop.call(server.spool.open.set)
        server.stop()
        server.stop()

        assert connection.recv(100).startswith(b"HTTP/1.1 200 OK\r\n")
        with pytest.raises(ConnectionRefusedError):
            server.connect()


def test_tls_is_spoken_where_a_certificate_is_given(
    start_http: StartHttp, certificate: Certificate, tmp_path: Path
) -> None:
    """A client that trusts the certificate sends; one without TLS gets nowhere."""
    (tmp_path / "both.pem").write_bytes(certificate.key + certificate.chain)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "both.pem")
    server = start_http(tls=context)
    trusting = ssl.create_default_context(cadata=certificate.chain.decode())
    connection = http.client.HTTPSConnection("localhost", server.port, timeout=10, context=trusting)
    connection.request("POST", "/v1/logs", b"{}", _JSON)

    assert connection.getresponse().status == 200
    connection.close()
    with pytest.raises(ConnectionError):
        server.post(b"\x0a\x00")
    assert len(server.spool.frames) == 1
