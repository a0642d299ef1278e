"""OTLP over gRPC: what is answered, and what is kept."""

import json
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped] # grpcio ships no types
import pytest
from google.rpc import error_details_pb2, status_pb2  # type: ignore[import-untyped] # it ships no types
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from taskscope.counters import Counters
from taskscope.errors import UsageError
from taskscope.receivers.otlp.config import OtlpConfig
from taskscope.receivers.otlp.grpc import OtlpGrpc
from taskscope.spool.frame import Encoding, Frame, Kind
from tests.unit.receivers.doubles import MemorySpool
from tests.unit.receivers.otlp.conftest import FIXTURES, NOW, Certificate, Loop, Running, StartGrpc

_TRACES = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
_CAPTURES = sorted(FIXTURES.glob("*_grpc_*.meta.json"))
_KINDS = {
    "Trace": Kind.OTLP_TRACES_PROTOBUF,
    "Metri": Kind.OTLP_METRICS_PROTOBUF,
    "LogsS": Kind.OTLP_LOGS_PROTOBUF,
}


@contextmanager
def _client(server: Running, method: str = _TRACES) -> Iterator[Any]:
    """Give a client that sends raw bytes; one channel of its own."""
    options = (("grpc.use_local_subchannel_pool", 1), ("grpc.max_send_message_length", -1))
    with grpc.insecure_channel(f"127.0.0.1:{server.port}", options=options) as channel:
        yield channel.unary_unary(method)


def _export(server: Running, message: bytes, *, seconds: float = 10, **named: Any) -> bytes:
    with _client(server) as call:
        answer: bytes = call(message, timeout=seconds, **named)
    return answer


def _refusal(server: Running, message: bytes = b"\x0a\x00", **named: Any) -> Any:
    with pytest.raises(grpc.RpcError) as raised:
        _export(server, message, **named)
    return raised.value


def _status(error: Any) -> status_pb2.Status:
    return status_pb2.Status.FromString(dict(error.trailing_metadata())["grpc-status-details-bin"])


@pytest.mark.parametrize("path", _CAPTURES, ids=lambda path: path.name.removesuffix(".meta.json"))
def test_recorded_message_is_kept_as_it_came(start_grpc: StartGrpc, path: Path) -> None:
    """Each recorded message is answered with an empty response and kept."""
    server = start_grpc()
    method = json.loads(path.read_text())["method"]
    message = path.with_name(path.name.replace(".meta.json", ".pb")).read_bytes()

    with _client(server, method) as call:
        assert call(message, timeout=10) == b""

    kind = _KINDS[method.rpartition(".")[2][:5]]
    assert server.spool.frames == [Frame(kind, NOW, message, Encoding.IDENTITY, "127.0.0.1")]
    assert server.counters.all() == {"received.otlp_grpc": 1, "received_bytes.otlp_grpc": len(message)}


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
def test_exporter_of_the_sdk_is_content(start_grpc: StartGrpc, compression: grpc.Compression) -> None:
    """The OpenTelemetry SDK exports a span, and what is kept is that span."""
    server = start_grpc(token="let-me-in")
    exporter = OTLPSpanExporter(
        f"127.0.0.1:{server.port}",
        insecure=True,
        headers=(("authorization", "Bearer let-me-in"),),
        compression=compression,
    )
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with provider.get_tracer("test").start_as_current_span("checkout"):
        pass
    provider.shutdown()

    [frame] = server.spool.frames
    request = ExportTraceServiceRequest.FromString(frame.body)
    assert request.resource_spans[0].scope_spans[0].spans[0].name == "checkout"


def test_exporter_of_the_sdk_comes_again_when_it_was_told_to(start_grpc: StartGrpc) -> None:
    """A full spool, then room: the span arrives after the delay."""
    server = start_grpc(retry_seconds=0.05)
    server.spool.refusals = 2
    exporter = OTLPSpanExporter(f"127.0.0.1:{server.port}", insecure=True)
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with provider.get_tracer("test").start_as_current_span("checkout"):
        pass
    provider.shutdown()

    assert server.counters.value("refused.otlp_grpc.full") == 2
    assert len(server.spool.frames) == 1


