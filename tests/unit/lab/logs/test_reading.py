import itertools
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mypy_boto3_logs import CloudWatchLogsClient

from taskscope.clock import fixed_clock
from taskscope.lab.gateway.service import Call
from taskscope.lab.logs.api import LogLine
from taskscope.lab.logs.service import LogsService

_LATER = st.lists(st.integers(0, 30), max_size=40)


def _fill(service: LogsService, group: str, stream: str, lines: list[tuple[int, str]]) -> None:
    service.create_group("us-east-1", group)
    service.create_stream("us-east-1", group, stream)
    service.put("us-east-1", group, stream, [LogLine(*line) for line in lines])


def _read_all(service: LogsService, direction: str, **params: Any) -> list[list[str]]:
    """Follow the tokens of one direction to their end, calling the operation itself."""
    pages: list[list[str]] = []
    more: dict[str, Any] = {"startFromHead": direction == "Forward"}
    while True:
        call = Call("logs", "GetLogEvents", {**params, **more}, "us-east-1", "1", "")
        answer: Any = service.operations["GetLogEvents"](call)
        pages.append([event["message"] for event in answer["events"]])
        token = answer[f"next{direction}Token"]
        if token == more.get("nextToken"):
            return pages
        more["nextToken"] = token


@settings(max_examples=150, deadline=None)
@given(
    batches=st.lists(st.lists(st.integers(0, 30), max_size=15), max_size=5),
    limit=st.integers(1, 12),
    window=st.tuples(st.integers(0, 32), st.integers(0, 32)),
    direction=st.sampled_from(["Forward", "Backward"]),
)
def test_paging_gives_every_event_of_the_window_once_and_in_order(
    batches: list[list[int]], limit: int, window: tuple[int, int], direction: str
) -> None:
    """Whatever arrived when, any page size and window, either direction; the window's end is excluded."""
    service = LogsService(clock=fixed_clock(0))
    _fill(service, "g", "s", [])
    numbers = itertools.count()
    arrived = [[(timestamp, f"{timestamp}-{next(numbers)}") for timestamp in batch] for batch in batches]
    for batch in arrived:
        service.put("us-east-1", "g", "s", [LogLine(*line) for line in batch])
    inside = [line for batch in arrived for line in batch if window[0] <= line[0] < window[1]]
    expected = [message for _, message in sorted(inside, key=lambda line: line[0])]

    pages = _read_all(
        service,
        direction,
        logGroupName="g",
        logStreamName="s",
        startTime=window[0],
        endTime=window[1],
        limit=limit,
    )

    if direction == "Backward":
        pages.reverse()
    assert [message for page in pages for message in page] == expected
    assert all(len(page) <= limit for page in pages)


@given(later=_LATER, limit=st.integers(1, 5))
def test_lines_that_arrive_while_paging_shift_no_page(later: list[int], limit: int) -> None:
    """A line that was there from the start is read once, even if late lines come between the pages."""
    service = LogsService(clock=fixed_clock(0))
    _fill(service, "g", "s", [(timestamp, f"first-{timestamp}") for timestamp in range(20)])
    read: list[str] = []
    params: dict[str, Any] = {"logGroupName": "g", "logStreamName": "s", "startFromHead": True, "limit": limit}
    for late in [*later, *[30] * 60]:
        call = Call("logs", "GetLogEvents", params, "us-east-1", "1", "")
        answer: Any = service.operations["GetLogEvents"](call)
        read += [event["message"] for event in answer["events"] if event["message"].startswith("first")]
        params = {**params, "nextToken": answer["nextForwardToken"]}
        service.put("us-east-1", "g", "s", [LogLine(late, "late")])

    assert read == [f"first-{timestamp}" for timestamp in range(20)]


def test_without_start_from_head_the_newest_come(
    service: LogsService, client: CloudWatchLogsClient, group: str
) -> None:
    """The tail is in ascending order; forward there is nothing more, backward there is what was before."""
    _fill(service, group, "s", [(number, str(number)) for number in range(10)])

    tail = client.get_log_events(logGroupName=group, logStreamName="s", limit=3)
    assert [event["message"] for event in tail["events"]] == ["7", "8", "9"]

    end = client.get_log_events(logGroupName=group, logStreamName="s", nextToken=tail["nextForwardToken"])
    assert (end["events"], end["nextForwardToken"]) == ([], tail["nextForwardToken"])

    before = client.get_log_events(logGroupName=group, logStreamName="s", nextToken=tail["nextBackwardToken"], limit=2)
    assert [event["message"] for event in before["events"]] == ["5", "6"]
    assert tail["nextForwardToken"].startswith("f/")
    assert tail["nextBackwardToken"].startswith("b/")


def test_following_an_empty_stream_finds_what_comes(
    service: LogsService, client: CloudWatchLogsClient, group: str, stream: str
) -> None:
    """The token of an empty page is one to go on with."""
    empty = client.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True)
    service.put("us-east-1", group, stream, [LogLine(5, "x")])

    more = client.get_log_events(
        logGroupName=group, logStreamName=stream, startFromHead=True, nextToken=empty["nextForwardToken"]
    )

    assert [event["message"] for event in more["events"]] == ["x"]


def test_a_page_ends_at_a_megabyte(service: LogsService, group: str) -> None:
    """Large lines make small pages; a line that is larger alone still comes, so reading goes on."""
    sizes = [600_000, 400_000, 400_000, 1_200_000, 10]
    _fill(service, group, "s", [(number, "x" * size) for number, size in enumerate(sizes)])

    pages = [
        [len(message) for message in page]
        for page in _read_all(service, "Forward", logGroupName=group, logStreamName="s")
    ]

    assert pages == [[600_000, 400_000], [400_000], [1_200_000], [10], []]


@pytest.mark.parametrize("token", ["x", "f/1", "f/" + "9" * 55, "g/" + "0" * 56, "b/" + "٣" * 56])
def test_a_wrong_token_is_refused(client: CloudWatchLogsClient, group: str, stream: str, token: str) -> None:
    """Only what an answer gave is a token."""
    with pytest.raises(client.exceptions.InvalidParameterException, match="nextToken"):
        client.get_log_events(logGroupName=group, logStreamName=stream, nextToken=token)


def test_what_is_missing_is_named(client: CloudWatchLogsClient, group: str) -> None:
    """A missing stream is told from a missing group."""
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="log stream does not exist"):
        client.get_log_events(logGroupName=group, logStreamName="none")
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="log group does not exist"):
        client.get_log_events(logGroupName="/nowhere", logStreamName="none")
    with pytest.raises(client.exceptions.InvalidParameterException, match="10000"):
        client.get_log_events(logGroupName=group, logStreamName="none", limit=10_001)


def test_a_page_of_a_long_stream_does_not_scan_it(service: LogsService) -> None:
    """A page of ten in the middle of 100,000 lines costs far less than looking at all of them."""
    _fill(service, "/long", "s", [(number, "x") for number in range(100_000)])
    params = {"logGroupName": "/long", "logStreamName": "s", "startTime": 50_000, "startFromHead": True, "limit": 10}
    call = Call("logs", "GetLogEvents", params, "us-east-1", "1", "")

    times = []
    for _ in range(5):
        started = time.perf_counter()
        answer: Any = service.operations["GetLogEvents"](call)
        times.append(time.perf_counter() - started)
        assert answer["events"][0]["timestamp"] == 50_000

    assert min(times) < 0.005
