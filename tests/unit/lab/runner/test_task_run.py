"""A task from start to end: real processes, each way it can go."""

import os
import signal
from typing import Any

import pytest

from taskscope.lab.runner.images import ImageCatalog
from taskscope.lab.runner.testing import Scene, container, play, shell

FOREVER = "while :; do sleep 0.01; done"


def test_a_task_that_ends_well() -> None:
    """The facts come in the order of AWS: network, pull, running, stopped, and why the task ends."""
    scene = play(shell("app", "echo hello"))

    kinds = [what if what != "app" else next(iter(detail)) for what, detail in scene.report.calls]
    assert kinds == [
        "connected",
        "pull_started",
        "imageDigest",
        "pull_stopped",
        "runtimeId",
        "lastStatus",
        "lastStatus",
        "stopping",
    ]
    assert scene.report.containers["app"]["lastStatus"] == "STOPPED"
    assert scene.report.containers["app"]["exitCode"] == 0
    assert "reason" not in scene.report.containers["app"]
    assert scene.report.end == ("EssentialContainerExited", "Essential container in task exited")
    assert scene.logs.messages("app") == ["hello"]


@pytest.mark.parametrize(("script", "code"), [("exit 3", 3), ("kill -TERM $$", 143), ("kill -SEGV $$", 139)])
def test_exit_codes_are_the_shells(script: str, code: int) -> None:
    """A signal n becomes 128 + n."""
    assert play(shell("app", script)).report.containers["app"]["exitCode"] == code


def test_kill_9_from_outside_is_seen() -> None:
    """137 without a reason: it is not an OOM kill."""

    async def kill(scene: Scene) -> None:
        await scene.report.until("app", lastStatus="RUNNING")
        state = next(iter(scene.runner._runs.values()))[0].state
        pid = state.containers["app"].pid
        assert pid
        os.kill(pid, signal.SIGKILL)

    scene = play(shell("app", FOREVER), during=kill, isolate=True)

    assert scene.report.containers["app"]["exitCode"] == 137
    assert "reason" not in scene.report.containers["app"]


def test_an_essential_container_takes_the_others_along() -> None:
    """The other one gets SIGTERM, may end in good order, and its last lines are kept."""
    polite = f"trap 'echo bye; exit 7' TERM; {FOREVER}"

    scene = play(
        shell("app", "exit 1", dependsOn=[{"containerName": "side", "condition": "HEALTHY"}]),
        shell(
            "side",
            f"touch $HOME/up; {polite}",
            healthCheck={"command": ["CMD-SHELL", "test -e $HOME/up"], "interval": 1},
        ),
    )

    assert scene.report.containers["side"]["exitCode"] == 7
    assert scene.logs.messages("side")[-1] == "bye"
    assert scene.report.order(lastStatus="STOPPED") == ["app", "side"]


def test_a_container_that_is_not_essential_may_end() -> None:
    """The task goes on until its essential one ends."""
    scene = play(
        shell("seed", "exit 5", essential=False),
        shell("app", "exit 0", dependsOn=[{"containerName": "seed", "condition": "COMPLETE"}]),
    )

    assert scene.report.order(lastStatus="STOPPED") == ["seed", "app"]
    assert scene.report.end == ("EssentialContainerExited", "Essential container in task exited")


def test_stop_asks_politely_and_then_kills() -> None:
    """A container that ignores SIGTERM is killed after its stopTimeout, with 137 and no reason."""

    async def stop(scene: Scene) -> None:
        await scene.report.until("app", lastStatus="RUNNING")
        await scene.logs.delivered.wait()
        scene.stop()

    scene = play(shell("app", f"trap '' TERM; echo deaf; {FOREVER}", stopTimeout=5), during=stop)

    assert scene.report.containers["app"]["exitCode"] == 137
    assert "reason" not in scene.report.containers["app"]
    assert scene.report.end is None


def test_containers_stop_in_the_reverse_order_of_their_dependencies() -> None:
    """Each one is stopped after those that depend on it have ended."""
    waits = [{"containerName": "db", "condition": "START"}]

    async def stop(scene: Scene) -> None:
        for name in ("web", "app", "db"):
            await scene.report.until(name, lastStatus="RUNNING")
        scene.stop()

    scene = play(
        shell("db", FOREVER),
        shell("app", FOREVER, dependsOn=waits),
        shell("web", FOREVER, dependsOn=[{"containerName": "app", "condition": "START"}]),
        during=stop,
    )

    assert scene.report.order(lastStatus="RUNNING") == ["db", "app", "web"]
    assert scene.report.order(lastStatus="STOPPED") == ["web", "app", "db"]
    assert {each["exitCode"] for each in scene.report.containers.values()} == {143}


def test_success_waits_for_exit_code_zero() -> None:
    """The dependent starts after the other one has succeeded."""
    scene = play(
        shell("app", "true", dependsOn=[{"containerName": "seed", "condition": "SUCCESS"}]),
        shell("seed", "true", essential=False),
    )

    assert scene.report.order(lastStatus="RUNNING") == ["seed", "app"]
    assert scene.report.containers["app"]["exitCode"] == 0


