import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mypy_boto3_logs import CloudWatchLogsClient

from taskscope.clock import fixed_clock
from taskscope.lab.gateway.service import Call
from taskscope.lab.logs import filtering
from taskscope.lab.logs.api import LogLine
from taskscope.lab.logs.service import LogsService


@pytest.fixture
def three(service: LogsService, group: str) -> str:
    """A group with the streams a, b and c of five lines each, whose times alternate."""
    for offset, stream in enumerate("abc"):
        service.create_stream("us-east-1", group, stream)
        lines = [LogLine(10 * number + offset, f"{stream}{number} ERROR") for number in range(5)]
        service.put("us-east-1", group, stream, lines)
    return group


def _messages(answer: Any) -> list[str]:
    return [event["message"].split()[0] for event in answer["events"]]


def test_streams_are_merged_by_time(client: CloudWatchLogsClient, three: str, now: int) -> None:
    """Every event comes with its stream and an id of its own."""
    answer = client.filter_log_events(logGroupName=three)

    assert _messages(answer) == [f"{stream}{number}" for number in range(5) for stream in "abc"]
    first = answer["events"][0]
    assert (first["logStreamName"], first["timestamp"], first["ingestionTime"]) == ("a", 0, now)
    assert len({event["eventId"] for event in answer["events"]}) == 15
    assert answer["searchedLogStreams"] == []
    assert "nextToken" not in answer


def test_the_window_includes_both_ends(client: CloudWatchLogsClient, three: str) -> None:
    """Unlike GetLogEvents, an event at endTime belongs to the answer."""
    answer = client.filter_log_events(logGroupName=three, startTime=10, endTime=12)
    assert _messages(answer) == ["a1", "b1", "c1"]


def test_streams_are_chosen_by_name_or_prefix(client: CloudWatchLogsClient, three: str) -> None:
    """Both at once are refused; a name that does not exist is an error."""
    assert _messages(client.filter_log_events(logGroupName=three, logStreamNames=["c", "c"])) == [
        f"c{number}" for number in range(5)
    ]
    assert len(client.filter_log_events(logGroupName=three, logStreamNamePrefix="b")["events"]) == 5
    with pytest.raises(client.exceptions.InvalidParameterException):
        client.filter_log_events(logGroupName=three, logStreamNames=["a"], logStreamNamePrefix="b")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.filter_log_events(logGroupName=three, logStreamNames=["a", "z"])


def test_a_pattern_chooses(client: CloudWatchLogsClient, three: str) -> None:
    """Words in the pattern language; a wrong pattern is a bad parameter."""
    assert _messages(client.filter_log_events(logGroupName=three, filterPattern="ERROR b3")) == ["b3"]
    with pytest.raises(client.exceptions.InvalidParameterException, match="Invalid filter pattern"):
        client.filter_log_events(logGroupName=three, filterPattern="{ $.a = }")


def test_newest_first(client: CloudWatchLogsClient, three: str) -> None:
    """The token keeps the direction; early start times cannot be read this way."""
    pages = client.get_paginator("filter_log_events").paginate(
        logGroupName=three,
        startFromHead=False,
        PaginationConfig={"PageSize": 4},
    )
    assert [message for page in pages for message in _messages(page)] == [
        f"{stream}{number}" for number in reversed(range(5)) for stream in "cba"
    ]
    with pytest.raises(client.exceptions.InvalidParameterException, match="startFromHead"):
        client.filter_log_events(logGroupName=three, startFromHead=False, startTime=1)


def test_a_wrong_token_is_refused(client: CloudWatchLogsClient, three: str) -> None:
    """Tokens of other operations are none of this one."""
    for token in ("rubbish", "WyJhIl0"):
        with pytest.raises(client.exceptions.InvalidParameterException, match="nextToken"):
            client.filter_log_events(logGroupName=three, nextToken=token)


@settings(max_examples=120, deadline=None)
@given(
    streams=st.lists(st.lists(st.integers(0, 12), max_size=15), min_size=1, max_size=4),
    limit=st.integers(1, 9),
    window=st.tuples(st.integers(0, 14), st.integers(0, 14)),
    from_head=st.booleans(),
    scan=st.sampled_from([1, 3, 50_000]),
)
def test_paging_gives_every_match_once_and_in_order(
    streams: list[list[int]], limit: int, window: tuple[int, int], *, from_head: bool, scan: int
) -> None:
    """Any streams, page size, window and direction, and however little a page looks at."""
    service = LogsService(clock=fixed_clock(0))
    service.create_group("us-east-1", "g")
    numbers = itertools.count()
    rows = []
    for name, times in zip("abcd", streams, strict=False):
        service.create_stream("us-east-1", "g", name)
        lines = [LogLine(timestamp, f"{'odd' if timestamp % 2 else 'even'}-{next(numbers)}") for timestamp in times]
        service.put("us-east-1", "g", name, lines)
        rows += [(line.timestamp, name, line.message) for line in sorted(lines, key=lambda line: line.timestamp)]
    rows.sort(key=lambda row: row[:2])
    expected = [row[2] for row in rows if window[0] <= row[0] <= window[1] and row[0] % 2]
    params = {
        "logGroupName": "g",
        "startTime": window[0],
        "endTime": window[1],
        "limit": limit,
        "filterPattern": "odd",
    }
    if not from_head:
        params = {**params, "startFromHead": False, "startTime": filtering.DESCENDING_FROM_MS}
        del params["startTime"]
        expected = [row[2] for row in rows if row[0] <= window[1] and row[0] % 2][::-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(filtering, "SCAN_EVENTS", scan)
        read: list[str] = []
        while True:
            call = Call("logs", "FilterLogEvents", params, "us-east-1", "1", "")
            answer: Any = service.operations["FilterLogEvents"](call)
            read += [event["message"] for event in answer["events"]]
            if answer["nextToken"] is None:
                break
            params = {**params, "nextToken": answer["nextToken"]}

    assert read == expected
