"""
Whole-process wall time of ``taskscope trace`` for a task with 3 containers and 30,000 log lines.

The embedded AWS answers each call 100 ms late, as an AWS far away does. Beside it, in the same run and in turn, stands
fujiwara/tracer where ``TRACER_BIN`` names a binary; build it with an AWS SDK for Go that knows ``AWS_ENDPOINT_URL``
(aws-sdk-go-v2/config 1.25 or newer).

    python benchmarks/trace_cli.py [--runs 7] [--latency 100] [--lines 30000]
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

REGION, ACCOUNT, CLUSTER, TASK = "us-east-1", "123456789012", "bench", "b" * 32
CREATED = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
CONTAINERS = ("api", "worker", "proxy")
TASKSCOPE = [sys.executable, "-m", "taskscope"]


def arn(kind: str, name: str) -> str:
    """Return an ECS ARN."""
    return f"arn:aws:ecs:{REGION}:{ACCOUNT}:{kind}/{name}"


def state(lines: int) -> dict[str, Any]:
    """Return a recorded task that ran for 100 s, so that the default windows cover its whole life."""

    def at(seconds: float) -> str:
        return (CREATED + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    each = lines // len(CONTAINERS)
    first = round((CREATED + timedelta(seconds=10)).timestamp() * 1000)
    streams = [
        {
            "logStreamName": f"app/{name}/{TASK}",
            "events": [
                {
                    "timestamp": first + number * 80_000 // each,
                    "ingestionTime": first + number * 80_000 // each + 700,
                    "message": f'{number:06} GET /orders/{number % 997} 200 {number % 89} ms "{name}"',
                }
                for number in range(each)
            ],
        }
        for name in CONTAINERS
    ]
    log = {"awslogs-group": "/ecs/bench", "awslogs-region": REGION, "awslogs-stream-prefix": "app"}
    return {
        "format": 1,
        "title": f"{len(CONTAINERS)} containers, {lines} log lines",
        "region": REGION,
        "account": ACCOUNT,
        "cluster": CLUSTER,
        "taskId": TASK,
        "clock": at(300),
        "timezone": "UTC",
        "duration": "1m",
        "task": {
            "taskArn": arn("task", f"{CLUSTER}/{TASK}"),
            "clusterArn": arn("cluster", CLUSTER),
            "taskDefinitionArn": arn("task-definition", "bench:1"),
            "createdAt": at(0),
            "connectivityAt": at(4),
            "pullStartedAt": at(5),
            "pullStoppedAt": at(9),
            "startedAt": at(10),
            "stoppingAt": at(92),
            "executionStoppedAt": at(95),
            "stoppedAt": at(100),
            "lastStatus": "STOPPED",
            "desiredStatus": "STOPPED",
            "launchType": "FARGATE",
            "group": "service:bench",
            "stopCode": "ServiceSchedulerInitiated",
            "stoppedReason": "Scaling activity initiated by (deployment ecs-svc/1234567890123456789)",
            "containers": [{"name": name, "lastStatus": "STOPPED", "exitCode": 0} for name in CONTAINERS],
        },
        "service": {
            "serviceName": "bench",
            "serviceArn": arn("service", f"{CLUSTER}/bench"),
            "clusterArn": arn("cluster", CLUSTER),
            "status": "ACTIVE",
            "events": [{"id": "1", "createdAt": at(99), "message": "(service bench) has reached a steady state."}],
        },
        "taskDefinition": {
            "taskDefinitionArn": arn("task-definition", "bench:1"),
            "family": "bench",
            "revision": 1,
            "status": "ACTIVE",
            "containerDefinitions": [
                {"name": name, "image": f"{name}:1", "logConfiguration": {"logDriver": "awslogs", "options": log}}
                for name in CONTAINERS
            ],
        },
        "logGroups": [{"logGroupName": "/ecs/bench", "logStreams": streams}],
    }


def compiled(folder: str) -> dict[str, str]:
    """Return an environment in which Python keeps compiled modules, as an installation has them."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": folder}


@contextmanager
def lab(document: dict[str, Any], latency: int) -> Iterator[dict[str, str]]:
    """Run the embedded AWS with a recorded state; give the environment for its clients."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "state.json")
        file.write_text(json.dumps(document))
        command = [*TASKSCOPE, "lab", "up", "--port", "0", "--state", str(file), "--latency", str(latency)]
        environment = compiled(folder)
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            try:
                for line in process.stderr:
                    if line.startswith("ready"):
                        break
                else:
                    raise SystemExit("the embedded AWS did not start")
                for line in iter(process.stdout.readline, ""):
                    name, _, value = line.removeprefix("export ").strip().partition("=")
                    environment[name] = value.strip("'")
                    if name == "AWS_DISABLE_HOST_PREFIX_INJECTION":
                        break
                yield environment
            finally:
                process.terminate()
                process.wait()


def timed(command: list[str], environment: dict[str, str]) -> tuple[float, int]:
    """Run a command; return its seconds and the lines that it printed."""
    start = time.perf_counter()
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start, done.stdout.count(b"\n")


def main() -> None:
    """Measure and print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--runs", type=int, default=7)
    options.add_argument("--latency", type=int, default=100, help="milliseconds")
    options.add_argument("--lines", type=int, default=30_000)
    chosen = options.parse_args()
    commands = {
        "taskscope trace": [*TASKSCOPE, "trace", CLUSTER, TASK],
        "taskscope trace --all": [*TASKSCOPE, "trace", CLUSTER, TASK, "--all"],
        "taskscope trace --no-logs": [*TASKSCOPE, "trace", CLUSTER, TASK, "--no-logs"],
    }
    if tracer := os.environ.get("TRACER_BIN"):
        commands["fujiwara/tracer"] = [shutil.which(tracer) or tracer, CLUSTER, TASK]
    times: dict[str, list[float]] = {name: [] for name in commands}
    printed: dict[str, int] = {}
    with lab(state(chosen.lines), chosen.latency) as environment:
        for number in range(chosen.runs + 1):  # the first run of each warms caches and is not counted
            for name, command in commands.items():
                seconds, printed[name] = timed(command, environment)
                if number:
                    times[name].append(seconds)
    print(f"{chosen.lines} log lines in {len(CONTAINERS)} containers, {chosen.latency} ms for each API answer")
    print(f"{'whole process':28}{'min':>8}{'median':>8}{'max':>8}   lines printed")
    for name, runs in times.items():
        print(f"{name:28}{min(runs):7.2f}s{statistics.median(runs):7.2f}s{max(runs):7.2f}s   {printed[name]:,}")
    if tracer:
        pairs = zip(times["taskscope trace"], times["fujiwara/tracer"], strict=True)
        print(f"taskscope trace / fujiwara/tracer: {statistics.median(ours / theirs for ours, theirs in pairs):.2f}")
    else:
        print("fujiwara/tracer was not measured: TRACER_BIN is not set")


if __name__ == "__main__":
    main()
