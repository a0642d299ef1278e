"""`taskscope logs` of a running server's store, and of both AWS and the store."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import pytest
from fluent import sender  # type: ignore[import-untyped]  # it has no types

from taskscope.clock import from_datetime
from tests.e2e.collect.collector import Collector
from tests.e2e.conftest import clean_environment
from tests.e2e.logs.conftest import TASKSCOPE, Logs, Put
from tests.e2e.store.conftest import post

TASK: Final = "arn:aws:ecs:eu-west-1:123456789012:task/shop/0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """Give a server that took five lines of a task by Fluent, and two of a log group by OTLP."""
    with Collector(tmp_path_factory.mktemp("server")) as running:
        logger = sender.FluentSender(
            "web-firelens-0123456789abcdef0123456789abcdef", host="127.0.0.1", port=running.ports["fluent"]
        )
        for number in range(5):
            at = sender.EventTime(time.time() - 60 + number)
            line = {"log": f"order {number}", "source": "stdout", "ecs_task_arn": TASK, "ecs_cluster": "shop"}
            assert logger.emit_with_time(None, at, line)
        logger.close()
        post(running, "http", "/v1/logs", otlp("/ecs/api", "ERROR card declined", "INFO fine"))
        running.until_sql("SELECT count() FROM otel_logs", [[7]])
        yield running


def otlp(group: str, *texts: str, ago: float = 30, at_ns: int = 0) -> bytes:
    """Return log records of a group as OTLP has them."""
    at = at_ns or time.time_ns() - int(ago * 1e9)
    records = [{"timeUnixNano": str(at + n), "body": {"stringValue": each}} for n, each in enumerate(texts)]
    names = {"service.name": "api", "aws.log.group.names": group, "aws.log.stream.names": "api/1"}
    attributes = [{"key": key, "value": {"stringValue": value}} for key, value in names.items()]
    return json.dumps(
        {"resourceLogs": [{"resource": {"attributes": attributes}, "scopeLogs": [{"logRecords": records}]}]}
    ).encode()


def of_store(server: Collector, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command, asking the server."""
    command = [str(TASKSCOPE), "logs", *arguments, "--data-dir", str(server.data), "--color", "never"]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=50, env=clean_environment({}), cwd=server.folder, check=False
    )


def messages(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Return the messages of JSON lines."""
    assert done.returncode == 0, done.stderr
    return [json.loads(line)["message"] for line in done.stdout.splitlines()]


def test_nothing_lists_the_groups(server: Collector) -> None:
    """Without AWS being asked: there is no region here."""
    done = of_store(server, "--from", "store", "-o", "json")
    assert "/ecs/api" in json.loads(done.stdout), done.stderr
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--task", "0123456789abcdef0123456789abcdef"], [f"order {number}" for number in range(5)]),
        (["--task", TASK, "--container", "web", "--filter", "?3 ?4"], ["order 3", "order 4"]),
        (["--cluster", "shop", "--grep", "[01]$"], ["order 0", "order 1"]),
        (["/ecs/*"], ["ERROR card declined", "INFO fine"]),
        (["/ecs/api", "--cluster", "shop", "--filter", "-order"], ["ERROR card declined", "INFO fine"]),
        (["-n", "web"], [f"order {number}" for number in range(5)]),
    ],
)
def test_lines_of_the_store(server: Collector, arguments: list[str], expected: list[str]) -> None:
    """By task, cluster, group and name, in order of time."""
    assert messages(of_store(server, *arguments, "--from", "store", "-o", "jsonl")) == expected


def test_the_store_is_asked_first_where_it_has_what_is_meant(server: Collector) -> None:
    """And stderr says who was asked."""
    done = of_store(server, "/ecs/api", "-o", "jsonl")
    assert messages(done) == ["ERROR card declined", "INFO fine"]
    assert f"from the store of http://127.0.0.1:{server.ports['api']}" in done.stderr


def test_a_stack_is_for_aws(server: Collector) -> None:
    """The store does not know which functions one has."""
    done = of_store(server, "--stack-name", "shop", "--from", "store")
    assert done.returncode == 3
    assert "--from aws" in done.stderr


def test_following_tells_what_comes_late(server: Collector, tmp_path: Path) -> None:
    """What is there, then what comes, also lines of long before; each once, and across a restart of the server."""
    out = tmp_path / "out"
    command = [
        str(TASKSCOPE), "logs", "/late", "--from", "store", "-f", "-o", "jsonl", "--since", "1h",
        "--server", f"http://127.0.0.1:{server.ports['api']}",
    ]  # fmt: skip
    post(server, "http", "/v1/logs", otlp("/late", "first"))
    server.until_sql("SELECT count() FROM otel_logs WHERE Body = 'first'", [[1]])
    with out.open("wb") as stdout:
        process = subprocess.Popen(command, stdout=stdout, stderr=subprocess.PIPE, env=clean_environment({}))
        try:
            until(lambda: told(out) == ["first"])
            post(server, "http", "/v1/logs", otlp("/late", "second", ago=0))
            until(lambda: told(out) == ["first", "second"])
            post(server, "http", "/v1/logs", otlp("/late", "late", ago=3_000))
            until(lambda: told(out) == ["first", "second", "late"])
            server.stop()
            server.start()
            post(server, "http", "/v1/logs", otlp("/late", "after the break", ago=0))
            until(lambda: told(out)[3:] == ["after the break"])
        finally:
            process.terminate()
            process.communicate(timeout=20)
    assert told(out) == ["first", "second", "late", "after the break"]


def told(out: Path) -> list[str]:
    """Return the messages that were printed so far."""
    return [json.loads(line)["message"] for line in out.read_text().splitlines()]


def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_lines_that_aws_and_the_store_have_stand_once(server: Collector, logs: Logs, put: Put) -> None:
    """``--from both`` merges by time: equal lines of one stream and time are one."""
    put("/both", "api/1", "in both", ago=20)
    put("/both", "api/1", "in AWS alone", ago=19)
    [in_aws] = [
        json.loads(line) for line in logs("/both", "--from", "aws", "-o", "jsonl", "--grep", "both").stdout.splitlines()
    ]
    at = from_datetime(datetime.fromisoformat(in_aws["time"]))
    for text, after in (("in both", 0), ("in the store alone", 2_000_000_000)):
        post(server, "http", "/v1/logs", otlp("/both", text, at_ns=at + after))
    server.until_sql("SELECT count() FROM otel_logs WHERE startsWith(Body, 'in ')", [[2]])

    done = logs("/both", "--from", "both", "-o", "jsonl", "--server", f"http://127.0.0.1:{server.ports['api']}")

    assert messages(done) == ["in both", "in AWS alone", "in the store alone"]
