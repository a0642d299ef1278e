from typing import Any

import pytest
from mypy_boto3_logs import CloudWatchLogsClient

HOUR = 3_600_000
DAY = 24 * HOUR


def _put(client: CloudWatchLogsClient, group: str, stream: str, *events: tuple[int, str], **more: Any) -> Any:
    batch = [{"timestamp": timestamp, "message": message} for timestamp, message in events]
    return client.put_log_events(logGroupName=group, logStreamName=stream, logEvents=batch, **more)  # type: ignore[arg-type]  # dicts


def _messages(client: CloudWatchLogsClient, group: str, stream: str) -> list[str]:
    answer = client.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True)
    return [event["message"] for event in answer["events"]]


def test_events_keep_time_and_text(client: CloudWatchLogsClient, group: str, stream: str, now: int) -> None:
    """Text of any script and control characters come back as they were."""
    text = "héllo\t\x1b[31m\n😀 "
    _put(client, group, stream, (now, text), sequenceToken="ignored")

    [event] = client.get_log_events(logGroupName=group, logStreamName=stream)["events"]

    assert event == {"timestamp": now, "message": text, "ingestionTime": now}


def test_too_old_and_too_new_events_are_named_and_the_rest_is_stored(
    client: CloudWatchLogsClient, group: str, stream: str, now: int
) -> None:
    """14 days back and 2 hours ahead are the bounds, both included; indexes say what fell out."""
    times = [now - 14 * DAY - 1, now - 14 * DAY, now - 14 * DAY + DAY]
    answer = _put(client, group, stream, *((time, str(number)) for number, time in enumerate(times)))
    assert answer["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1}

    times = [now, now + 2 * HOUR, now + 2 * HOUR + 1, now + 3 * HOUR]
    answer = _put(client, group, stream, *((time, f"n{number}") for number, time in enumerate(times)))
    assert answer["rejectedLogEventsInfo"] == {"tooNewLogEventStartIndex": 2}

    assert _messages(client, group, stream) == ["1", "2", "n0", "n1"]


def test_events_beyond_the_retention_are_expired(
    client: CloudWatchLogsClient, group: str, stream: str, now: int
) -> None:
    """A retention of one day refuses what is older."""
    client.put_retention_policy(logGroupName=group, retentionInDays=1)

    answer = _put(client, group, stream, (now - DAY - 1, "old"), (now - DAY, "kept"))

    assert answer["rejectedLogEventsInfo"] == {"expiredLogEventEndIndex": 1}
    assert _messages(client, group, stream) == ["kept"]


def test_a_batch_that_breaks_a_rule_is_refused_whole(
    client: CloudWatchLogsClient, group: str, stream: str, now: int
) -> None:
    """Order, span, size, empty texts and negative times."""
    wrong: list[list[tuple[int, str]]] = [
        [(now, "b"), (now - 1, "a")],
        [(now - DAY - 1, "a"), (now, "b")],
        [(now, "x" * (1_048_576 - 25))],
        [(now, "é" * 262_144)] * 2,
        [(now, "")],
        [(-1, "a")],
        [],
        [(now, "x")] * 10_001,
    ]
    for events in wrong:
        with pytest.raises(client.exceptions.InvalidParameterException):
            _put(client, group, stream, *events)
    assert _messages(client, group, stream) == []

    _put(client, group, stream, (now, "x" * (1_048_576 - 26)))
    assert len(_messages(client, group, stream)[0]) == 1_048_550


def test_a_missing_stream_is_told_from_a_missing_group(client: CloudWatchLogsClient, group: str, now: int) -> None:
    """The words say which of them is to be created."""
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="log stream does not exist"):
        _put(client, group, "none", (now, "x"))
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="log group does not exist"):
        _put(client, "/nowhere", "none", (now, "x"))


@pytest.mark.parametrize(
    ("keys", "error"),
    [
        ({"Type": "Service", "Name": "web"}, None),
        ({"Name": "web", "Environment": "test"}, "MissingRequiredFields"),
        ({"Type": "Thing", "Name": "web"}, "InvalidTypeValue"),
        ({"Type": "Service", "Colour": "red"}, "InvalidKeyAttributes"),
    ],
)
def test_a_bad_entity_is_named_and_its_events_are_stored(
    client: CloudWatchLogsClient, group: str, stream: str, *, keys: dict[str, str], error: str | None
) -> None:
    """The entity never costs a log line."""
    [created] = client.describe_log_streams(logGroupName=group)["logStreams"]
    answer = _put(client, group, stream, (created["creationTime"], "x"), entity={"keyAttributes": keys})

    assert answer.get("rejectedEntityInfo", {}).get("errorType") == error
    assert _messages(client, group, stream) == ["x"]


def test_late_events_take_their_place(client: CloudWatchLogsClient, group: str, stream: str, now: int) -> None:
    """Events are read by time, those of one time by arrival."""
    _put(client, group, stream, (now - 10, "b"), (now, "d"))
    _put(client, group, stream, (now - 20, "a"), (now - 10, "c"))
    _put(client, group, stream, (now, "e"))

    assert _messages(client, group, stream) == ["a", "b", "c", "d", "e"]
