import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import EventStreamError
from mypy_boto3_logs import CloudWatchLogsClient

from taskscope.lab.logs.live_tail import BUFFER_EVENTS, UPDATE_EVENTS
from taskscope.lab.logs.service import LogsService


def _arn(group: str) -> str:
    return f"arn:aws:logs:us-east-1:123456789012:log-group:{group}"


def _put(client: CloudWatchLogsClient, group: str, stream: str, *messages: str) -> None:
    [found] = client.describe_log_streams(logGroupName=group, logStreamNamePrefix=stream)["logStreams"]
    batch = [{"timestamp": found["creationTime"], "message": message} for message in messages]
    client.put_log_events(logGroupName=group, logStreamName=stream, logEvents=batch)  # type: ignore[arg-type]  # dicts


def _results(events: Iterator[Any], count: int) -> list[str]:
    """Wait for so many results."""
    messages: list[str] = []
    for event in events:
        messages += [result["message"] for result in event["sessionUpdate"]["sessionResults"]]
        if len(messages) >= count:
            break
    return messages


def test_new_events_arrive_and_old_ones_do_not(client: CloudWatchLogsClient, group: str, stream: str) -> None:
    """First the session's start, then updates with what was put since, by pattern and stream."""
    client.create_log_stream(logGroupName=group, logStreamName="other")
    _put(client, group, stream, "old ERROR")
    answer = client.start_live_tail(
        logGroupIdentifiers=[_arn(group)], logStreamNamePrefixes=["web/"], logEventFilterPattern="ERROR"
    )
    events = iter(answer["responseStream"])

    start = next(events)["sessionStart"]
    assert start["logGroupIdentifiers"] == [_arn(group)]
    assert start["logEventFilterPattern"] == "ERROR"
    assert next(events)["sessionUpdate"] == {"sessionMetadata": {"sampled": False}, "sessionResults": []}
    _put(client, group, "other", "elsewhere ERROR")
    _put(client, group, stream, "new ERROR 1", "fine", "new ERROR 2")

    assert _results(events, 2) == ["new ERROR 1", "new ERROR 2"]
    answer["responseStream"].close()


def test_a_client_that_leaves_frees_its_session(
    service: LogsService, client: CloudWatchLogsClient, group: str, stream: str
) -> None:
    """Nothing is kept for those who do not listen."""
    answer = client.start_live_tail(logGroupIdentifiers=[_arn(group)], logStreamNames=[stream])
    next(iter(answer["responseStream"]))
    assert service.live_tails.open_sessions >= 1

    answer["responseStream"].close()

    deadline = time.monotonic() + 5
    while service.live_tails.open_sessions and time.monotonic() < deadline:
        client.describe_log_groups(limit=1)
    assert service.live_tails.open_sessions == 0


def test_a_session_ends_after_its_longest_time(client: CloudWatchLogsClient, group: str) -> None:
    """The end is an exception in the stream, as in AWS after three hours."""
    answer = client.start_live_tail(logGroupIdentifiers=[_arn(group)])
    with pytest.raises(EventStreamError, match="SessionTimeoutException"):
        list(answer["responseStream"])
    answer["responseStream"].close()


def test_a_flood_is_sampled(client: CloudWatchLogsClient, group: str, stream: str) -> None:
    """An update holds 500 events at most; what the buffer cannot hold is dropped, oldest first, and it is said."""
    answer = client.start_live_tail(logGroupIdentifiers=[_arn(group)])
    events = iter(answer["responseStream"])
    next(events)
    _put(client, group, stream, *(str(number) for number in range(BUFFER_EVENTS + 100)))

    full = next(event["sessionUpdate"] for event in events if event["sessionUpdate"]["sessionResults"])

    assert len(full["sessionResults"]) == UPDATE_EVENTS
    assert full["sessionMetadata"] == {"sampled": True}
    assert full["sessionResults"][0]["message"] == "100"
    answer["responseStream"].close()


def test_wrong_requests_are_refused(client: CloudWatchLogsClient, group: str) -> None:
    """Groups are ARNs without asterisk that exist; streams need a single group; one kind of choice."""
    client.create_log_group(logGroupName="/rare", logGroupClass="INFREQUENT_ACCESS")
    both = [_arn(group), _arn("/rare")]
    refused = client.exceptions.InvalidParameterException
    wrong: list[tuple[type[Exception], dict[str, Any]]] = [
        (refused, {"logGroupIdentifiers": [group]}),
        (refused, {"logGroupIdentifiers": [_arn(group) + ":*"]}),
        (refused, {"logGroupIdentifiers": [_arn(group)] * 11}),
        (refused, {"logGroupIdentifiers": both, "logStreamNames": ["a"]}),
        (refused, {"logGroupIdentifiers": both[:1], "logStreamNames": ["a"], "logStreamNamePrefixes": ["b"]}),
        (refused, {"logGroupIdentifiers": both[:1], "logEventFilterPattern": "%(%"}),
        (client.exceptions.ResourceNotFoundException, {"logGroupIdentifiers": [_arn("/none")]}),
        (client.exceptions.InvalidOperationException, {"logGroupIdentifiers": both}),
    ]
    for error, params in wrong:
        with pytest.raises(error):
            client.start_live_tail(**params)


def test_one_variable_lets_default_clients_tail(url: str, group: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """SDKs put ``stream-`` before the host of this operation, which loopback has no name for, unless this is set."""
    monkeypatch.setenv("AWS_DISABLE_HOST_PREFIX_INJECTION", "true")
    tailing = boto3.client(
        "logs", region_name="us-east-1", endpoint_url=url, aws_access_key_id="test", aws_secret_access_key="test"
    )

    stream = tailing.start_live_tail(logGroupIdentifiers=[_arn(group)])["responseStream"]

    assert "sessionStart" in next(iter(stream))
    stream.close()
