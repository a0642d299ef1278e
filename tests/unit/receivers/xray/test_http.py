"""X-Ray over TCP: sampling polls of real SDKs, and segments that are durable before they are acknowledged."""

import json
import random
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import boto3
import pytest
from aws_xray_sdk.core.sampling.connector import ServiceConnector  # type: ignore[import-untyped] # it ships no types
from aws_xray_sdk.core.sampling.rule_cache import RuleCache  # type: ignore[import-untyped] # as above
from aws_xray_sdk.core.sampling.rule_poller import RulePoller  # type: ignore[import-untyped] # as above
from aws_xray_sdk.core.sampling.target_poller import TargetPoller  # type: ignore[import-untyped] # as above
from botocore import UNSIGNED
from botocore.config import Config

from taskscope.clock import SECOND
from taskscope.receivers.xray.answers import Answer
from taskscope.receivers.xray.rule import Rule
from taskscope.receivers.xray.rules import RuleStore
from taskscope.spool.frame import Encoding, Frame, Kind
from tests.unit.receivers.doubles import MemorySpool
from tests.unit.receivers.xray.conftest import FIXTURES, NOW, MovedClock, Running, StartHttp

_POLLS = sorted(FIXTURES.glob("http_*.headers.json"))
_DOCUMENTS = ['{"name":"shop","id":"53995c3f42cd8ad8"}', '{"name":"\\ud83d\\ude00"}', "no JSON"]


class _BrokenSpool(MemorySpool):
    async def append(self, frames: Sequence[Frame]) -> None:
        raise OSError(5, f"Input/output error with {len(frames)} frames")


class _NoAnswers:
    async def answer(self, path: str, body: bytes) -> Answer:
        raise ConnectionError(f"{path} {body!r}")


def _client(server: Running) -> Any:
    config = Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1})
    url = f"http://127.0.0.1:{server.port}"
    return boto3.client("xray", endpoint_url=url, region_name="eu-west-1", config=config)


@pytest.mark.parametrize("path", _POLLS, ids=lambda path: path.name.removesuffix(".headers.json"))
def test_recorded_poll_is_answered(start: StartHttp, path: Path) -> None:
    """Each recorded poll is answered with the members of the recorded answer."""
    said = json.loads(path.read_text())
    body = path.with_name(path.name.replace(".headers", "")).read_bytes()
    recorded = json.loads(path.with_name(path.name.replace(".headers", ".response")).read_text())

    status, headers, answer = start().send(said["method"], said["path"], body, said["headers"])

    assert (status, headers["content-type"], sorted(answer)) == (200, "application/json", sorted(recorded))
    [(name, [first, *_])] = [(name, value) for name, value in recorded.items() if isinstance(value, list) and value]
    assert sorted(answer[name][0]) == sorted(first)


def test_poller_of_the_sdk_samples_as_it_is_told(start: StartHttp, store: RuleStore, clock: MovedClock) -> None:
    """The X-Ray SDK for Python fetches rules, reports, and takes what quota it is given."""
    clock.now = time.time_ns()
    store.put(Rule(rule_name="shop", priority=1, fixed_rate=0.0, reservoir_size=3, service_name="shop-*"))
    server = start()
    connector, cache = ServiceConnector(), RuleCache()
    connector.setup_xray_client("127.0.0.1", server.port, None)
    rule_poller = RulePoller(cache, connector)
    rule_poller._refresh_cache()
    matched = cache.get_matched_rule({"service": "SHOP-web", "host": "x"}, int(time.time()))
    assert (matched.name, cache.rules[-1].name) == ("shop", "Default")
    matched.increment_request_count()
    TargetPoller(cache, rule_poller, connector)._do_work()

    now = int(time.time())
    taken = [str(matched.reservoir.borrow_or_take(now, matched.can_borrow)) for _ in range(5)]
    assert [each.rpartition(".")[2] for each in taken] == ["TAKE", "TAKE", "TAKE", "NO", "NO"]
    assert server.counters.value("polled.xray") == 2


def test_client_of_the_api_reads_the_answers(start: StartHttp) -> None:
    """botocore parses rules, targets and summaries as AWS's."""
    client = _client(start())
    document = {"RuleName": "Default", "ClientID": "a5c147613ac874ce99dfa452", "Timestamp": 1, "RequestCount": 6}
    targets = client.get_sampling_targets(
        SamplingStatisticsDocuments=[document | {"SampledCount": 5, "BorrowCount": 1}]
    )

    assert client.get_sampling_rules()["SamplingRuleRecords"][0]["SamplingRule"]["RuleName"] == "Default"
    assert targets["SamplingTargetDocuments"][0]["ReservoirQuotaTTL"].timestamp() == NOW / SECOND + 30
    [summary] = client.get_sampling_statistic_summaries()["SamplingStatisticSummaries"]
    assert (summary["RequestCount"], summary["SampledCount"], summary["BorrowCount"]) == (6, 5, 1)


