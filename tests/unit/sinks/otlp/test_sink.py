"""The sink for OTLP endpoints, against a small local receiver."""

import gzip
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from taskscope.errors import ThrottledError, UnavailableError, UnreachableError, UsageError
from taskscope.model.batch import Batch, EncodedBatch, Signal
from taskscope.model.span import Span
from taskscope.sinks.otlp.config import OtlpSinkConfig
from taskscope.sinks.otlp.sink import OtlpSink
from taskscope.sinks.otlp.transport import pause_seconds
from taskscope.wire.otlp.logs import encode_logs
from taskscope.wire.otlp.traces import encode_traces
from tests.unit.sinks.backends import Answer, Backend, Reply, Request, serving
from tests.unit.sinks.rows import log, span

_NOW = 1_700_000_000_000_000_000

Start: TypeAlias = Callable[..., tuple[OtlpSink, Backend]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Give ``start(answer, **settings)``: a sink and the receiver that it sends to."""
    with ExitStack() as stack:

        def make(answer: Answer = lambda _: Reply(), **settings: Any) -> tuple[OtlpSink, Backend]:
            backend = stack.enter_context(serving(answer))
            path = settings.pop("path", "")
            sink = OtlpSink(OtlpSinkConfig(url=backend.url + path, **settings))
            stack.callback(sink.close)
            return sink, backend

        yield make


def _spans(*names: str) -> list[Span]:
    return [span(number, start_ns=_NOW, name=name) for number, name in enumerate(names, 1)]


def _batch(*names: str, number: int = 1) -> Batch:
    return Batch(Signal.SPANS, _spans(*names), f"token-{number}")


def _names(bodies: Sequence[bytes]) -> list[str]:
    requests = [ExportTraceServiceRequest.FromString(body) for body in bodies]
    return [
        each.name
        for request in requests
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for each in scope.spans
    ]


def _partial(rejected: int, message: str) -> bytes:
    partial = ExportTracePartialSuccess(rejected_spans=rejected, error_message=message)
    return ExportTraceServiceResponse(partial_success=partial).SerializeToString()


def test_rows_arrive_as_one_compressed_request(start: Start) -> None:
    """A batch of spans is one POST in Protobuf and gzip."""
    sink, backend = start(header=("x-team: shop",))

    assert sink.consume(_batch("a", "b")) == (2, [])
    [request] = backend.requests
    assert (request.path, request.headers["content-type"]) == ("/v1/traces", "application/x-protobuf")
    assert request.headers["content-encoding"] == "gzip"
    assert request.headers["x-team"] == "shop"
    assert gzip.decompress(request.raw) == request.body
    assert _names([request.body]) == ["a", "b"]


def test_each_signal_has_its_path(start: Start) -> None:
    """Logs go elsewhere than spans, below the path of the address."""
    sink, backend = start(path="/otlp/", logs_path="/custom/logs")
    sink.consume(_batch("a"))
    sink.consume(Batch(Signal.LOGS, [log("x", time_ns=_NOW)], "2"))

    assert [request.path for request in backend.requests] == ["/otlp/v1/traces", "/otlp/custom/logs"]


def test_encoded_bodies_are_joined(start: Start) -> None:
    """Bodies of several senders make one request, whose rows are those of all of them."""
    sink, backend = start(compression="none")
    bodies = [encode_traces(_spans("a", "b")), encode_traces(_spans("c"))]

    assert sink.consume(EncodedBatch(Signal.SPANS, bodies, "1")) == (3, [])
    assert _names(backend.bodies("/v1/traces")) == ["a", "b", "c"]
    assert len(backend.requests) == 1
    assert "content-encoding" not in backend.requests[0].headers


def test_requests_keep_to_the_size(start: Start) -> None:
    """What is larger than a receiver takes is sent in several requests, nothing twice."""
    sink, backend = start(max_request_bytes=65_536)
    names = [f"{number}-{'x' * 5_000}" for number in range(40)]
    sink.consume(_batch(*names))
    sink.consume(EncodedBatch(Signal.SPANS, [encode_traces(_spans(name)) for name in names], "2"))

    assert all(len(request.body) <= 65_536 for request in backend.requests)
    assert sorted(_names(backend.bodies("/v1/traces"))) == sorted(names * 2)


def test_spans_in_progress_wait_for_their_end(start: Start) -> None:
    """OTLP would show them twice: they count as taken, and only what is complete is sent."""
    sink, backend = start()
    rows = [span(1, start_ns=_NOW, in_progress=True), *_spans("done")]

    assert sink.consume(Batch(Signal.SPANS, rows, "1")) == (2, [])
    assert _names(backend.bodies("/v1/traces")) == ["done"]


def test_connections_are_kept(start: Start) -> None:
    """Ten batches, one connection."""
    sink, backend = start()
    for number in range(10):
        sink.consume(_batch("a", number=number))

    assert len({request.connection for request in backend.requests}) == 1


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_outages_are_retried(start: Start, status: int) -> None:
    """The four statuses that the specification names mean: come again; then all is well."""
    answers = [Reply(status, b"busy"), Reply()]
    sink, backend = start(lambda _: answers.pop(0))

    with pytest.raises(UnavailableError, match="busy"):
        sink.consume(_batch("a"))
    assert sink.consume(_batch("a")) == (1, [])
    assert _names(backend.bodies("/v1/traces")) == ["a", "a"]


@pytest.mark.parametrize("status", [400, 404, 413, 500])
def test_other_errors_reject_the_row_with_the_receiver_s_words(start: Start, status: int) -> None:
    """They must not be retried, so the row is given up and counted."""
    sink, _ = start(lambda _: Reply(status, b"\x08\x03\x12\x0cno such name"))
    outcome = sink.consume(_batch("a"))

    assert outcome.accepted == 0
    assert [each.position for each in outcome.rejected] == [0]
    assert f"{status}" in outcome.rejected[0].reason
    assert "no such name" in outcome.rejected[0].reason


def test_one_bad_row_does_not_cost_the_others(start: Start) -> None:
    """A refused request is divided until the bad row stands alone."""
    sink, backend = start(lambda request: Reply(400 if b"bad" in request.body else 200))
    outcome = sink.consume(_batch("a", "b", "c", "bad", "d"))

    assert (outcome.accepted, [each.position for each in outcome.rejected]) == (4, [3])
    assert sorted(_names([each.body for each in backend.requests if b"bad" not in each.body])) == ["a", "b", "c", "d"]


def test_one_bad_body_is_rejected_with_its_rows(start: Start) -> None:
    """Of joined bodies the bad one is found; it stands for all of its rows."""
    sink, _ = start(lambda request: Reply(400 if b"bad" in request.body else 200))
    bodies = [encode_traces(_spans("a")), encode_traces(_spans("bad", "b", "c")), encode_traces(_spans("d"))]
    outcome = sink.consume(EncodedBatch(Signal.SPANS, bodies, "1"))

    assert outcome.accepted == 2
    assert [(each.position, each.rows) for each in outcome.rejected] == [(1, 3)]


def test_a_row_that_otlp_cannot_hold_is_rejected(start: Start) -> None:
    """A time before 1970 has no place in OTLP; its neighbours arrive."""
    sink, backend = start()
    rows = [*_spans("a"), span(2, start_ns=_NOW)._replace(start_ns=-1), *_spans("b")]
    outcome = sink.consume(Batch(Signal.SPANS, rows, "1"))

    assert (outcome.accepted, [each.position for each in outcome.rejected]) == (2, [1])
    assert sorted(_names(backend.bodies("/v1/traces"))) == ["a", "b"]


def test_partial_success_is_not_retried(start: Start) -> None:
    """The receiver does not say which rows it refused: their number is reported, and nothing is sent again."""
    sink, backend = start(lambda _: Reply(200, _partial(2, "too long")))
    outcome = sink.consume(_batch("a", "b", "c"))

    assert outcome.accepted == 1
    assert [(each.rows, each.reason) for each in outcome.rejected] == [(2, "too long")]
    assert len(backend.requests) == 1


def test_a_warning_is_logged_and_rejects_nothing(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    """Partial success with no rejected rows is a message for people."""
    sink, _ = start(lambda _: Reply(200, _partial(0, "old names")))

    assert sink.consume(_batch("a")) == (1, [])
    assert "old names" in caplog.text


@pytest.mark.parametrize("status", [301, 401, 403, 407])
def test_what_tells_of_our_settings_keeps_the_batch(start: Start, status: int) -> None:
    """A wrong token or address is put right by a person; no telemetry is given up until then."""
    sink, _ = start(lambda _: Reply(status))

    with pytest.raises(UnavailableError, match=str(status)):
        sink.consume(_batch("a"))


def test_a_pause_that_the_receiver_asks_for_is_kept() -> None:
    """Until ``Retry-After`` is over no request is made at all."""
    now = [100.0]
    answers = [Reply(429, headers={"Retry-After": "7"}), Reply()]
    with serving(lambda _: answers.pop(0)) as backend:
        sink = OtlpSink(OtlpSinkConfig(url=backend.url), monotonic=lambda: now[0])
        for moment in (100.0, 106.0):
            now[0] = moment
            with pytest.raises(UnavailableError):
                sink.consume(_batch("a"))
        assert len(backend.requests) == 1
        now[0] = 107.5
        assert sink.consume(_batch("a")).accepted == 1
        sink.close()


def test_retry_after_is_seconds_or_a_date() -> None:
    """Both of HTTP's forms are read, what does not read is no pause, and none is longer than five minutes."""
    assert pause_seconds("7") == 7
    assert pause_seconds("Tue, 14 Nov 2023 22:13:30 GMT", clock=lambda: _NOW) == 10
    assert pause_seconds("Tue, 14 Nov 2023 22:13:00 GMT", clock=lambda: _NOW) == 0
    assert pause_seconds("") == pause_seconds("soon") == 0
    assert pause_seconds("86400") == 300


def test_throttling_is_told_apart(start: Start) -> None:
    """429 is a ThrottledError, for those who count."""
    sink, _ = start(lambda _: Reply(429))

    with pytest.raises(ThrottledError):
        sink.consume(_batch("a"))


def test_a_receiver_that_is_gone_comes_back() -> None:
    """An outage keeps the batch; on the same address it is taken later."""
    with serving(lambda _: Reply()) as backend:
        sink = OtlpSink(OtlpSinkConfig(url=backend.url))
        sink.consume(_batch("a", number=1))
    with pytest.raises(UnreachableError):
        sink.consume(_batch("b", number=2))
    with serving(lambda _: Reply(), port=int(backend.url.rpartition(":")[2])) as again:
        assert sink.consume(_batch("b", number=2)) == (1, [])
        assert _names(again.bodies("/v1/traces")) == ["b"]
    sink.close()


def test_a_kept_connection_that_the_receiver_closed_is_replaced(start: Start) -> None:
    """A hang-up without an answer is an outage of one request, and the next goes over a new connection."""
    answers: list[Reply | None] = [Reply(), None, Reply()]
    sink, backend = start(lambda _: answers.pop(0))
    sink.consume(_batch("a", number=1))
    with pytest.raises(UnreachableError):
        sink.consume(_batch("b", number=2))

    assert sink.consume(_batch("b", number=2)).accepted == 1
    assert len({request.connection for request in backend.requests}) == 2


def test_an_answer_that_breaks_off_is_an_outage(start: Start) -> None:
    """Half an answer is none."""
    answers = [Reply(200, b"\x0a", broken=True), Reply()]
    sink, _ = start(lambda _: answers.pop(0))
    with pytest.raises(UnreachableError):
        sink.consume(_batch("a"))

    assert sink.consume(_batch("a")).accepted == 1


def test_a_slow_receiver_is_an_outage(start: Start) -> None:
    """Nobody waits longer than the setting says."""
    over = threading.Event()

    def slow(_: Request) -> Reply:
        over.wait(10)
        return Reply()

    sink, _ = start(slow, timeout_seconds=0.2)
    began = time.monotonic()
    with pytest.raises(UnreachableError):
        sink.consume(_batch("a"))
    over.set()

    assert time.monotonic() - began < 5


def test_only_the_missing_request_is_sent_again(start: Start) -> None:
    """Of a batch in several requests the one that failed is repeated, no other."""
    failed: list[bytes] = []

    def once(request: Request) -> Reply:
        if not failed and b"bbb" in request.body:
            failed.append(request.body)
            return Reply(503)
        return Reply()

    sink, backend = start(once, max_request_bytes=65_536, parallel=1)
    names = [each * 60_000 for each in "abc"]
    with pytest.raises(UnavailableError):
        sink.consume(_batch(*names))
    sink.consume(_batch(*names))

    assert sorted(name[0] for name in _names(backend.bodies("/v1/traces"))) == ["a", "b", "b", "c"]


def test_requests_to_aws_are_signed_over_the_compressed_body(start: Start) -> None:
    """Every attempt has a signature of its own, for the service of the signal and the region of the settings."""
    answers = [Reply(503), Reply(), Reply()]
    sink, backend = start(lambda _: answers.pop(0), sigv4="true", region="eu-west-1", log_group="/g", log_stream="s")
    with pytest.raises(UnavailableError):
        sink.consume(_batch("a"))
    sink.consume(_batch("a"))
    sink.consume(EncodedBatch(Signal.LOGS, [encode_logs([log("x", time_ns=_NOW)])], "2"))

    spans, _, logs = (request.headers for request in backend.requests)
    assert "/eu-west-1/xray/aws4_request" in spans["authorization"]
    assert "/eu-west-1/logs/aws4_request" in logs["authorization"]
    assert all(name in spans["authorization"] for name in ("host", "x-amz-date", "content-encoding"))
    assert (logs["x-aws-log-group"], logs["x-aws-log-stream"]) == ("/g", "s")
    assert "x-aws-log-group" not in spans


def test_without_a_region_nothing_is_signed(start: Start) -> None:
    """The batch waits, and the message says what is missing."""
    sink, _ = start(sigv4="true")
    with pytest.raises(UnavailableError, match="no AWS region"):
        sink.consume(_batch("a"))


def test_a_file_of_certificates_that_cannot_be_read_is_told_at_the_start(tmp_path: Path) -> None:
    """Nobody waits for the first batch to hear of it."""
    with pytest.raises(UsageError):
        OtlpSink(OtlpSinkConfig(url="https://127.0.0.1:1", ca_file=str(tmp_path / "none.pem")))
