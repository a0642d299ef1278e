"""Every sink with its backend, for the kit."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from taskscope.aws.log_writer import LogWriter
from taskscope.errors import UnavailableError
from taskscope.lab.threaded import ThreadedAws
from taskscope.model.batch import Encoded, Signal
from taskscope.model.container_metrics import CPU_USAGE
from taskscope.model.log import LogRecord
from taskscope.model.metric import Datapoint
from taskscope.model.resource import Resource
from taskscope.sinks.cloudwatch.config import EmfSinkConfig, InsightsSinkConfig, LogsSinkConfig
from taskscope.sinks.cloudwatch.emf import EmfSink
from taskscope.sinks.cloudwatch.insights import InsightsSink
from taskscope.sinks.cloudwatch.logs import CloudWatchLogsSink
from taskscope.sinks.otlp.config import OtlpSinkConfig
from taskscope.sinks.otlp.sink import OtlpSink
from taskscope.sinks.testing import MemorySink
from taskscope.sinks.xray.config import XRaySinkConfig
from taskscope.sinks.xray.sink import XRaySink
from taskscope.wire.otlp.logs import encode_logs
from tests.contract.sinks.backstage import BAD, Backstage
from tests.unit.sinks.backends import Reply, Request, serving
from tests.unit.sinks.rows import gauge, log, span

_GROUP: Final = "/contract"
_TOO_OLD_NS: Final = 20 * 86_400_000_000_000


def _time_of(name: str) -> int:
    """Return the present, or for a bad row a time that CloudWatch Logs refuses."""
    return time.time_ns() - (_TOO_OLD_NS if BAD in name else 0)


@contextmanager
def _memory() -> Iterator[Backstage]:
    sink = MemorySink(signals=frozenset({Signal.LOGS}), encoded=frozenset({Encoded.OTLP_LOGS}))
    sink.reject = lambda row: "bad" if BAD in str(row) else ""

    def switch(works: bool) -> None:  # noqa: FBT001 (it is a switch)
        sink.failures = 0 if works else 1_000

    def arrived() -> list[str]:
        rows = [str(row.body) for row in sink.rows(Signal.LOGS) if isinstance(row, LogRecord)]
        bodies = [body for batch in sink.batches.values() for body in getattr(batch, "bodies", ())]
        return [*rows, *(name for body in bodies for name in _bodies_of(body))]

    yield Backstage(
        sink, arrived, lambda name: log(name, time_ns=time.time_ns()), Signal.LOGS, _ENCODE, switch, once=True
    )


def _encoded_logs(names: list[str]) -> bytes:
    return encode_logs([log(name, time_ns=time.time_ns()) for name in names])


_ENCODE: Final = {Encoded.OTLP_LOGS: _encoded_logs}


def _bodies_of(request: bytes) -> list[str]:
    return [
        record.body.string_value
        for resource in ExportLogsServiceRequest.FromString(request).resource_logs
        for scope in resource.scope_logs
        for record in scope.log_records
    ]


class _Switched:
    """Answers 503 to everything during an outage, else as a test's server does."""

    def __init__(self, answer: Callable[[Request], Reply]) -> None:
        self.works = True
        self._answer = answer

    def __call__(self, request: Request) -> Reply:
        return self._answer(request) if self.works else Reply(503, b"{}")

    def switch(self, works: bool) -> None:  # noqa: FBT001 (it is a switch)
        self.works = works


@contextmanager
def _otlp() -> Iterator[Backstage]:
    answer = _Switched(lambda request: Reply(400 if BAD.encode() in request.body else 200))
    with serving(answer) as backend:

        def arrived() -> list[str]:
            bodies = [body for body in backend.bodies("/v1/logs") if BAD.encode() not in body]
            return [name for body in bodies for name in _bodies_of(body)]

        sink = OtlpSink(OtlpSinkConfig(url=backend.url))
        yield Backstage(
            sink, arrived, lambda name: log(name, time_ns=time.time_ns()), Signal.LOGS, _ENCODE, answer.switch
        )
        sink.close()