def test_segments_over_tcp_are_kept(start: StartHttp) -> None:
    """PutTraceSegments keeps the documents as they came, each a string, in one frame."""
    server = start()

    answer = _client(server).put_trace_segments(TraceSegmentDocuments=_DOCUMENTS)

    [frame] = server.spool.frames
    assert answer["UnprocessedTraceSegments"] == []
    assert json.loads(frame.body) == _DOCUMENTS
    assert frame[:2] + frame[3:] == (Kind.XRAY_DOCUMENTS, NOW, Encoding.IDENTITY, "127.0.0.1")
    assert server.counters.all() == {"received.xray_http": 1, "received_bytes.xray_http": len(frame.body)}


def test_no_segments_are_nothing_to_keep(start: StartHttp) -> None:
    """An empty list succeeds."""
    server = start()

    assert server.post("/TraceSegments", {"TraceSegmentDocuments": []})[::2] == (200, {"UnprocessedTraceSegments": []})
    assert server.spool.frames == []


def test_answer_waits_until_the_segments_are_durable(start: StartHttp) -> None:
    """A stop that comes meanwhile waits as well."""
    server = start(grace_seconds=5)
    server.spool.open.clear()
    body = json.dumps({"TraceSegmentDocuments": _DOCUMENTS}).encode()
    with server.connect() as connection:
        connection.sendall(b"POST /TraceSegments HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        server.loop.run(server.spool.asked.wait())
        connection.settimeout(0.1)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        server.loop.call(server.spool.open.set)
        server.stop()
        server.stop()

        assert connection.recv(100).startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    ("spool", "status", "error_type", "why"),
    [("full", 429, "ThrottledException", "full"), ("broken", 503, "ServiceUnavailableException", "storage")],
)
def test_trouble_of_the_spool_is_answered_to_come_again(
    start: StartHttp, spool: str, status: int, error_type: str, why: str
) -> None:
    """What was not kept is not acknowledged."""
    kept = _BrokenSpool() if spool == "broken" else MemorySpool()
    kept.refusals = int(spool == "full")
    server = start(spool=kept)

    got, headers, _ = server.post("/TraceSegments", {"TraceSegmentDocuments": ["x"]})

    assert (got, headers["x-amzn-errortype"], headers["retry-after"]) == (status, error_type, "2")
    assert server.spool.frames == []
    assert server.counters.all() == {f"refused.xray_http.{why}": 1}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "error_type", "why"),
    [
        ("POST", "/", b"{}", 404, "UnknownOperationException", "path"),
        ("POST", "/TraceSummaries", b"{}", 404, "UnknownOperationException", "path"),
        ("GET", "/GetSamplingRules", b"", 405, "UnknownOperationException", "method"),
        ("POST", "/SamplingTargets", b"{", 400, "InvalidRequestException", "framing"),
        ("POST", "/TraceSegments", b"", 400, "InvalidRequestException", "framing"),
        ("POST", "/TraceSegments", b'{"TraceSegmentDocuments": "x"}', 400, "InvalidRequestException", "framing"),
        ("POST", "/TraceSegments", b'{"TraceSegmentDocuments": [1]}', 400, "InvalidRequestException", "framing"),
        ("POST", "/TraceSegments", b"[" * 90, 400, "InvalidRequestException", "framing"),
        ("POST", "/TraceSegments", b" " * 101, 413, "InvalidRequestException", "size"),
    ],
)
def test_wrong_request_is_refused_as_aws_does(
    start: StartHttp, method: str, path: str, body: bytes, status: int, error_type: str, why: str
) -> None:
    """The error has a type in the header and a message in the body."""
    server = start(max_body_bytes=100)

    got, headers, answer = server.send(method, path, body)

    assert (got, headers["x-amzn-errortype"]) == (status, error_type)
    assert answer["Message"]
    assert server.counters.all() == {f"refused.xray_http.{why}": 1}


def test_error_reads_as_aws_error(start: StartHttp) -> None:
    """botocore raises the exception that the service model names."""
    spool = MemorySpool()
    spool.refusals = 1
    client = _client(start(spool=spool))

    with pytest.raises(client.exceptions.ThrottledException, match="told to be full"):
        client.put_trace_segments(TraceSegmentDocuments=["x"])


def test_no_answer_is_told(start: StartHttp) -> None:
    """When AWS does not answer, the client is asked to come again."""
    server = start(answers=_NoAnswers())

    assert server.post("/GetSamplingRules", {})[0] == 503
    assert server.counters.all() == {"refused.xray_http.unanswered": 1}


