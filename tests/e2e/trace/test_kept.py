"""`taskscope trace` with a server that keeps spans and readings of a task: they stand in the timeline."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from taskscope.clock import from_datetime
from taskscope.lab.threaded import ThreadedAws
from tests.e2e.collect.collector import Collector
from tests.e2e.conftest import Run
from tests.e2e.store.conftest import post

Trace = Callable[..., list[str]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """Give a server."""
    with Collector(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def trace(
    golden: Path, load_golden: Callable[[Path], dict[str, Any]], recorded: ThreadedAws, run: Run, server: Collector
) -> Trace:
    """Give ``trace(*options)``: the timeline of a recorded task of which the server keeps two spans."""
    state = load_golden(golden / "nginx-scale-in")
    post(server, "http", "/v1/traces", _spans(state["task"]["taskArn"], state["task"]["stoppingAt"]))
    post(server, "http", "/v1/metrics", _readings(state["task"]["taskArn"], state["task"]["stoppingAt"]))
    server.until_sql("SELECT uniqExact(SpanId) FROM spans", [[2]])
    server.until_sql("SELECT count() > 0 FROM usage_by_minute", [[1]])
    env = {**recorded.environment, "TZ": "Asia/Tokyo", "AWS_REGION": state["region"]}
    task = ("taskscope", "trace", state["cluster"], state["taskId"], "--now", state["clock"])

    def lines(*options: str) -> list[str]:
        done = run(*task, *options, env=env)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines(keepends=True)

    return lines


def _spans(task_arn: str, at: str) -> bytes:
    start = from_datetime(datetime.fromisoformat(at)) - 5_000_000_000
    resource = {"service.name": "nginx", "aws.ecs.task.arn": task_arn}
    spans = [
        {
            "traceId": "5759e988bd862e3fe1be46a994272793",
            "spanId": f"{number:016x}",
            "name": f"GET /{number}",
            "kind": 2,
            "startTimeUnixNano": str(start + number),
            "endTimeUnixNano": str(start + number + 2_000_000),
            "attributes": [{"key": "http.response.status_code", "value": {"intValue": str(status)}}],
        }
        for number, status in ((1, 200), (2, 503))
    ]
    attributes = [{"key": key, "value": {"stringValue": value}} for key, value in resource.items()]
    group = {"resource": {"attributes": attributes}, "scopeSpans": [{"spans": spans}]}
    return json.dumps({"resourceSpans": [group]}).encode()


def _readings(task_arn: str, at: str) -> bytes:
    start = from_datetime(datetime.fromisoformat(at)) - 8_000_000_000
    resource = {"service.name": "nginx", "aws.ecs.task.arn": task_arn, "container.name": "nginx"}
    points = {
        name: [
            {"timeUnixNano": str(start + second * 1_000_000_000), "asDouble": value * (1 + second)} for second in (0, 2)
        ]
        for name, value in (("container.cpu.usage", 0.125), ("container.memory.working_set", 2.0**26))
    }
    metrics = [{"name": name, "gauge": {"dataPoints": found}} for name, found in points.items()]
    attributes = [{"key": key, "value": {"stringValue": value}} for key, value in resource.items()]
    group = {"resource": {"attributes": attributes}, "scopeMetrics": [{"metrics": metrics}]}
    return json.dumps({"resourceMetrics": [group]}).encode()


def test_spans_stand_among_the_other_lines(trace: Trace, server: Collector, golden: Path) -> None:
    """In the same three columns; everything else is as without a server, byte for byte."""
    expected = (golden / "nginx-scale-in" / "expected.txt").read_text()
    address = f"http://127.0.0.1:{server.ports['api']}"

    shown = trace("--server", address)

    spans = [line for line in shown if "\tSPAN\t" in line]
    assert [line.split("\t", 2)[2] for line in spans] == [
        "GET /1 200 2.000ms trace=5759e988bd862e3fe1be46a994272793\n",
        "GET /2 503 2.000ms fault trace=5759e988bd862e3fe1be46a994272793\n",
    ]
    readings = [line for line in shown if "\tMETRIC:nginx\t" in line]
    assert [line.split("\t", 2)[2] for line in readings] == ["cpu=0.125 memory=64 MiB\n", "cpu=0.375 memory=192 MiB\n"]
    assert "".join(line for line in shown if line not in (*spans, *readings)) == expected
    assert shown == sorted(shown, key=lambda line: line.partition("\t")[0])
    assert "".join(trace("--server", address, "--no-spans", "--no-metrics")) == expected
    assert "".join(trace()) == expected


def test_spans_alone(trace: Trace, server: Collector) -> None:
    """They are a source like the others, and JSON names their kind."""
    address = f"http://127.0.0.1:{server.ports['api']}"
    shown = trace("--server", address, "--source", "span", "--output", "jsonl")
    assert [json.loads(line)["kind"] for line in shown] == ["span", "span"]


def test_a_server_that_is_away_is_said(trace: Trace, run: Run, recorded: ThreadedAws, golden: Path) -> None:
    """The rest is there; the exit code says that a retry may bring more."""
    state = json.loads((golden / "nginx-scale-in" / "state.json").read_text())
    env = {**recorded.environment, "AWS_REGION": state["region"]}
    away = ("--server", "http://127.0.0.1:9")
    done = run("taskscope", "trace", state["cluster"], state["taskId"], "--now", state["clock"], *away, env=env)
    assert done.returncode == 5
    assert "spans and readings are not in the timeline" in done.stderr
    assert done.stdout.count("\n") == len(trace())
