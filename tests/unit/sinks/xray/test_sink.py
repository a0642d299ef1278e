"""The sink for X-Ray, against a small server that answers as AWS does."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any, TypeAlias

import pytest

from taskscope.clock import SECOND
from taskscope.errors import ThrottledError, UnavailableError, UsageError
from taskscope.model.batch import Batch, Signal
from taskscope.model.span import Span
from taskscope.sinks.target import parse_target
from taskscope.sinks.xray.config import XRaySinkConfig
from taskscope.sinks.xray.sink import XRaySink
from tests.unit.sinks.backends import Backend, Reply, Request, serving
from tests.unit.sinks.rows import span

_NOW = 1_700_000_000_000_000_000
_SEGMENTS, _RECORDS = "/TraceSegments", "/TelemetryRecords"

Unprocessed: TypeAlias = list[dict[str, str]]
Judge: TypeAlias = Callable[[list[dict[str, Any]]], Unprocessed | Reply]


def _take_all(_: list[dict[str, Any]]) -> Unprocessed:
    return []


class Cloud:
    """An X-Ray whose verdicts a test gives, the sink that sends to it, and the time."""

    def __init__(self, stack: ExitStack, settings: Mapping[str, Any]) -> None:
        self.judge: Judge = _take_all
        self.now = _NOW
        self.waits: list[float] = []
        self.backend: Backend = stack.enter_context(serving(self._answer))
        config = XRaySinkConfig(region="eu-west-1", endpoint_url=self.backend.url, **settings)
        self.sink = XRaySink(config, clock=lambda: self.now, wait=self.waits.append)
        stack.callback(self.sink.close)

    def _answer(self, request: Request) -> Reply:
        if request.path != _SEGMENTS:
            return Reply(200, b"{}")
        verdict = self.judge(_documents(request))
        if isinstance(verdict, Reply):
            return verdict
        return Reply(200, json.dumps({"UnprocessedTraceSegments": verdict}).encode())

    @property
    def sent(self) -> list[list[dict[str, Any]]]:
        """The documents of each call."""
        return [_documents(request) for request in self.backend.requests if request.path == _SEGMENTS]

    @property
    def records(self) -> list[dict[str, Any]]:
        """The telemetry records."""
        return [json.loads(body)["TelemetryRecords"][0] for body in self.backend.bodies(_RECORDS)]


def _documents(request: Request) -> list[dict[str, Any]]:
    return [json.loads(text) for text in json.loads(request.body)["TraceSegmentDocuments"]]


@pytest.fixture
def start() -> Iterator[Callable[..., Cloud]]:
    """Give ``start(**settings)``."""
    with ExitStack() as stack:
        yield lambda **settings: Cloud(stack, settings)


@pytest.fixture
def cloud(start: Callable[..., Cloud]) -> Cloud:
    """Give an X-Ray that takes all, and a sink with the settings by default."""
    return start()


def _batch(*rows: Span, number: int = 1) -> Batch:
    return Batch(Signal.SPANS, rows, f"token-{number}")


def _spans(count: int) -> list[Span]:
    return [span(number, start_ns=_NOW) for number in range(1, count + 1)]


def _unprocessed(document: dict[str, Any], code: str, message: str = "") -> dict[str, str]:
    return {"Id": document["id"], "ErrorCode": code, "Message": message}


def test_spans_arrive_as_segment_documents(cloud: Cloud) -> None:
    """Ids are X-Ray's spelling, times are seconds, the request is signed."""
    assert cloud.sink.consume(_batch(*_spans(1))) == (1, [])
    [[document]] = cloud.sent
    assert document["id"] == "0000000000000001"
    assert document["trace_id"] == "1-6553f100-000000000000000000000001"
    assert (document["start_time"], document["end_time"]) == (1_700_000_000.0, 1_700_000_000.005)
    assert "/eu-west-1/xray/aws4_request" in cloud.backend.requests[0].headers["authorization"]


def test_segments_in_progress_are_sent_as_they_are(cloud: Cloud) -> None:
    """X-Ray replaces them by their end."""
    cloud.sink.consume(_batch(span(1, start_ns=_NOW, in_progress=True)))

    [[document]] = cloud.sent
    assert document["in_progress"] is True
    assert "end_time" not in document


def test_a_large_batch_takes_several_calls(cloud: Cloud) -> None:
    """50 documents each, every document once."""
    cloud.sink.consume(_batch(*_spans(120)))

    assert sorted(map(len, cloud.sent)) == [20, 50, 50]
    assert len({document["id"] for part in cloud.sent for document in part}) == 120


def test_invalid_documents_are_rejected_with_x_ray_s_words(cloud: Cloud) -> None:
    """They are not sent again; the others are taken."""
    cloud.judge = lambda documents: [_unprocessed(documents[1], "InvalidTraceId", "too old")]
    outcome = cloud.sink.consume(_batch(*_spans(3)))

    assert outcome == (2, [(1, "InvalidTraceId: too old", 1)])
    assert len(cloud.sent) == 1


def test_documents_that_were_throttled_are_sent_again(cloud: Cloud) -> None:
    """Only they, after a wait."""
    verdicts = [["ThrottledException"], []]

    def judge(documents: list[dict[str, Any]]) -> Unprocessed:
        return [_unprocessed(documents[0], code) for code in verdicts.pop(0)]

    cloud.judge = judge

    assert cloud.sink.consume(_batch(*_spans(3))) == (3, [])
    assert list(map(len, cloud.sent)) == [3, 1]
    assert cloud.waits == [0.1]


