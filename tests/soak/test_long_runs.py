"""What only minutes show: nothing is lost under load, and nothing grows."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from taskscope.lab.threaded import ThreadedAws, embedded_aws
from tests.e2e.conftest import clean_environment
from tests.e2e.programs import register

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]

CHURN_SECONDS = 60
LINES = 150_000
BURSTS = f"""
import random, sys, time
n = 0
while n < {LINES}:
    for _ in range(min(random.randint(1, 3000), {LINES} - n)):
        print("line", n)
        n += 1
    sys.stdout.flush()
    time.sleep(random.random() / 4)
"""


@pytest.fixture
def lab() -> Iterator[ThreadedAws]:
    """Give an embedded AWS of its own."""
    with embedded_aws() as aws:
        yield aws


def test_following_a_busy_task_shows_each_line_once(lab: ThreadedAws, tmp_path: Path) -> None:
    """150,000 lines in random bursts: `--follow` prints each exactly once, while they are written."""
    definition = register(lab, "busy", BURSTS)
    task = lab.client("ecs").run_task(taskDefinition=definition, launchType="EC2")["tasks"][0]["taskArn"]
    printed = tmp_path / "followed"
    script = Path(sys.executable).parent / "taskscope"

    with printed.open("wb") as out:
        done = subprocess.run(
            [script, "trace", "default", task.rpartition("/")[2], "--follow", "--output", "jsonl"],
            env=clean_environment(lab.environment),
            stdout=out,
            stderr=subprocess.PIPE,
            check=False,
        )

    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in printed.read_text().splitlines()]
    numbers = [int(each["message"].split()[1]) for each in events if each["kind"] == "log"]
    assert sorted(numbers) == list(range(LINES))


def test_a_crash_loop_leaves_nothing_behind(lab: ThreadedAws) -> None:
    """A service whose tasks end at once, for a minute: no process, descriptor, namespace or cgroup stays."""
    ecs: Any = lab.client("ecs")
    me = psutil.Process()
    others = set(me.children(recursive=True))  # servers of other tests
    definition = register(lab, "churn", "print('up and down')")
    ecs.create_service(serviceName="churn", taskDefinition=definition, desiredCount=5, launchType="EC2")
    time.sleep(10)  # the first rounds load what stays loaded
    before = me.num_fds()

    time.sleep(CHURN_SECONDS)
    ecs.delete_service(service="churn", force=True)
    deadline = time.monotonic() + 30
    while ecs.list_tasks(serviceName="churn")["taskArns"] and time.monotonic() < deadline:
        time.sleep(0.5)
    while (left := _running(me) - others) and time.monotonic() < deadline:
        time.sleep(0.5)

    assert [" ".join(each.cmdline()) for each in left] == []
    assert me.num_fds() <= before + 10


def _running(me: psutil.Process) -> set[psutil.Process]:
    found = set()
    for each in me.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if each.status() != psutil.STATUS_ZOMBIE:
                found.add(each)
    return found
