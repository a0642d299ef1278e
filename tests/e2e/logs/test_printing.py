"""What `taskscope logs` prints: filters, queries, traces, forms."""

import json
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from taskscope.lab.client.watch import until
from taskscope.lab.threaded import ThreadedAws
from tests.e2e.logs.conftest import TASKSCOPE, Logs, Put


@pytest.fixture
def mixed(put: Put, group: str) -> str:
    """Give a group with JSON and other lines."""
    for number, text in enumerate(
        ['{"level": "ERROR", "n": 1, "at": {"s": "x"}}', "plain ERROR text", '{"level": "INFO", "n": 2}', "[1, 2]"]
    ):
        put(group, "s", text, ago=60 - number)
    return group


def _messages(done: subprocess.CompletedProcess[str]) -> list[str]:
    assert done.returncode == 0, done.stderr
    return [line.split(" ", 2)[2] for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["--filter", "ERROR"], ['{"level": "ERROR", "n": 1, "at": {"s": "x"}}', "plain ERROR text"]),
        (["--filter", "{ $.n > 1 }"], ['{"level": "INFO", "n": 2}']),
        (["--grep", "^plain|INFO"], ["plain ERROR text", '{"level": "INFO", "n": 2}']),
        (["--filter", "ERROR", "--grep", "plain"], ["plain ERROR text"]),
        (["--query", "level"], ["ERROR", "INFO"]),
        (["--query", "[level, n]"], ['["ERROR", 1]', '["INFO", 2]', "[null, null]"]),
        (["--query", "at.s", "--grep", "level"], ["x"]),
    ],
)
def test_filters_choose_lines(logs: Logs, mixed: str, arguments: list[str], shown: list[str]) -> None:
    """CloudWatch's pattern there, a regular expression and JMESPath here; all that are given."""
    assert _messages(logs(mixed, *arguments)) == shown


def test_lines_that_a_query_leaves_out_are_counted(logs: Logs, mixed: str) -> None:
    """On stderr, by the reason."""
    done = logs(mixed, "--query", "n")

    assert done.stderr.splitlines()[-1] == ("taskscope: --query left lines out: 1 that are no JSON, 1 without a result")


def test_json_has_what_is_known(logs: Logs, mixed: str) -> None:
    """An array, or an object a line; with the query's result as JSON."""
    array = json.loads(logs(mixed, "-o", "json", "--query", "at").stdout)
    lines = [json.loads(each) for each in logs(mixed, "-o", "jsonl", "--query", "at").stdout.splitlines()]

    assert array == lines
    assert set(array[0]) == {"time", "log_group", "log_stream", "message", "ingested", "event_id", "result"}
    assert (array[0]["log_group"], array[0]["result"]) == (mixed, {"s": "x"})
    assert logs(mixed, "-o", "json", "--filter", "nothing").stdout == "[]\n"


def test_since_and_until_bound_the_window(logs: Logs, put: Put, group: str) -> None:
    """The start belongs to it, the end does not; by default it is ten minutes."""
    for minutes in (30, 20, 5):
        put(group, "s", f"{minutes} min", ago=minutes * 60)
    moment = (datetime.now(UTC) - timedelta(minutes=10)).isoformat()

    assert _messages(logs(group)) == ["5 min"]
    assert _messages(logs(group, "--since", "25 minutes ago")) == ["20 min", "5 min"]
    assert _messages(logs(group, "-s", "1h30m", "--end-time", moment)) == ["30 min", "20 min"]
    assert _messages(logs(group, "--now", moment, "--start-time", "15m")) == ["20 min", "5 min"]


def test_control_characters_stay_off_the_terminal_and_raw_prints_them(logs: Logs, put: Put, group: str) -> None:
    """One line each; --color paints streams, times and failures."""
    put(group, "s", "a\x1b[2J\nb\n")
    put(group, "s", "2026 Task timed out after 3.00 seconds\n")

    assert logs(group).stdout.splitlines()[0].endswith(r" a\x1b[2J\nb")
    assert "a\x1b[2J\nb\n" in logs(group, "--raw").stdout
    assert "\x1b[31m2026 Task timed out" in logs(group, "--color", "always").stdout


def _trace(aws: ThreadedAws, name: str, start: float, end: float) -> str:
    """Let X-Ray have a trace of one segment; return its id when it can be asked for."""
    trace_id = f"1-{int(start):08x}-{abs(hash((name, start))) % 16**24:024x}"
    segment: dict[str, Any] = {
        "id": "70de5b6f19ff9a0a", "name": name, "trace_id": trace_id, "start_time": start, "end_time": end,
        "http": {"response": {"status": 200}},
    }  # fmt: skip
    client = aws.client("xray")
    client.put_trace_segments(TraceSegmentDocuments=[json.dumps(segment)])
    window = {"StartTime": datetime.fromtimestamp(start - 60, UTC), "EndTime": datetime.now(UTC)}
    assert until(
        lambda: any(each["Id"] == trace_id for each in client.get_trace_summaries(**window)["TraceSummaries"]),
        at_most=10,
    )
    return trace_id


def test_traces_come_while_following(
    lab: ThreadedAws, follow: Callable[..., subprocess.Popen[str]], put: Put, group: str
) -> None:
    """Those that ended since --since at once, later ones every ten seconds."""
    now = time.time()
    trace_id = _trace(lab, "cart", now - 3, now - 2)
    put(group, "s", "line")

    process = follow(group, "--include-traces", "--poll", "--since", "30s")

    assert process.stdout is not None
    printed = [process.stdout.readline() for _ in range(3)]
    assert printed[0].endswith("line\n")
    assert trace_id in printed[1]
    assert printed[2] == " - 1.000s - cart [HTTP: 200]\n"


def test_traces_stand_among_the_lines(lab: ThreadedAws, logs: Logs, put: Put, group: str) -> None:
    """After the lines of the time at which they ended, as a tree; also as JSON."""
    now = time.time()
    put(group, "s", "before", ago=550)
    trace_id = _trace(lab, "shop", now - 545, now - 540)
    put(group, "s", "after", ago=530)
    window = ("--since", "600s", "--until", "500s")

    text = logs(group, "-i", *window).stdout.splitlines()
    documents = [
        json.loads(each) for each in logs(group, "--include-traces", *window, "-o", "jsonl").stdout.splitlines()
    ]

    assert text[0].endswith("before")
    assert text[1].startswith("XRay Event ")
    assert text[1].endswith(f"with id ({trace_id}) and duration (5.000s)")
    assert text[2] == " - 5.000s - shop [HTTP: 200]"
    assert text[3].endswith("after")
    assert documents[1]["trace_id"] == trace_id
    assert [each["name"] for each in documents[1]["segments"]] == ["shop"]


def test_reader_that_goes_away_is_no_error(lab: ThreadedAws, put: Put, group: str) -> None:
    """`taskscope logs … | head -1` prints a line, nothing else, and ends with 0."""
    client = lab.client("logs")
    put(group, "s", "x")
    stamp = time.time_ns() // 1_000_000
    for _ in range(3):
        events = [{"timestamp": stamp, "message": "y" * 200} for _ in range(2000)]
        client.put_log_events(logGroupName=group, logStreamName="s", logEvents=events)

    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {TASKSCOPE} logs --from aws {group} | head -1 | wc -l"],
        env={**lab.environment, "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stdout, done.stderr) == (0, "1\n", "")