@pytest.mark.parametrize(
    ("condition", "seed"),
    [
        ("SUCCESS", shell("seed", "exit 4", essential=False)),
        ("HEALTHY", shell("seed", "exit 0", essential=False, healthCheck={"command": ["CMD", "true"]})),
        ("COMPLETE", container("seed", "no-such-program", essential=False)),
        ("COMPLETE", shell("seed", FOREVER, essential=False, startTimeout=5)),
    ],
)
def test_a_dependency_that_is_never_met_fails_the_task(condition: str, seed: dict[str, Any]) -> None:
    """Stopped too early, never started, or not within its startTimeout."""
    scene = play(shell("app", "true", dependsOn=[{"containerName": "seed", "condition": condition}]), seed)

    assert scene.report.end
    assert scene.report.end[0] == "TaskFailedToStart"
    assert scene.report.end[1].startswith("TaskDependencyError: ")
    assert scene.report.containers["app"] == {
        "imageDigest": scene.report.containers["app"]["imageDigest"],
        "lastStatus": "STOPPED",
        "reason": scene.report.end[1],
    }


@pytest.mark.parametrize(
    ("definition", "words"),
    [
        (container("app", "no-such-program"), "executable file not found in $PATH"),
        (container("app", "./no-such-file"), "no such file or directory"),
        (container("app", "/etc/passwd"), "permission denied"),
        (shell("app", "true", workingDirectory="/no/such/folder"), "chdir to cwd"),
        (container("app"), "has no command"),
        (container("app", "echo", "a\0b"), "null byte"),
        (shell("app", "true", environment=[{"name": "A=B", "value": "c"}]), "environment variable name"),
    ],
)
def test_a_command_that_cannot_start_fails_the_task(definition: dict[str, Any], words: str) -> None:
    """The container has the reason and no exit code."""
    scene = play(definition)

    assert scene.report.end
    assert scene.report.end[0] == "TaskFailedToStart"
    assert scene.report.end[1].startswith("CannotStartContainerError: ")
    assert words in scene.report.containers["app"]["reason"]
    assert "exitCode" not in scene.report.containers["app"]


def test_an_image_may_bring_the_command() -> None:
    """A scenario names what an image runs."""
    images = ImageCatalog(pull_seconds=0, commands={"shop/app": ["sh", "-c", "echo from the image"]})

    assert play(container("app"), images=images).logs.messages("app") == ["from the image"]


def test_an_image_that_does_not_exist_fails_the_task() -> None:
    """No container runs, the pull never ends, and every container is stopped."""
    images = ImageCatalog(pull_seconds=0, missing={"shop/app:1"}, slow={"shop/side": 60})

    scene = play(shell("app", "true"), shell("side", "true"), images=images)

    assert scene.report.end
    assert scene.report.end[0] == "TaskFailedToStart"
    assert scene.report.end[1].startswith("CannotPullContainerError: ")
    assert scene.report.containers["app"]["reason"] == scene.report.end[1]
    assert scene.report.containers["side"] == {"lastStatus": "STOPPED"}
    assert "pull_stopped" not in dict(scene.report.calls)


def test_a_task_may_be_stopped_while_it_pulls() -> None:
    """A slow pull is given up."""

    async def stop(scene: Scene) -> None:
        await scene.report.until_told("pull_started")
        scene.stop()

    scene = play(shell("app", "true"), images=ImageCatalog(slow={"shop/app": 60}), during=stop)

    assert scene.report.containers["app"] == {"lastStatus": "STOPPED"}


def test_a_missing_log_group_fails_the_task() -> None:
    """Without awslogs-create-group the group must exist."""
    definition = shell("app", "true")
    definition["logConfiguration"]["options"]["awslogs-group"] = "/no/such/group"

    scene = play(definition)

    assert scene.report.end
    assert scene.report.end[0] == "TaskFailedToStart"
    assert scene.report.end[1].startswith("ResourceInitializationError: ")


def test_overrides_win() -> None:
    """RunTask's command replaces that of the definition, its environment is merged."""
    definition = shell("app", "false", environment=[{"name": "A", "value": "1"}, {"name": "B", "value": "2"}])
    override = {"name": "app", "command": ["sh", "-c", "echo $A$B$C"], "environment": [{"name": "B", "value": "5"}]}

    scene = play(definition, overrides={"containerOverrides": [override]})

    assert scene.logs.messages("app") == ["15"]


def test_cancelling_a_task_kills_it_at_once() -> None:
    """A lab that ends waits for no stopTimeout."""

    async def scenario(scene: Scene) -> None:
        await scene.report.until("app", lastStatus="RUNNING")
        await scene.runner.close()

    scene = play(shell("app", f"trap '' TERM; {FOREVER}"), during=scenario, time_scale=1)

    assert scene.report.containers["app"]["lastStatus"] == "STOPPED"
