"""The sink for OTLP endpoints: what is sent, again or not, and what is rejected."""

import gzip

import pytest

from taskscope.errors import UnavailableError
from taskscope.model.batch import Batch, Encoded, EncodedBatch, Signal
from taskscope.sinks.otlp.config import OtlpSinkConfig
from taskscope.sinks.otlp.sink import OtlpSink
from taskscope.wire.otlp.logs import encode_logs
from taskscope.wire.otlp.traces import encode_traces
from tests.unit.sinks.backends import Reply, Request, serving
from tests.unit.sinks.otlp.conftest import NOW, Start, batch, names_in, partial_success, spans
from tests.unit.sinks.rows import log, span


def test_rows_arrive_as_one_compressed_request(start: Start) -> None:
    """A batch of spans is one POST in Protobuf and gzip."""
    sink, backend = start(header=("x-team: shop",))

    assert sink.consume(batch("a", "b")) == (2, [])
    [request] = backend.requests
    assert (request.path, request.headers["content-type"]) == ("/v1/traces", "application/x-protobuf")
    assert request.headers["content-encoding"] == "gzip"
    assert request.headers["x-team"] == "shop"
    assert gzip.decompress(request.raw) == request.body
    assert names_in([request.body]) == ["a", "b"]


def test_each_signal_has_its_path(start: Start) -> None:
    """Logs go elsewhere than spans, below the path of the address."""
    sink, backend = start(path="/otlp/", logs_path="/custom/logs")
    sink.consume(batch("a"))
    sink.consume(Batch(Signal.LOGS, [log("x", time_ns=NOW)], "2"))

    assert [request.path for request in backend.requests] == ["/otlp/v1/traces", "/otlp/custom/logs"]


def test_encoded_bodies_are_joined(start: Start) -> None:
    """Bodies of several senders make one request, whose rows are those of all of them."""
    sink, backend = start(compression="none")
    bodies = [encode_traces(spans("a", "b")), encode_traces(spans("c"))]

    assert sink.consume(EncodedBatch(Encoded.OTLP_SPANS, bodies, "1")) == (3, [])
    assert names_in(backend.bodies("/v1/traces")) == ["a", "b", "c"]
    assert len(backend.requests) == 1
    assert "content-encoding" not in backend.requests[0].headers


def test_requests_keep_to_the_size(start: Start) -> None:
    """What is larger than a receiver takes is sent in several requests, nothing twice."""
    sink, backend = start(max_request_bytes=65_536)
    names = [f"{number}-{'x' * 5_000}" for number in range(40)]
    sink.consume(batch(*names))
    sink.consume(EncodedBatch(Encoded.OTLP_SPANS, [encode_traces(spans(name)) for name in names], "2"))

    assert all(len(request.body) <= 65_536 for request in backend.requests)
    assert sorted(names_in(backend.bodies("/v1/traces"))) == sorted(names * 2)


def test_spans_in_progress_wait_for_their_end(start: Start) -> None:
    """OTLP would show them twice: they count as taken, and only what is complete is sent."""
    sink, backend = start()
    rows = [span(1, start_ns=NOW, in_progress=True), *spans("done")]

    assert sink.consume(Batch(Signal.SPANS, rows, "1")) == (2, [])
    assert names_in(backend.bodies("/v1/traces")) == ["done"]


def test_one_bad_row_does_not_cost_the_others(start: Start) -> None:
    """A refused request is divided until the bad row stands alone."""
    sink, backend = start(lambda request: Reply(400 if b"bad" in request.body else 200))
    outcome = sink.consume(batch("a", "b", "c", "bad", "d"))

    assert (outcome.accepted, [each.position for each in outcome.rejected]) == (4, [3])
    assert sorted(names_in([each.body for each in backend.requests if b"bad" not in each.body])) == ["a", "b", "c", "d"]


def test_an_address_that_takes_nothing_is_asked_once(start: Start) -> None:
    """404 says nothing about the rows: they are rejected together, without a request for each."""
    sink, backend = start(lambda _: Reply(404))
    outcome = sink.consume(batch("a", "b", "c"))

    assert [each.position for each in outcome.rejected] == [0, 1, 2]
    assert len(backend.requests) == 1


def test_one_bad_body_is_rejected_with_its_rows(start: Start) -> None:
    """Of joined bodies the bad one is found; it stands for all of its rows."""
    sink, _ = start(lambda request: Reply(400 if b"bad" in request.body else 200))
    bodies = [encode_traces(spans("a")), encode_traces(spans("bad", "b", "c")), encode_traces(spans("d"))]
    outcome = sink.consume(EncodedBatch(Encoded.OTLP_SPANS, bodies, "1"))

    assert outcome.accepted == 2
    assert [(each.position, each.rows) for each in outcome.rejected] == [(1, 3)]


def test_a_row_that_otlp_cannot_hold_is_rejected(start: Start) -> None:
    """A time before 1970 has no place in OTLP; its neighbours arrive."""
    sink, backend = start()
    rows = [*spans("a"), span(2, start_ns=NOW)._replace(start_ns=-1), *spans("b")]
    outcome = sink.consume(Batch(Signal.SPANS, rows, "1"))

    assert (outcome.accepted, [each.position for each in outcome.rejected]) == (2, [1])
    assert sorted(names_in(backend.bodies("/v1/traces"))) == ["a", "b"]


def test_partial_success_is_not_retried(start: Start) -> None:
    """The receiver does not say which rows it refused: their number is reported, and nothing is sent again."""
    sink, backend = start(lambda _: Reply(200, partial_success(2, "too long")))
    outcome = sink.consume(batch("a", "b", "c"))

    assert outcome.accepted == 1
    assert [(each.rows, each.reason) for each in outcome.rejected] == [(2, "too long")]
    assert len(backend.requests) == 1


def test_a_pause_that_the_receiver_asks_for_is_kept() -> None:
    """Until ``Retry-After`` is over no request is made at all."""
    now = [100.0]
    answers = [Reply(429, headers={"Retry-After": "7"}), Reply()]
    with serving(lambda _: answers.pop(0)) as backend:
        sink = OtlpSink(OtlpSinkConfig(url=backend.url), monotonic=lambda: now[0])
        for moment in (100.0, 106.0):
            now[0] = moment
            with pytest.raises(UnavailableError):
                sink.consume(batch("a"))
        assert len(backend.requests) == 1
        now[0] = 107.5
        assert sink.consume(batch("a")).accepted == 1
        sink.close()


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
        sink.consume(batch(*names))
    sink.consume(batch(*names))

    assert sorted(name[0] for name in names_in(backend.bodies("/v1/traces"))) == ["a", "b", "b", "c"]


def test_requests_to_aws_are_signed_over_the_compressed_body(start: Start) -> None:
    """Every attempt has a signature of its own, for the service of the signal and the region of the settings."""
    answers = [Reply(503), Reply(), Reply()]
    sink, backend = start(lambda _: answers.pop(0), sigv4="true", region="eu-west-1", log_group="/g", log_stream="s")
    with pytest.raises(UnavailableError):
        sink.consume(batch("a"))
    sink.consume(batch("a"))
    sink.consume(EncodedBatch(Encoded.OTLP_LOGS, [encode_logs([log("x", time_ns=NOW)])], "2"))

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
        sink.consume(batch("a"))
