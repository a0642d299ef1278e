import pytest
from mypy_boto3_logs import CloudWatchLogsClient


def _put(client: CloudWatchLogsClient, group: str, stream: str, timestamp: int) -> None:
    client.create_log_stream(logGroupName=group, logStreamName=stream)
    client.put_log_events(
        logGroupName=group, logStreamName=stream, logEvents=[{"timestamp": timestamp, "message": "x"}]
    )


def test_a_stream_says_when_it_began_and_ended(client: CloudWatchLogsClient, group: str, now: int) -> None:
    """First and last event are by their own time, the ingestion by the service's."""
    _put(client, group, "web/app/1", now - 5_000)

    [found] = client.describe_log_streams(logGroupName=group)["logStreams"]

    assert found["firstEventTimestamp"] == found["lastEventTimestamp"] == now - 5_000
    assert found["lastIngestionTime"] == found["creationTime"] == now
    assert found["arn"] == f"arn:aws:logs:us-east-1:123456789012:log-group:{group}:log-stream:web/app/1"


def test_an_empty_stream_has_no_event_times(client: CloudWatchLogsClient, group: str, stream: str) -> None:
    """What is not known is left out."""
    [found] = client.describe_log_streams(logGroupName=group, logStreamNamePrefix=stream)["logStreams"]
    assert not {"firstEventTimestamp", "lastEventTimestamp", "lastIngestionTime"} & set(found)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("order", ["LogStreamName", "LastEventTime"])
def test_streams_come_in_pages_in_any_order(
    client: CloudWatchLogsClient, group: str, now: int, order: str, *, descending: bool
) -> None:
    """Each stream is listed once, by name or by its last event."""
    ages = {"c": 1, "a": 3, "e": 2, "b": 5, "d": 4}
    for name, age in ages.items():
        _put(client, group, name, now - age * 1_000)
    expected = sorted(ages) if order == "LogStreamName" else sorted(ages, key=lambda name: -ages[name])

    pages = client.get_paginator("describe_log_streams").paginate(
        logGroupName=group,
        orderBy=order,  # type: ignore[arg-type]  # both values are in the enum
        descending=descending,
        PaginationConfig={"PageSize": 2},
    )

    names = [each["logStreamName"] for page in pages for each in page["logStreams"]]
    assert names == (expected[::-1] if descending else expected)


def test_streams_are_found_by_prefix_and_by_the_groups_arn(client: CloudWatchLogsClient, group: str) -> None:
    """A group's ARN serves where its name does, but not with ``:*``."""
    for name in ("web/a", "web/b", "db/a"):
        client.create_log_stream(logGroupName=group, logStreamName=name)
    arn = f"arn:aws:logs:us-east-1:123456789012:log-group:{group}"

    for identifier in (group, arn):
        found = client.describe_log_streams(logGroupIdentifier=identifier, logStreamNamePrefix="web/")["logStreams"]
        assert [each["logStreamName"] for each in found] == ["web/a", "web/b"]
    with pytest.raises(client.exceptions.InvalidParameterException):
        client.describe_log_streams(logGroupIdentifier=f"{arn}:*")


def test_what_cannot_be_combined_is_refused(client: CloudWatchLogsClient, group: str) -> None:
    """Order by time with a prefix; a name with an identifier; neither of them; an ARN of another region."""
    refused = client.exceptions.InvalidParameterException
    with pytest.raises(refused, match="LastEventTime"):
        client.describe_log_streams(logGroupName=group, orderBy="LastEventTime", logStreamNamePrefix="a")
    with pytest.raises(refused):
        client.describe_log_streams(logGroupName=group, logGroupIdentifier=group)
    with pytest.raises(refused):
        client.describe_log_streams()
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_log_streams(logGroupIdentifier=f"arn:aws:logs:eu-west-1:123456789012:log-group:{group}")


def test_streams_are_created_once_and_deleted(client: CloudWatchLogsClient, group: str, stream: str) -> None:
    """Doubles, unknown ones and names with a colon are refused as AWS does."""
    with pytest.raises(client.exceptions.ResourceAlreadyExistsException, match="already exists"):
        client.create_log_stream(logGroupName=group, logStreamName=stream)
    with pytest.raises(client.exceptions.InvalidParameterException):
        client.create_log_stream(logGroupName=group, logStreamName="a:b")
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="log group"):
        client.create_log_stream(logGroupName="/nowhere", logStreamName="a")
    client.delete_log_stream(logGroupName=group, logStreamName=stream)
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="log stream"):
        client.delete_log_stream(logGroupName=group, logStreamName=stream)
