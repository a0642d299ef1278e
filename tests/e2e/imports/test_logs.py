"""The lines of log groups: everything once, also after a command that was killed in the middle."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskscope.lab.threaded import ThreadedAws, embedded_aws
from tests.e2e.collect.collector import Collector
from tests.e2e.imports.conftest import Begin, Import, notes, until

_LINES = 12_000
_GROUPS = ("/aws/lambda/orders", "/aws/lambda/mails")


@pytest.fixture(scope="module")
def lab() -> Iterator[ThreadedAws]:
    """Give an embedded AWS with two groups of lines, many of one time, and equal ones among them."""
    with embedded_aws(runner=False) as aws:
        client = aws.client("logs")
        began = int(time.time() * 1000) - 600_000
        for group in _GROUPS:
            client.create_log_group(logGroupName=group)
            client.create_log_stream(logGroupName=group, logStreamName="s")
            for start in range(0, _LINES, 6_000):
                events = [
                    {"timestamp": began + each // 10, "message": f"line {each // 2 * 2}"}
                    for each in range(start, start + 6_000)
                ]
                client.put_log_events(logGroupName=group, logStreamName="s", logEvents=events)
        yield aws


def test_an_import_that_was_killed_is_finished_by_the_next(
    lab: ThreadedAws, target: Collector, bring: Import, begin: Begin, cache: Path
) -> None:
    """By a pattern of groups, and nothing is there twice."""
    with begin("cloudwatch-logs", "/aws/lambda/*", env=lab.environment) as process:
        until(lambda: notes(cache))
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=30)

    second = bring("cloudwatch-logs", "/aws/lambda/*", env=lab.environment)

    assert second.returncode == 0, second.stderr
    counts = target.sql(
        "SELECT ServiceName, count(), uniqExact(LogAttributes['log.record.uid'])"
        " FROM otel_logs WHERE ServiceName IN ('orders', 'mails') GROUP BY 1 ORDER BY 1"
    )
    assert counts == [[name, _LINES, _LINES] for name in ("mails", "orders")]
    assert notes(cache) == 0


def test_one_stream_and_one_pattern_can_be_chosen(lab: ThreadedAws, bring: Import) -> None:
    """And what is known is said, also where it came as another selection."""
    chosen = bring("cloudwatch-logs", _GROUPS[0], "--stream", "s", "--filter", '"line 10"', env=lab.environment)
    again = bring("cloudwatch-logs", _GROUPS[0], "--filter", '"line 10"', env=lab.environment)

    assert chosen.stdout.startswith("imported "), chosen.stderr
    assert again.stdout.startswith("imported nothing new"), again.stderr


def test_a_group_that_is_not_there_is_said(lab: ThreadedAws, bring: Import) -> None:
    """With the nearest."""
    ended = bring("cloudwatch-logs", "/aws/lambda/order", env=lab.environment)

    assert ended.returncode == 3
    assert "/aws/lambda/orders" in ended.stderr