@pytest.mark.parametrize("compression", [grpc.Compression.Gzip, grpc.Compression.Deflate])
def test_message_is_kept_decompressed(start_grpc: StartGrpc, compression: grpc.Compression) -> None:
    """gRPC decompresses: the frame says identity."""
    server = start_grpc()

    assert _export(server, b"\x0a\x00" * 500, compression=compression) == b""
    assert server.spool.frames == [
        Frame(Kind.OTLP_TRACES_PROTOBUF, NOW, b"\x0a\x00" * 500, Encoding.IDENTITY, "127.0.0.1")
    ]


def test_empty_request_succeeds_and_is_not_kept(start_grpc: StartGrpc) -> None:
    """An empty message is a valid request with nothing in it."""
    server = start_grpc()

    assert _export(server, b"") == b""
    assert server.spool.frames == []


def test_full_spool_is_told_with_the_delay(start_grpc: StartGrpc) -> None:
    """RESOURCE_EXHAUSTED is retryable only with RetryInfo."""
    server = start_grpc(retry_seconds=2.5)
    server.spool.refusals = 1

    error = _refusal(server)

    info = error_details_pb2.RetryInfo()
    status = _status(error)
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert (status.code, status.message) == (8, error.details())
    assert status.details[0].Unpack(info)
    assert info.retry_delay.ToNanoseconds() == 2_500_000_000
    assert error_details_pb2.RetryInfo.FromString(dict(error.trailing_metadata())["google.rpc.retryinfo-bin"]) == info
    assert server.counters.all() == {"refused.otlp_grpc.full": 1}


@pytest.mark.parametrize("given", [(), (("authorization", "Bearer wrong"),)])
def test_wrong_token_is_refused(start_grpc: StartGrpc, given: tuple[tuple[str, str], ...]) -> None:
    """Without the token nothing is kept, and nothing says to come again."""
    server = start_grpc(token="t")

    error = _refusal(server, metadata=given)

    assert error.code() is grpc.StatusCode.UNAUTHENTICATED
    assert len(_status(error).details) == 0
    assert server.spool.frames == []


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
def test_too_large_message_is_refused_for_good(start_grpc: StartGrpc, compression: grpc.Compression) -> None:
    """64 MiB of zeros are too large for a limit of 1 MiB, compressed to 65 kB as well; no RetryInfo forbids a retry."""
    server = start_grpc(max_decompressed_bytes=1 << 20)

    error = _refusal(server, b"\0" * (64 << 20), compression=compression)

    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "grpc-status-details-bin" not in dict(error.trailing_metadata())
    assert server.spool.frames == []


def test_too_much_under_way_is_answered_to_come_again(start_grpc: StartGrpc) -> None:
    """A request beyond the bound is UNAVAILABLE, and taken once there is room."""
    server = start_grpc(max_held_bytes=100, max_body_bytes=100, max_decompressed_bytes=100)
    server.spool.open.clear()
    with _client(server) as call:
        first = call.future(b"\x0a\x00" * 40, timeout=10)
        server.loop.run(server.spool.asked.wait())
        error = _refusal(server, b"\x0a\x00" * 40)
        server.loop.call(server.spool.open.set)

        assert first.result() == b""
    assert error.code() is grpc.StatusCode.UNAVAILABLE
    assert server.counters.value("refused.otlp_grpc.busy") == 1
    assert _export(server, b"\x0a\x00" * 40) == b""


def test_call_that_its_client_gives_up_is_under_way_until_it_is_kept(start_grpc: StartGrpc) -> None:
    """Clients cannot fill the memory by giving up: what waits for the spool counts, and is kept in the end."""
    server = start_grpc(max_requests=1)
    server.spool.open.clear()
    with pytest.raises(grpc.RpcError) as raised:
        _export(server, b"\x0a\x00", seconds=0.2)

    assert raised.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert _refusal(server).code() is grpc.StatusCode.UNAVAILABLE
    server.loop.call(server.spool.open.set)
    server.stop()
    assert [frame.body for frame in server.spool.frames] == [b"\x0a\x00"]
    assert server.counters.all() == {
        "refused.otlp_grpc.busy": 1,
        "received.otlp_grpc": 1,
        "received_bytes.otlp_grpc": 2,
    }


