"""The sink for CloudWatch Logs, against the embedded AWS."""

import time
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import pytest

from taskscope.errors import UnavailableError, UsageError
from taskscope.lab.threaded import ThreadedAws
from taskscope.model.batch import Batch, Signal
from taskscope.model.log import LogRecord
from taskscope.model.resource import Resource
from taskscope.sinks.cloudwatch.config import LogsSinkConfig
from taskscope.sinks.cloudwatch.logs import CloudWatchLogsSink
from taskscope.sinks.target import parse_target
from tests.conftest import StartAws
from tests.unit.sinks.rows import SHOP, log

_HOUR_NS = 3_600_000_000_000

Open: TypeAlias = Callable[..., CloudWatchLogsSink]


@pytest.fixture
def cloud(embedded_aws: StartAws) -> ThreadedAws:
    """Give an embedded AWS of the test's own."""
    return embedded_aws(runner=False)


@pytest.fixture
def open_sink(cloud: ThreadedAws) -> Iterator[Open]:
    """Give ``open_sink(**settings)``, a sink that writes to the embedded AWS."""
    sinks: list[CloudWatchLogsSink] = []

    def make(**settings: Any) -> CloudWatchLogsSink:
        sinks.append(CloudWatchLogsSink(LogsSinkConfig(endpoint_url=cloud.url, region=cloud.region, **settings)))
        return sinks[-1]

    yield make
    for sink in sinks:
        sink.close()


def _batch(*records: LogRecord) -> Batch:
    return Batch(Signal.LOGS, records, "1")


def _messages(cloud: ThreadedAws, group: str, stream: str) -> list[str]:
    answer = cloud.client("logs").get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True)
    return [event["message"] for event in answer["events"]]


def test_groups_and_streams_are_made_as_they_are_needed(cloud: ThreadedAws, open_sink: Open) -> None:
    """Records go where their resource says; the retention of a new group is set."""
    now = time.time_ns()
    outcome = open_sink(retention_days=7).consume(_batch(log("one", time_ns=now), log("two", time_ns=now + 1)))

    assert outcome == (2, [])
    assert _messages(cloud, "/taskscope/shop", "shop/0a1b2c") == ["one", "two"]
    [group] = cloud.client("logs").describe_log_groups()["logGroups"]
    assert group["retentionInDays"] == 7


def test_a_group_that_is_there_is_used_as_it_is(cloud: ThreadedAws, open_sink: Open) -> None:
    """A group with a missing stream gets the stream and keeps its retention."""
    cloud.client("logs").create_log_group(logGroupName="/taskscope/shop")
    open_sink(retention_days=7).consume(_batch(log("one", time_ns=time.time_ns())))

    [group] = cloud.client("logs").describe_log_groups()["logGroups"]
    assert "retentionInDays" not in group
    assert _messages(cloud, "/taskscope/shop", "shop/0a1b2c") == ["one"]


def test_a_sender_may_name_its_group(cloud: ThreadedAws, open_sink: Open) -> None:
    """``aws.log.group.names`` wins, unless a group is set."""
    resource = Resource({**SHOP.attributes, "aws.log.group.names": ["/ecs/shop"]})
    record = log("one", time_ns=time.time_ns(), resource=resource)
    open_sink().consume(_batch(record))
    open_sink(group="/all").consume(_batch(record))

    assert _messages(cloud, "/ecs/shop", "shop/0a1b2c") == ["one"]
    assert _messages(cloud, "/all", "shop/0a1b2c") == ["one"]


def test_too_old_and_too_new_are_rejected_and_the_rest_is_kept(cloud: ThreadedAws, open_sink: Open) -> None:
    """15 days ago and 3 hours ahead are refused by AWS one by one, with the row and the reason."""
    now = time.time_ns()
    outcome = open_sink().consume(
        _batch(
            log("ahead", time_ns=now + 3 * _HOUR_NS),
            log("now", time_ns=now),
            log("old", time_ns=now - 15 * 24 * _HOUR_NS),
            log("yesterday", time_ns=now - 30 * _HOUR_NS),
        )
    )

    assert outcome.accepted == 2
    assert sorted((each.position, each.reason[:7]) for each in outcome.rejected) == [(0, "too new"), (2, "too old")]
    assert _messages(cloud, "/taskscope/shop", "shop/0a1b2c") == ["yesterday", "now"]


def test_a_message_of_more_than_a_megabyte_is_cut(cloud: ThreadedAws, open_sink: Open) -> None:
    """It arrives as long as an event may be, with its mark."""
    open_sink().consume(_batch(log("é" * 1_000_000, time_ns=time.time_ns())))

    [text] = _messages(cloud, "/taskscope/shop", "shop/0a1b2c")
    assert 1_048_500 < len(text.encode()) <= 1_048_550
    assert text.endswith("bytes cut]")


def test_after_an_interruption_only_the_rest_is_sent(
    cloud: ThreadedAws, open_sink: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two streams, the second fails at first: the retry writes the first no second time."""
    sink = open_sink(stream="{host.name}")
    put = sink._writer._put
    refused = ["b"]

    def once(group: str, stream: str, events: Any) -> Any:
        if stream in refused:
            refused.remove(stream)
            raise UnavailableError("told to fail")
        return put(group, stream, events)

    monkeypatch.setattr(sink._writer, "_put", once)
    now = time.time_ns()
    batch = _batch(*(log(name, time_ns=now, resource=Resource({"host.name": name})) for name in "ab"))

    with pytest.raises(UnavailableError):
        sink.consume(batch)
    assert sink.consume(batch).accepted == 2
    assert _messages(cloud, "/taskscope/unknown_service", "a") == ["a"]
    assert _messages(cloud, "/taskscope/unknown_service", "b") == ["b"]


def test_an_aws_that_does_not_answer_is_an_outage() -> None:
    """Nothing listens: the batch comes again."""
    sink = CloudWatchLogsSink(LogsSinkConfig(endpoint_url="http://127.0.0.1:9", region="eu-west-1"))
    with pytest.raises(UnavailableError):
        sink.consume(_batch(log("one", time_ns=1)))
    sink.close()


def test_settings_are_read_from_the_command_line() -> None:
    """Templates keep their braces, numbers become numbers."""
    config = LogsSinkConfig.parse(
        parse_target("cloudwatch-logs,group=/app/{service.name},retention-days=30,region=eu-west-1,format=json")
    )

    assert (config.group, config.retention_days, config.region) == ("/app/{service.name}", 30, "eu-west-1")


@pytest.mark.parametrize(
    "option",
    [
        "retention-days=8",
        "format=xml",
        "group=a b",
        "stream=a:b",
        "max-event-bytes=1",
        "name=My Sink",
        "role-arn=me",
        "parallel=0",
        "endpoint-url=ftp://x",
    ],
)
def test_wrong_settings_are_named(option: str) -> None:
    """The error shows the value before anything is sent."""
    with pytest.raises(UsageError, match=option.partition("=")[2]):
        LogsSinkConfig.parse(parse_target(f"cloudwatch-logs,{option}"))
