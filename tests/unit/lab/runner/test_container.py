"""One container: health, restarts, limits, and nothing of it that stays."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from taskscope.lab.runner.cgroup import NoLimits
from taskscope.lab.runner.opening import open_limits
from taskscope.lab.runner.testing import Scene, container, play, shell

FOREVER = "while :; do sleep 0.01; done"
HOG = "x = bytearray(300 * 1024 * 1024); print(len(x))"
FIFTH = {"interval": 5, "timeout": 5}


def require_limits() -> None:
    """Skip, saying so, where no memory limit holds."""
    limits = open_limits(f"taskscope-{os.getpid()}probe")
    limits.close()
    if isinstance(limits, NoLimits):
        pytest.skip(f"NEEDS A WRITABLE MEMORY CGROUP: {limits.sentence}")


def test_health_goes_from_unknown_to_healthy_to_unhealthy() -> None:
    """The container changes its own health; every change is reported once."""
    check = {"command": ["CMD-SHELL", "test -e $HOME/well && echo fine"], "retries": 2, **FIFTH}

    async def worsen(scene: Scene) -> None:
        await scene.report.until("app", healthStatus="HEALTHY")
        await scene.report.until("app", healthStatus="UNHEALTHY")
        scene.stop()

    scene = play(
        shell("app", f"touch $HOME/well; sleep 0.4; rm $HOME/well; {FOREVER}", healthCheck=check), during=worsen
    )

    statuses = [changes["healthStatus"] for _, changes in scene.report.calls if "healthStatus" in (changes or {})]
    assert statuses == ["UNKNOWN", "HEALTHY", "UNHEALTHY"]


def test_a_health_check_that_hangs_has_failed() -> None:
    """It is killed after its timeout, with what it started."""
    check = {"command": ["CMD-SHELL", "sleep 61 & sleep 62"], "retries": 1, "interval": 1, "timeout": 2}

    async def stop(scene: Scene) -> None:
        await scene.report.until("app", healthStatus="UNHEALTHY")
        scene.stop()

    play(shell("app", FOREVER, healthCheck=check), during=stop)

    lines = [" ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"])]
    assert not [line for line in lines if line in ("sleep 61", "sleep 62")]


def test_a_restart_policy_starts_the_container_again(tmp_path: Path) -> None:
    """The task sees nothing of it; the logs go on in the same stream, the last exit code counts."""
    script = f"echo run >>{tmp_path}/runs; n=$(wc -l <{tmp_path}/runs); echo $n; [ $n -lt 3 ] && exit 9; exit 2"
    policy = {"enabled": True, "ignoredExitCodes": [2], "restartAttemptPeriod": 0}

    scene = play(shell("app", script, restartPolicy=policy))

    assert scene.logs.messages("app") == ["1", "2", "3"]
    assert scene.report.containers["app"]["exitCode"] == 2
    assert scene.report.order(lastStatus="RUNNING") == ["app"]


def test_a_container_that_ran_too_short_is_not_restarted() -> None:
    """``restartAttemptPeriod`` is how long it must have run."""
    policy = {"enabled": True, "restartAttemptPeriod": 300}

    assert play(shell("app", "echo once; exit 9", restartPolicy=policy)).logs.messages("app") == ["once"]


@pytest.mark.parametrize("isolate", [False, True])
def test_a_daemon_that_left_the_process_group_dies_with_its_container(tmp_path: Path, *, isolate: bool) -> None:
    """A double fork into a session of its own is found by the cgroup, or else by its environment."""
    script = (
        f"setsid sh -c 'echo $$ >{tmp_path}/pid; exec sleep 60' & while [ ! -s {tmp_path}/pid ]; do sleep 0.01; done"
    )

    play(shell("app", script), isolate=isolate)

    pid = int((tmp_path / "pid").read_text())
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_more_memory_than_the_limit_is_a_real_oom_kill() -> None:
    """The kernel kills it; the reason comes from its counter."""
    require_limits()

    scene = play(container("app", "python", "-c", HOG, memory=64), isolate=True)

    assert scene.report.containers["app"]["exitCode"] == 137
    assert scene.report.containers["app"]["reason"] == "OutOfMemoryError: Container killed due to memory usage"
    assert scene.logs.messages("app") == []


def test_the_tasks_memory_limits_a_container_without_a_limit() -> None:
    """As on Fargate, where only the task has a size."""
    require_limits()

    scene = play(container("app", "python", "-c", HOG), isolate=True, memory="64")

    assert scene.report.containers["app"]["exitCode"] == 137
    assert scene.report.containers["app"]["reason"] == "OutOfMemoryError: Container killed due to memory usage"


def test_where_no_limit_holds_the_runner_says_so() -> None:
    """No pretence: the container goes on."""
    scene = play(container("app", "python", "-c", HOG, memory=64))

    assert scene.report.containers["app"]["exitCode"] == 0
    assert "app: no memory limit: 64 MiB cannot be enforced here" in scene.notices
    assert any("no memory limits" in sentence for sentence in scene.runner.capabilities)


def test_members_without_effect_are_named() -> None:
    """What needs an image or a container runtime is said, not ignored in silence."""
    definition = shell("app", "true", mountPoints=[{"sourceVolume": "v", "containerPath": "/v"}], user="nobody-here")

    notices = play(definition).notices

    assert "app: without effect in the lab: mountPoints" in notices
    assert "app: runs as the lab's own user, 'nobody-here' is not to be had here" in notices


@pytest.mark.skipif(os.geteuid() != 0, reason="NEEDS ROOT to run as another user")
@pytest.mark.parametrize("isolate", [False, True])
def test_a_container_runs_as_its_user(*, isolate: bool) -> None:
    """Limits and namespace are entered before the rights are given up."""
    scene = play(shell("app", "id -u; touch $HOME/mine && echo written", user="nobody"), isolate=isolate)

    assert scene.logs.messages("app") == ["65534", "written"]


def test_credentials_of_the_user_do_not_reach_a_container(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the lab's own variables of AWS do; profiles are out of sight."""
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    monkeypatch.setenv("GITHUB_TOKEN", "hush")

    lines = play(shell("app", "env; ls -A ~")).logs.messages("app")

    assert not [line for line in lines if "hush" in line or "production" in line]
    assert "AWS_ENDPOINT_URL=http://127.0.0.1:5275" in lines
    assert "AWS_CONFIG_FILE=/dev/null" in lines


ENDING = f"""
import psutil
from taskscope.lab.runner.testing import play, shell

async def leave(scene):
    await scene.report.until("app", lastStatus="RUNNING")
    await scene.runner.close()

play(shell("app", "sleep 60 & {FOREVER}"), shell("side", "sleep 50"), during=leave, isolate=True)
print(psutil.Process().pid, [each.name() for each in psutil.Process().children(recursive=True)])
"""


def test_no_process_and_no_folder_stays() -> None:
    """After the runner's end its process has no children, and its control groups are gone."""
    done = subprocess.run([sys.executable, "-c", ENDING], capture_output=True, text=True, check=True)

    pid, _, children = done.stdout.splitlines()[-1].partition(" ")
    assert children == "[]"
    assert list(Path("/sys/fs/cgroup").glob(f"*/**/taskscope-{pid}*")) == []
