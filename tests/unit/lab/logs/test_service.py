import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from mypy_boto3_logs import CloudWatchLogsClient

from taskscope.errors import UsageError
from taskscope.lab.gateway.service import ApiError
from taskscope.lab.logs.api import LogLine, LogWriter
from taskscope.lab.logs.service import LogsService

GOLDEN = Path(__file__).parents[3] / "fixtures" / "golden"


@pytest.mark.parametrize("name", ["nginx-scale-in", "image-pull-typo"])
def test_a_recorded_state_is_read_back_as_it_was(service: LogsService, client: CloudWatchLogsClient, name: str) -> None:
    """Events of 2021, which PutLogEvents would refuse, with their ingestion times."""
    log_groups = json.loads((GOLDEN / name / "state.json").read_text())["logGroups"]

    service.seed("us-east-1", log_groups)

    for group in log_groups:
        for stream in group["logStreams"]:
            answer = client.get_log_events(
                logGroupName=group["logGroupName"], logStreamName=stream["logStreamName"], startFromHead=True
            )
            assert answer["events"] == sorted(stream["events"], key=lambda event: event["timestamp"])
        assert client.describe_log_groups(logGroupNamePrefix=group["logGroupName"])["logGroups"]


@pytest.mark.parametrize(
    ("log_groups", "where"),
    [
        ([{}], r"logGroups\[0\].logGroupName"),
        ([7], r"logGroups\[0\]"),
        ([{"logGroupName": "g", "logStreams": [{"logStreamName": "s"}]}], r"logGroups\[0\].logStreams\[0\].events"),
        (
            [{"logGroupName": "g", "logStreams": [{"logStreamName": "s", "events": [{"timestamp": "1"}]}]}],
            r"events\[0\].timestamp",
        ),
        (
            [
                {
                    "logGroupName": "g",
                    "logStreams": [{"logStreamName": "s", "events": [{"timestamp": 1, "message": ""}]}],
                }
            ],
            r"events\[0\]",
        ),
    ],
)
def test_a_wrong_state_is_refused_with_its_place(service: LogsService, log_groups: list[Any], where: str) -> None:
    """The text says where, and nothing is loaded."""
    with pytest.raises(UsageError, match=where):
        service.seed("eu-west-9", log_groups)


def test_the_lab_writes_below_the_api(service: LogsService, client: CloudWatchLogsClient, group: str) -> None:
    """No age limit counts, creating twice changes nothing, and what is missing is an error."""
    writer: LogWriter = service
    writer.create_group("us-east-1", group)
    writer.create_stream("us-east-1", group, "s")
    writer.put("us-east-1", group, "s", [LogLine(2, "b"), LogLine(1, "a")])
    writer.create_stream("us-east-1", group, "s")

    events = client.get_log_events(logGroupName=group, logStreamName="s")["events"]
    assert [event["message"] for event in events] == ["a", "b"]
    with pytest.raises(ApiError, match="log group does not exist"):
        writer.create_stream("us-east-1", "/none", "s")
    with pytest.raises(ApiError, match="log stream does not exist"):
        writer.put("us-east-1", group, "none", [])


def test_the_lab_makes_no_names_that_the_api_would_refuse(service: LogsService) -> None:
    """A colon in a stream prefix fails the task in AWS too."""
    with pytest.raises(ApiError, match=r"InvalidParameterException.*logGroupName"):
        service.create_group("us-east-1", "a group")
    service.create_group("us-east-1", "/names")
    with pytest.raises(ApiError, match=r"InvalidParameterException.*logStreamName"):
        service.create_stream("us-east-1", "/names", "a:b/app/1")


def test_regions_are_apart(service: LogsService, client: CloudWatchLogsClient) -> None:
    """A group of one region is not seen in another."""
    service.create_group("eu-central-1", "/elsewhere")
    assert client.describe_log_groups(logGroupNamePrefix="/elsewhere")["logGroups"] == []


def test_an_operation_that_the_lab_lacks_is_refused_by_name(client: CloudWatchLogsClient) -> None:
    """The message says that it is the embedded AWS that cannot do it."""
    with pytest.raises(client.exceptions.ClientError, match=r"does not implement logs\.StartQuery"):
        client.start_query(logGroupName="g", startTime=0, endTime=1, queryString="x")


def test_the_aws_cli_writes_and_reads(url: str, now: int, tmp_path: Path) -> None:
    """Create, put, read and filter as a person does it."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    aws = [sys.executable, str(Path(sys.executable).parent / "aws"), "--endpoint-url", url, "--region", "us-east-1"]

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [*aws, "logs", *arguments], env=environment, capture_output=True, text=True, check=False, timeout=30
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    where = ["--log-group-name", "/cli", "--log-stream-name", "s"]
    run("create-log-group", "--log-group-name", "/cli")
    run("create-log-stream", *where)
    run("put-log-events", *where, "--log-events", f"timestamp={now},message=hello")
    assert json.loads(run("get-log-events", *where))["events"][0]["message"] == "hello"
    found = run("filter-log-events", "--log-group-name", "/cli", "--filter-pattern", "hello", "--output", "text")
    assert "hello" in found
