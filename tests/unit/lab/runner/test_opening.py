"""Opening a runner where this machine does not let it do everything."""

import asyncio
import shutil

import pytest

from taskscope.lab.runner import iproute, opening
from taskscope.lab.runner.cgroup import NoLimits
from taskscope.lab.runner.opening import open_runner
from taskscope.lab.runner.testing import RecordingLogs, RecordingReport, assignment, play, shell


def capabilities(*, isolate: bool = True) -> tuple[list[str], str | None]:
    """Return what a runner says of this machine, and its bridge."""

    async def run() -> tuple[list[str], str | None]:
        async with open_runner(logs=RecordingLogs(), environment=lambda _: {}, isolate=isolate) as runner:
            return runner.capabilities, runner.bridge_address

    return asyncio.run(run())


def test_without_ip_tasks_share_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """The runner says so with the reason and goes on; ports are handed over by environment."""
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    monkeypatch.setattr(opening, "open_limits", lambda _: NoLimits())

    sentences, bridge = capabilities()

    assert bridge is None
    assert any(sentence.startswith("tasks share this machine's network: ") for sentence in sentences)
    assert any("PORT" in sentence for sentence in sentences)


def test_a_step_that_fails_leaves_nothing_half_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """``ip`` that refuses is a notice, not an error."""

    async def refuse(*_: str, **__: object) -> bytes:
        raise iproute.IpError("ip link: RTNETLINK answers: Operation not permitted")

    monkeypatch.setattr("taskscope.lab.runner.bridge.ip", refuse)
    monkeypatch.setattr("taskscope.lab.runner.iproute.ip", refuse)

    sentences, bridge = capabilities()

    assert bridge is None
    assert any(word in " ".join(sentences) for word in ("not permitted", "root", "missing"))


def test_isolation_can_be_refused() -> None:
    """Neither bridge nor limits; the runner says so."""
    sentences, bridge = capabilities(isolate=False)

    assert bridge is None
    assert "no memory limits" in sentences[0]


def test_ports_are_handed_over_in_a_shared_network() -> None:
    """The container and its collector learn free ports, and they are free again afterwards."""
    xray = {"portMappings": [{"containerPort": 2000, "protocol": "udp"}]}
    app = {"portMappings": [{"containerPort": 8080}]}

    scene = play(shell("app", 'echo "$PORT $AWS_XRAY_DAEMON_ADDRESS"', **app), shell("xray", "sleep 60", **xray))

    [line] = scene.logs.messages("app")
    port, _, daemon = line.partition(" ")
    assert 1024 < int(port) < 65_536
    assert daemon.startswith("127.0.0.1:")
    assert "networkBindings" not in scene.report.containers["app"]


def test_an_unknown_task_cannot_be_stopped_and_that_is_no_error() -> None:
    """The contract of the agent."""

    async def run() -> None:
        async with open_runner(logs=RecordingLogs(), environment=lambda _: {}, isolate=False) as runner:
            runner.stop("arn:aws:ecs:us-east-1:123456789012:task/demo/none")

    asyncio.run(run())


def test_a_runner_runs_many_tasks_at_once() -> None:
    """Each with its own processes, logs and report."""

    async def run() -> tuple[list[str], int]:
        logs = RecordingLogs()
        async with open_runner(
            logs=logs, environment=lambda _: {}, isolate=False, say=lambda _: None, time_scale=0.1
        ) as runner:
            reports = [RecordingReport() for _ in range(10)]
            tasks = [assignment(shell("app", "echo hello; exit 3"), number=number) for number in range(10)]
            await asyncio.gather(*(runner.run(*pair) for pair in zip(tasks, reports, strict=True)))
            return [lines[0].message for lines in logs.streams.values()], sum(
                report.containers["app"]["exitCode"] for report in reports
            )

    assert asyncio.run(run()) == (["hello"] * 10, 30)


def test_a_mistake_of_the_runner_ends_the_task_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """``run`` raises nothing: what was not foreseen is said and reported."""

    def fail(*_: object) -> None:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr("taskscope.lab.runner.task_run.prepare", fail)

    scene = play(shell("app", "true"))

    assert scene.report.end
    assert scene.report.end[0] == "TaskFailedToStart"
    assert "unforeseen" in scene.report.end[1]
    assert any("unforeseen" in notice for notice in scene.notices)
    assert scene.report.containers["app"]["lastStatus"] == "STOPPED"
