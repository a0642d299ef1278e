"""`taskscope trace --follow` on a task that really runs."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from taskscope.lab.threaded import ThreadedAws
from tests.e2e.conftest import Run, clean_environment
from tests.e2e.programs import register

CHATTY = "import time\nfor n in range(100):\n print('tick', n, flush=True)\n time.sleep(0.05)"
ENDLESS = "import time\nwhile True:\n print('tick', flush=True)\n time.sleep(0.1)"


@pytest.fixture
def start(aws: ThreadedAws) -> Iterator[Any]:
    """Give ``start(program) -> (cluster, task id)``: runs a Python program as a task of one container."""
    ecs = aws.client("ecs")
    begun: list[str] = []

    def begin(program: str) -> tuple[str, str]:
        ecs.create_cluster(clusterName="follow")
        definition = register(aws, "follow", program)
        answer = ecs.run_task(cluster="follow", taskDefinition=definition, launchType="EC2")
        arn = answer["tasks"][0]["taskArn"]
        begun.append(arn)
        return "follow", arn.rpartition("/")[2]

    yield begin
    for arn in begun:
        ecs.stop_task(cluster="follow", task=arn)


def test_every_line_comes_once_until_the_task_has_stopped(aws: ThreadedAws, start: Any, run: Run) -> None:
    """Following from the start to the end shows what a later look shows, each event once."""
    cluster, task = start(CHATTY)

    followed = run("taskscope", "trace", cluster, task, "--follow", "--output", "jsonl", env=aws.environment)
    later = run("taskscope", "trace", cluster, task, "--all", "--output", "jsonl", env=aws.environment)

    assert followed.returncode == 0, followed.stderr
    events = [json.loads(line) for line in followed.stdout.splitlines()]
    assert [each["message"] for each in events if each["kind"] == "log"] == [f"tick {n}" for n in range(100)]
    assert sorted(followed.stdout.splitlines()) == sorted(later.stdout.splitlines())
    assert events[-1]["message"] == "STOPPED (exit code: 0)"


def test_interrupt_ends_with_130_and_without_a_word(aws: ThreadedAws, start: Any) -> None:
    """Ctrl-C ends following at once, with exit code 130 and no traceback."""
    cluster, task = start(ENDLESS)
    script = Path(sys.executable).parent / "taskscope"
    with subprocess.Popen(
        [script, "trace", cluster, task, "-f"],
        env=clean_environment(aws.environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        while "tick" not in process.stdout.readline():
            pass
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=10)

    assert process.returncode == 130
    assert "Traceback" not in stderr
