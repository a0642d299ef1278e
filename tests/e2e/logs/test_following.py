"""`taskscope logs --follow` while several write at once: nothing is lost, nothing is doubled."""

import json
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeAlias

import pytest

from taskscope.lab.threaded import ThreadedAws
from tests.e2e.logs.conftest import TASKSCOPE, Logs, Put, Refuse, milliseconds

Follow: TypeAlias = Callable[..., subprocess.Popen[str]]
GROUPS = ("/follow/a", "/follow/b", "/follow/c")
LINES = 40
"""Of each writer."""


def _read(processes: Sequence[subprocess.Popen[str]], lines: int) -> list[list[str]]:
    """Return so many lines of each command, then interrupt it and return what else it printed."""
    found: list[list[str]] = []
    for each in processes:
        assert each.stdout is not None
        found.append([each.stdout.readline() for _ in range(lines)])
    time.sleep(2.5)  # a doubled line would come with the next look, two seconds later
    for each, printed in zip(processes, found, strict=True):
        each.send_signal(signal.SIGINT)
        printed.extend(each.communicate(timeout=10)[0].splitlines())
    return found


def _write(aws: ThreadedAws, group: str, seed: int) -> None:
    """Write lines to two streams, some of them equal, some late, in small batches."""
    chance = random.Random(seed)  # noqa: S311 (a test's variety)
    client = aws.client("logs")
    for stream in ("s", "t"):
        client.create_log_stream(logGroupName=group, logStreamName=f"{stream}{seed}")
    written = 0
    while written < LINES:
        stream = f"{chance.choice('st')}{seed}"
        count = min(LINES - written, chance.randint(1, 5))
        late = chance.choice([0, 0, 0, 700, 20_000])
        now = milliseconds() - late
        events = [{"timestamp": now, "message": f"line {chance.choice('ab')}"} for _ in range(count)]
        client.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
        written += count
        time.sleep(chance.uniform(0, 0.15))


def _there(aws: ThreadedAws, groups: Sequence[str]) -> Counter[tuple[str, str, str]]:
    pages = (
        page
        for group in groups
        for page in aws.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
    )
    return Counter(
        (each["logStreamName"], each["eventId"][:20], each["message"]) for page in pages for each in page["events"]
    )


def _told(lines: Sequence[str]) -> Counter[tuple[str, str, str]]:
    documents = [json.loads(each) for each in lines]
    return Counter((each["log_stream"], _milliseconds(each["time"]), each["message"]) for each in documents)


def _milliseconds(time_text: str) -> str:
    return f"{round(datetime.fromisoformat(time_text).timestamp() * 1000):020d}"


def test_every_line_of_concurrent_writers_is_printed_once(
    lab: ThreadedAws, follow: Follow, logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    By polling, and by live tail whose sessions end every two seconds: several groups, equal lines, late ones.

    A later look has all of them in order.
    """
    monkeypatch.setattr(lab.aws.logs.live_tails, "_session", 2.0)  # AWS's are three hours long
    for group in GROUPS:
        lab.client("logs").create_log_group(logGroupName=group)
    _write(lab, GROUPS[0], 0)
    followers = [follow("/follow/*", "-o", "jsonl"), follow("/follow/*", "-o", "jsonl", "--poll")]
    writers = [threading.Thread(target=_write, args=(lab, group, n)) for n, group in enumerate(GROUPS * 2, 1)]

    for each in writers:
        each.start()
    for each in writers:
        each.join()

    total = LINES * 7
    printed = _read(followers, total)
    there = _there(lab, GROUPS)
    assert there.total() == total
    assert [_told(lines) for lines in printed] == [there, there]
    assert [each.returncode for each in followers] == [130, 130]
    later = [json.loads(each) for each in logs("/follow/*", "--from", "aws", "-o", "jsonl").stdout.splitlines()]
    assert _told([json.dumps(each) for each in later]) == there
    places = [(each["time"], each["log_group"], each["log_stream"]) for each in later]
    assert places == sorted(places)


def test_interrupt_ends_with_130_and_without_a_word(follow: Follow, put: Put, group: str) -> None:
    """Ctrl-C, at once, no traceback."""
    put(group, "s", "first")
    process = follow(group)
    assert process.stdout is not None
    assert process.stdout.readline().endswith("first\n")

    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=10)

    assert process.returncode == 130
    assert said.splitlines() == [f"taskscope: from CloudWatch Logs: {group}", ""]  # click ends the line of ^C


def test_reader_that_goes_away_ends_it_although_nothing_is_written(lab: ThreadedAws, put: Put, group: str) -> None:
    """`taskscope logs -f … | head -1` ends with 0."""
    put(group, "s", "first")

    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {TASKSCOPE} logs -f {group} | head -1"],
        env={**lab.environment, "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("first\n")


@pytest.mark.parametrize("code", ["AccessDeniedException", "LimitExceededException", "InvalidOperationException"])
def test_live_tail_that_cannot_be_had_is_replaced_by_polling(
    follow: Follow, put: Put, group: str, refuse: Refuse, code: str
) -> None:
    """Without the permission, with too many sessions, in a group of another class; it is said or tried again."""
    refuse("StartLiveTail", code)
    put(group, "s", "first")
    process = follow(group)
    assert process.stdout is not None
    process.stdout.readline()

    put(group, "s", "second")

    assert process.stdout.readline().endswith("second\n")
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=10)
    assert ("live tail cannot be had" in said) == (code != "LimitExceededException")


def test_group_that_is_deleted_ends_it_with_3(lab: ThreadedAws, follow: Follow, put: Put, group: str) -> None:
    """The last one that is followed."""
    put(group, "s", "first")
    process = follow(group, "--poll")
    assert process.stdout is not None
    process.stdout.readline()

    lab.client("logs").delete_log_group(logGroupName=group)

    _, said = process.communicate(timeout=20)
    assert process.returncode == 3
    assert "every log group that was followed is gone" in said