@contextmanager
def _xray() -> Iterator[Backstage]:
    taken: list[str] = []

    def judge(request: Request) -> Reply:
        documents = [json.loads(text) for text in json.loads(request.body).get("TraceSegmentDocuments", ())]
        taken.extend(each["name"] for each in documents if BAD not in each["name"])
        bad = [{"Id": each["id"], "ErrorCode": "InvalidSegment"} for each in documents if BAD in each["name"]]
        return Reply(200, json.dumps({"UnprocessedTraceSegments": bad}).encode())

    answer = _Switched(judge)
    numbers = iter(range(1, 1_000_000))
    with serving(answer) as backend:
        sink = XRaySink(XRaySinkConfig(region="eu-west-1", endpoint_url=backend.url))
        yield Backstage(
            sink,
            lambda: taken,
            lambda name: span(next(numbers), start_ns=time.time_ns(), service=name),
            Signal.SPANS,
            switch=answer.switch,
        )
        sink.close()


class _Outage:
    """Keeps a writer from the embedded AWS for a while."""

    def __init__(self, writer: LogWriter) -> None:
        self._writer = writer
        self._patch = pytest.MonkeyPatch()

    def switch(self, works: bool) -> None:  # noqa: FBT001 (it is a switch)
        if works:
            self._patch.undo()
        else:
            self._patch.setattr(self._writer, "put", self._fail)

    def _fail(self, *_: object) -> None:
        raise UnavailableError("told to fail")


def _messages(aws: ThreadedAws, group: str) -> list[str]:
    client = aws.client("logs")
    events = client.get_paginator("filter_log_events").paginate(logGroupName=group)
    return [event["message"] for page in events for event in page["events"]]


@contextmanager
def _cloudwatch(aws: ThreadedAws) -> Iterator[Backstage]:
    config = LogsSinkConfig(region=aws.region, endpoint_url=aws.url, group=_GROUP)
    sink = CloudWatchLogsSink(config)
    yield Backstage(
        sink,
        lambda: _messages(aws, _GROUP),
        lambda name: log(name, time_ns=_time_of(name)),
        Signal.LOGS,
        switch=_Outage(sink._writer).switch,
    )
    sink.close()


@contextmanager
def _emf(aws: ThreadedAws) -> Iterator[Backstage]:
    sink = EmfSink(EmfSinkConfig(region=aws.region, endpoint_url=aws.url, group=_GROUP))

    def arrived() -> list[str]:
        documents = [json.loads(text)["_aws"]["CloudWatchMetrics"][0] for text in _messages(aws, _GROUP)]
        return [metric["Name"] for document in documents for metric in document["Metrics"]]

    yield Backstage(
        sink,
        arrived,
        lambda name: gauge(name, 1.0, time_ns=_time_of(name)),
        Signal.METRICS,
        switch=_Outage(sink._writer).switch,
    )
    sink.close()


@contextmanager
def _insights(aws: ThreadedAws) -> Iterator[Backstage]:
    """Name containers as rows are named: each has an event of its own."""
    sink = InsightsSink(InsightsSinkConfig(region=aws.region, endpoint_url=aws.url, group=_GROUP))

    def row(name: str) -> Datapoint:
        resource = Resource({"aws.ecs.task.arn": "arn:aws:ecs:eu-west-1:1:task/prod/0a1b2c", "container.name": name})
        return Datapoint(CPU_USAGE, {}, _time_of(name), 0.5, resource)

    yield Backstage(
        sink,
        lambda: [json.loads(text)["ContainerName"] for text in _messages(aws, _GROUP)],
        row,
        Signal.METRICS,
        switch=_Outage(sink._writer).switch,
    )
    sink.close()


_OF_CLOUDWATCH: Final = {"cloudwatch-logs": _cloudwatch, "emf": _emf, "container-insights": _insights}


@pytest.fixture(params=["memory", "otlp", "xray", *_OF_CLOUDWATCH])
def backstage(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Backstage]:
    """Give each sink with its backend."""
    for name in ("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with ExitStack() as stack:
        match request.param:
            case "memory":
                yield stack.enter_context(_memory())
            case "otlp":
                yield stack.enter_context(_otlp())
            case "xray":
                yield stack.enter_context(_xray())
            case name:
                aws = request.getfixturevalue("embedded_aws")(runner=False)
                aws.client("logs").create_log_group(logGroupName=_GROUP)
                yield stack.enter_context(_OF_CLOUDWATCH[name](aws))
