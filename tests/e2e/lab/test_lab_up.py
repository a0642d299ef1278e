"""``taskscope lab up`` as a process of its own: its lines, its end, and that nothing is left."""

import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from taskscope.lab.client.connection import Lab
from tests.e2e.lab_process import lab_up

GOLDEN = Path(__file__).parents[2] / "fixtures" / "golden"
SERVICE = {
    "family": "sleepers",
    "networkMode": "awsvpc",
    "requiresCompatibilities": ["FARGATE"],
    "cpu": "256",
    "memory": "512",
    "containerDefinitions": [{"name": "app", "image": "x", "command": ["sleep", "301.75"], "stopTimeout": 2}],
}


def leftovers(pid: int) -> list[str]:
    """Return what is left of a lab: processes, namespaces, links, control groups, files."""
    processes = psutil.process_iter(["cmdline", "ppid"])
    left = [" ".join(each.info["cmdline"]) for each in processes if is_ours(each.info, pid)]
    if shutil.which("ip"):
        for arguments in (["netns", "list"], ["-brief", "link"]):
            listed = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=True).stdout
            left += [line for line in listed.splitlines() if line.startswith(f"ts{pid}")]
    left += [str(path) for path in Path("/sys/fs/cgroup").glob(f"*/taskscope-{pid}*")]
    left += [str(path) for path in Path("/sys/fs/cgroup").glob(f"taskscope-{pid}*")]
    return left


def is_ours(process: dict[str, Any], pid: int) -> bool:
    """Tell whether a process is one of the test's containers, or a child of the lab."""
    return "301.75" in (process["cmdline"] or []) or process["ppid"] == pid


def start_service(environment: dict[str, str], file: Path) -> None:
    """Run a service of two tasks until it is steady, by the command line."""
    file.write_text(json.dumps(SERVICE))
    subprocess.run(
        [sys.executable, "-m", "taskscope", "lab", "run", str(file), "--service", "s", "--count", "2", "--wait"],
        env=os.environ | environment,
        timeout=40,
        check=True,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_0_and_nothing_is_left(number: signal.Signals, tmp_path: Path) -> None:
    """A service with two running tasks goes down with it: processes, namespaces and control groups."""
    with lab_up("--port", "0") as up:
        environment = up.exports()
        start_service(environment, tmp_path / "task.json")
        assert any("301.75" in line for line in leftovers(up.process.pid))

        assert up.end(number) == 0
        assert leftovers(up.process.pid) == []
        assert up.err[-2:] == ["stopping tasks ...", "stopped"]
        assert not any("Traceback" in line for line in up.err)


def test_it_ends_in_order_when_nobody_reads_its_lines_any_more(tmp_path: Path) -> None:
    """In ``lab up 2>&1 | tee`` Ctrl-C ends the reader first; tasks are still stopped and everything is removed."""
    read, write = os.pipe()
    command = [sys.executable, "-m", "taskscope", "lab", "up", "--port", "0"]
    process = subprocess.Popen(command, stdout=write, stderr=write)
    os.close(write)
    with process, os.fdopen(read) as reader:
        lines = list(itertools.takewhile(lambda line: not line.startswith("ready"), iter(reader.readline, "")))
        exports = (line.removeprefix("export ").rstrip("\n") for line in lines if line.startswith("export "))
        start_service(dict(line.split("=", 1) for line in exports), tmp_path / "task.json")
        reader.close()
        process.send_signal(signal.SIGINT)

        assert process.wait(30) == 0
    assert leftovers(process.pid) == []


def test_it_says_what_it_is_and_loads_states() -> None:
    """The recording can be looked at by the command that is printed."""
    state = GOLDEN / "nginx-scale-in" / "state.json"
    with lab_up("--port", "0", "--state", str(state), "--region", "eu-west-1", "--account", "111122223333") as up:
        environment = up.exports()
        arns = Lab(environment["AWS_ENDPOINT_URL"], "eu-west-1").client("ecs").list_clusters()["clusterArns"]
        command = next(line.split() for line in up.err if line.strip().startswith("taskscope trace"))
        shown = subprocess.run(
            [sys.executable, "-m", *command],
            env=os.environ | environment | {"TZ": "Asia/Tokyo"},
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
        assert up.end(signal.SIGTERM) == 0

    assert arns == ["arn:aws:ecs:eu-west-1:111122223333:cluster/default"]
    assert shown.stdout == (GOLDEN / "nginx-scale-in" / "expected.txt").read_text()
    assert any("development tool" in line for line in up.err)


def test_a_port_that_is_taken_is_said_in_one_line_and_a_hint() -> None:
    """Exit code 2, no traceback."""
    with lab_up("--port", "0") as first:
        port = first.exports()["AWS_ENDPOINT_URL"].rpartition(":")[2]
        with lab_up("--port", port) as second:
            assert second.wait() == 2
        assert first.end(signal.SIGTERM) == 0

    assert second.err[0] == f"taskscope: port {port} of 127.0.0.1 is in use"
    assert len(second.err) == 2


def test_a_state_that_cannot_be_read_is_said_before_anything_starts(tmp_path: Path) -> None:
    """Exit code 2, the member is named."""
    (tmp_path / "state.json").write_text('{"format": 1}')
    with lab_up("--port", "0", "--state", str(tmp_path / "state.json")) as up:
        assert up.wait() == 2

    assert up.err[0].endswith("is no recorded state: member region is missing")
