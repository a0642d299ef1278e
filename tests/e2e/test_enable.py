"""``taskscope enable`` at a terminal, where it asks."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from taskscope.lab.threaded import ThreadedAws
from tests.e2e.conftest import clean_environment


def at_a_terminal(answer: str, aws: ThreadedAws, *arguments: str) -> tuple[int, str]:
    """Run the command with a terminal as stdin, where an answer is typed; return the exit code and its stdout."""
    script = Path(sys.executable).parent / "taskscope"
    ours, its = pty.openpty()
    try:
        os.write(ours, f"{answer}\n".encode())
        done = subprocess.run(
            [script, "enable", *arguments],
            stdin=its, capture_output=True, env=clean_environment(aws.environment), timeout=30, check=False,
        )  # fmt: skip
    finally:
        os.close(ours)
        os.close(its)
    return done.returncode, done.stdout.decode()


@pytest.mark.parametrize(
    ("answer", "code", "mode"), [("y", 0, "enabled"), ("n", 130, "disabled"), ("", 130, "disabled")]
)
def test_it_asks_and_only_yes_changes_anything(aws: ThreadedAws, answer: str, code: int, mode: str) -> None:
    """No is the default; the cluster is then as it was."""
    ecs = aws.client("ecs")
    name = f"asked-{answer or 'default'}"
    ecs.create_cluster(clusterName=name)

    ended, out = at_a_terminal(answer, aws, "container-insights", name)

    [cluster] = ecs.describe_clusters(clusters=[name], include=["SETTINGS"])["clusters"]
    assert (ended, cluster["settings"]) == (code, [{"name": "containerInsights", "value": mode}])
    assert out == (f"Container Insights of cluster {name} is enabled\n" if mode == "enabled" else "")