def test_message_that_does_not_come_is_answered(start_grpc: StartGrpc) -> None:
    """A call whose message stays out ends, and its place is free."""
    server = start_grpc(body_seconds=0.1, max_requests=1)
    answered = threading.Event()

    def nothing() -> Iterator[bytes]:
        answered.wait(10)
        yield from ()

    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        with pytest.raises(grpc.RpcError) as raised:
            channel.stream_unary(_TRACES)(nothing(), timeout=10)
        answered.set()

    assert raised.value.code() is grpc.StatusCode.UNAVAILABLE
    assert _export(server, b"\x0a\x00") == b""


def test_stop_answers_what_is_under_way(start_grpc: StartGrpc) -> None:
    """A request that waits for the spool when the receiver stops is answered; later ones find nobody."""
    server = start_grpc(grace_seconds=5)
    server.spool.open.clear()
    with _client(server) as call:
        first = call.future(b"\x0a\x00", timeout=10)
        server.loop.run(server.spool.asked.wait())
        server.loop.call(server.spool.open.set)
        server.stop()
        server.stop()

        assert first.result() == b""
    assert _refusal(server).code() is grpc.StatusCode.UNAVAILABLE


def test_other_methods_are_not_implemented(start_grpc: StartGrpc) -> None:
    """A method of another service has no handler."""
    server = start_grpc()
    with pytest.raises(grpc.RpcError) as raised, _client(server, "/a.b.C/Export") as call:
        call(b"", timeout=10)

    assert raised.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_garbage_does_no_harm(start_grpc: StartGrpc) -> None:
    """Connections that speak no HTTP/2, or stop in the middle of it, end; the next good request is kept."""
    server = start_grpc(head_seconds=0.2)
    rng = random.Random(20_261_120)  # noqa: S311 (the same bytes at each run, no secrets)
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"
    for _ in range(300):
        with server.connect() as connection, suppress(ConnectionError):
            connection.sendall(rng.choice([b"", preface]) + rng.randbytes(rng.randrange(200)))

    assert _export(server, b"\x0a\x00") == b""
    assert len(server.spool.frames) == 1


def test_processes_share_a_port_only_when_asked_to(loop: Loop) -> None:
    """With ``reuse_port`` a second receiver joins, without it the port is in use."""

    async def try_both() -> None:
        first, second, third = (OtlpGrpc(OtlpConfig(), MemorySpool(), Counters()) for _ in range(3))
        port = await first.start("127.0.0.1", 0, reuse_port=True)
        assert await second.start("127.0.0.1", port, reuse_port=True) == port
        with pytest.raises(UsageError, match=f"port {port} of 127.0.0.1 cannot be had"):
            await third.start("127.0.0.1", port)
        for each in (first, second, third):
            await each.stop()

    loop.run(try_both())


def test_tls_is_spoken_where_a_certificate_is_given(start_grpc: StartGrpc, certificate: Certificate) -> None:
    """A client that trusts the certificate exports; one without TLS does not."""
    server = start_grpc(tls=(certificate.key, certificate.chain))
    trusted = grpc.ssl_channel_credentials(certificate.chain)
    with grpc.secure_channel(f"localhost:{server.port}", trusted) as channel:
        assert channel.unary_unary(_TRACES)(b"\x0a\x00", timeout=10) == b""

    assert _refusal(server).code() is grpc.StatusCode.UNAVAILABLE
    assert len(server.spool.frames) == 1


def test_collector_without_grpc_does_not_load_it() -> None:
    """Only the module that speaks gRPC imports it."""
    check = "import sys, taskscope.receivers.otlp.http; sys.exit('grpc' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", check], check=False, timeout=30).returncode == 0