def test_address_that_is_not_allowed_is_refused(start: StartHttp) -> None:
    """The sampling proxy has no token: who may ask is told by address."""
    server = start(allow=("10.0.0.0/8",))

    assert server.post("/GetSamplingRules", {})[0] == 403
    assert server.counters.all() == {"refused.xray_http.not_allowed": 1}


def test_web_page_is_refused(start: StartHttp) -> None:
    """A page in the browser of this machine cannot write."""
    server = start()
    body = json.dumps({"TraceSegmentDocuments": ["x"]}).encode()

    assert server.send("POST", "/TraceSegments", body, {"origin": "https://evil.example"})[0] == 403
    assert server.spool.frames == []


def _until_closed(connection: socket.socket) -> bytes:
    answered = b""
    try:
        while part := connection.recv(65_536):
            answered += part
    except ConnectionResetError:
        pass
    return answered


@pytest.mark.parametrize(
    ("begun", "answer"),
    [
        (b"", b""),
        (b"POST /Get", b""),
        (b"POST /TraceSegments HTTP/1.1\r\nContent-Length: 9\r\n\r\n{", b"HTTP/1.1 503 Service Unavailable\r\n"),
    ],
)
def test_half_open_connection_is_ended(start: StartHttp, begun: bytes, answer: bytes) -> None:
    """A request that does not come whole in time is not waited for; who sent a head gets an answer."""
    server = start(request_seconds=0.1)
    with server.connect() as connection:
        connection.sendall(begun)

        assert _until_closed(connection).startswith(answer)
    assert server.counters.value("refused.xray_http.slow") == 1


def test_endless_request_is_cut_off(start: StartHttp) -> None:
    """What goes on behind all that a request may have is disconnected."""
    server = start(max_body_bytes=1000)
    request = b"POST /TraceSegments HTTP/1.1\r\nX: " + b"x" * (16 << 20)
    with server.connect() as connection, pytest.raises((ConnectionResetError, BrokenPipeError)):
        connection.sendall(request)


def test_too_much_under_way_is_answered_to_come_again(start: StartHttp) -> None:
    """Bytes under way are bounded, and free again afterwards."""
    body = json.dumps({"TraceSegmentDocuments": ["x" * 60]}).encode()
    server = start(max_body_bytes=100, max_held_bytes=150)
    server.spool.open.clear()
    with server.connect() as first:
        first.sendall(b"POST /TraceSegments HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        server.loop.run(server.spool.asked.wait())
        assert server.send("POST", "/TraceSegments", body)[0] == 503
        server.loop.call(server.spool.open.set)
        assert first.recv(100).startswith(b"HTTP/1.1 200 OK\r\n")
    assert server.send("POST", "/TraceSegments", body)[0] == 200
    assert server.counters.value("refused.xray_http.busy") == 1


def test_connections_beyond_the_limit_are_closed(start: StartHttp) -> None:
    """Those within the limit are served all the same."""
    server = start(max_connections=1)
    with server.connect() as first, server.connect() as second:
        assert _until_closed(second) == b""
        first.sendall(b"POST /GetSamplingRules HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
        assert first.recv(100).startswith(b"HTTP/1.1 200 OK\r\n")
    assert server.counters.value("refused.xray_http.connections") == 1


def _mutated(rng: random.Random) -> bytes:
    path = rng.choice(["/TraceSegments", "/GetSamplingRules", "/SamplingTargets", "/%zz", "*", "/\x80"])
    body = rng.choice([b"{}", b"[]", b'{"SamplingStatisticsDocuments":[{"RuleName":{}}]}', rng.randbytes(50)])
    request = bytearray(f"{rng.choice(['POST', 'GET', ''])} {path} HTTP/1.1\r\n".encode("latin-1"))
    request += b"Content-Length: %d\r\n\r\n" % rng.choice([len(body), 0, 10**9]) + body
    for _ in range(rng.randrange(4)):
        request[rng.randrange(len(request))] = rng.randrange(256)
    return bytes(request)


def test_thousand_malformed_requests_do_no_harm(start: StartHttp) -> None:
    """Whatever comes, each connection ends in time, and the next good request is answered."""
    server = start(request_seconds=1)
    rng = random.Random(20_261_120)  # noqa: S311 (the same requests at each run, no secrets)
    began = time.monotonic()
    for _ in range(1000):
        with server.connect() as connection:
            connection.sendall(_mutated(rng))
            connection.shutdown(socket.SHUT_WR)
            _until_closed(connection)

    assert time.monotonic() - began < 30
    assert server.post("/GetSamplingRules", {})[0] == 200