def test_an_x_ray_that_stays_busy_gets_the_batch_later(cloud: Cloud) -> None:
    """After three times the batch comes again from the spool."""
    cloud.judge = lambda documents: [_unprocessed(each, "InternalFailure") for each in documents]
    with pytest.raises(ThrottledError):
        cloud.sink.consume(_batch(*_spans(2)))
    assert len(cloud.sent) == 3

    cloud.judge = _take_all
    assert cloud.sink.consume(_batch(*_spans(2))) == (2, [])


def test_a_verdict_without_an_id_rejects_one_document(cloud: Cloud) -> None:
    """X-Ray names no id where it could not read one; the count stays right."""
    cloud.judge = lambda documents: [
        {"ErrorCode": "MissingId", "Message": ""},
        _unprocessed(documents[0], "InvalidSegment"),
    ]
    outcome = cloud.sink.consume(_batch(*_spans(3)))

    assert outcome.accepted == 1
    assert sorted(each.position for each in outcome.rejected) == [0, 1]


@pytest.mark.parametrize(
    ("status", "code"),
    [(500, "InternalFailure"), (503, "ServiceUnavailable"), (403, "AccessDenied")],
)
def test_outages_and_missing_permissions_keep_the_batch(cloud: Cloud, status: int, code: str) -> None:
    """Nothing is given up for what is no fault of the spans."""
    cloud.judge = lambda _: Reply(status, b'{"message": "no"}', {"x-amzn-ErrorType": code})
    with pytest.raises(UnavailableError):
        cloud.sink.consume(_batch(*_spans(1)))

    cloud.judge = _take_all
    assert cloud.sink.consume(_batch(*_spans(1))) == (1, [])


def test_a_throttled_call_is_told_as_such(cloud: Cloud) -> None:
    """X-Ray asks to slow down, which botocore does before the next call."""
    cloud.judge = lambda _: Reply(429, b'{"message": "no"}', {"x-amzn-ErrorType": "ThrottledException"})

    with pytest.raises(ThrottledError):
        cloud.sink.consume(_batch(*_spans(1)))


def test_a_call_that_is_refused_whole_is_divided(cloud: Cloud) -> None:
    """The document that X-Ray cannot stand is found and rejected."""

    def judge(documents: list[dict[str, Any]]) -> Unprocessed | Reply:
        bad = any(document["id"].endswith("3") for document in documents)
        return Reply(400, b'{"message": "no"}', {"x-amzn-ErrorType": "InvalidRequestException"}) if bad else []

    cloud.judge = judge
    outcome = cloud.sink.consume(_batch(*_spans(5)))

    assert (outcome.accepted, [each.position for each in outcome.rejected]) == (4, [2])


def test_an_x_ray_out_of_reach_is_an_outage() -> None:
    """Nothing listens: the batch comes again, and closing does not wait for anything."""
    sink = XRaySink(XRaySinkConfig(region="eu-west-1", endpoint_url="http://127.0.0.1:9"))
    with pytest.raises(UnavailableError):
        sink.consume(_batch(*_spans(1)))
    sink.close()


def test_x_ray_is_told_of_each_minute(cloud: Cloud) -> None:
    """Counts of documents since the last record, once a minute, as by the daemon; and the rest at the end."""
    cloud.judge = lambda documents: [_unprocessed(documents[0], "InvalidSegment")]
    cloud.sink.consume(_batch(*_spans(3), number=1))
    assert cloud.records == []
    cloud.now += 61 * SECOND
    cloud.judge = _take_all
    cloud.sink.consume(_batch(*_spans(2), number=2))
    cloud.sink.consume(_batch(*_spans(4), number=3))
    cloud.sink.close()
    cloud.sink.close()

    counted = [(each["SegmentsReceivedCount"], each["SegmentsSentCount"]) for each in cloud.records]
    assert counted == [(5, 4), (4, 4)]
    assert cloud.records[0]["SegmentsRejectedCount"] == 1


def test_failed_calls_are_told_by_their_kind(cloud: Cloud) -> None:
    """The daemon's words for what went wrong on the way."""
    answers = [Reply(500, b"{}"), Reply(403, b"{}", {"x-amzn-ErrorType": "AccessDenied"})]
    cloud.judge = lambda _: answers.pop(0) if answers else []
    for _ in range(2):
        with pytest.raises(UnavailableError):
            cloud.sink.consume(_batch(*_spans(1)))
    cloud.now += 61 * SECOND
    cloud.sink.consume(_batch(*_spans(1)))

    assert cloud.records[0]["BackendConnectionErrors"] == {"HTTPCode5XXCount": 1, "HTTPCode4XXCount": 1}


def test_telemetry_can_be_turned_off(start: Callable[..., Cloud]) -> None:
    """Then X-Ray gets segments alone."""
    cloud = start(telemetry=False)
    cloud.now += 61 * SECOND
    cloud.sink.consume(_batch(*_spans(1)))
    cloud.sink.close()

    assert cloud.records == []


def test_settings_are_read_from_the_command_line() -> None:
    """Region, role and endpoint as of the daemon."""
    config = XRaySinkConfig.parse(
        parse_target("xray,region=eu-west-1,role-arn=arn:aws:iam::123456789012:role/x,telemetry=no")
    )

    assert (config.region, config.role_arn, config.telemetry) == (
        "eu-west-1",
        "arn:aws:iam::123456789012:role/x",
        False,
    )


@pytest.mark.parametrize("text", ["xray=eu-west-1", "xray,role-arn=x", "xray,parallel=99", "xray,telemetry=maybe"])
def test_wrong_settings_are_refused(text: str) -> None:
    """Before anything is sent."""
    with pytest.raises(UsageError):
        XRaySinkConfig.parse(parse_target(text))
