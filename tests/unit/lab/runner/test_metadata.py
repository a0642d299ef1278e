"""The metadata endpoint against the recorded answers."""

import asyncio
import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from taskscope.clock import SECOND, fixed_clock, system_clock
from taskscope.lab.runner.awslogs import destination
from taskscope.lab.runner.metadata import Metadata
from taskscope.lab.runner.metadata_documents import container_document, task_document
from taskscope.lab.runner.metadata_server import MetadataServer, listen_on_loopback
from taskscope.lab.runner.network import Attachment
from taskscope.lab.runner.ports import Binding
from taskscope.lab.runner.state import Health, TaskState, task_state
from taskscope.lab.runner.testing import Scene, assignment, play, shell

FIXTURES = Path(__file__).parent / "fixtures"
NOW = 1_790_000_000 * SECOND


def recorded(name: str) -> Any:
    """Return a recorded answer."""
    return json.loads((FIXTURES / f"{name}.json").read_text())


def running_task(**task: Any) -> TaskState:
    """Return a task of two containers that runs."""
    state = task_state(assignment(shell("app", "true", memory=256, cpu=128), shell("probe", "true"), **task))
    state.pull_started_ns = state.pull_stopped_ns = NOW
    state.attachment = Attachment(address="169.254.96.2", lab="169.254.96.1", endpoint="http://169.254.170.2")
    for each in state.containers.values():
        each.created_ns = each.started_ns = NOW
        each.status, each.digest = "RUNNING", "sha256:00"
        each.destination = destination(each.definition, task_id=state.assignment.task_id, runtime_id=each.runtime_id)
    return state


def keys(document: Any) -> Any:
    """Return the names of members, all the way down; a list counts by its first entry."""
    if isinstance(document, dict):
        return {name: keys(value) for name, value in document.items()}
    return [keys(document[0])] if isinstance(document, list) and document else None


def test_a_task_on_fargate_has_the_members_of_the_recording() -> None:
    """Name for name, and values of the same types."""
    document = json.loads(json.dumps(task_document(running_task(cpu="256", memory="512"), version=4, now_ns=NOW)))

    expected = recorded("v4_task")
    for container in (*document["Containers"], *expected["Containers"]):
        container["Limits"].pop("Memory", None)
    assert keys(document) == keys(expected)


def test_a_container_has_the_members_of_the_recording() -> None:
    """As under the base path of version 4."""
    state = running_task()

    document = container_document(state, state.containers["probe"], version=4)

    assert keys(document) == keys(recorded("v4_container"))
    assert document["LogOptions"]["awslogs-stream"] == f"ecs/probe/{state.assignment.task_id}"


def test_ec2_differs_from_fargate() -> None:
    """Short cluster name, service, ports, Docker's own name; no clock and no snapshotter."""
    state = running_task(launchType="EC2", service="shop", mode="bridge")
    state.containers["app"].bindings = [Binding(80, 32_768, "127.0.0.1")]

    document = task_document(state, version=4, now_ns=NOW)

    assert document["Cluster"] == "demo"
    assert document["ServiceName"] == "shop"
    assert document["LaunchType"] == "EC2"
    assert "ClockDrift" not in document
    [app, _] = document["Containers"]
    assert app["Ports"] == [{"ContainerPort": 80, "Protocol": "tcp", "HostPort": 32_768, "HostIp": "127.0.0.1"}]
    assert app["DockerName"].startswith("ecs-shop-3-app-")
    assert len(app["DockerId"]) == 64
    assert "Snapshotter" not in app


def test_fargate_names_the_cluster_by_arn_and_no_service() -> None:
    """The service of a task on Fargate is only in DescribeTasks."""
    document = task_document(running_task(service="shop"), version=4, now_ns=NOW)

    assert document["Cluster"] == "arn:aws:ecs:us-east-1:123456789012:cluster/demo"
    assert "ServiceName" not in document


def test_a_stopped_container_shows_its_end_health_and_restarts() -> None:
    """Members that appear only where they have a meaning."""
    state = running_task(tags=[{"key": "team", "value": "shop"}])
    app = state.containers["app"]
    app.status, app.exit_code, app.finished_ns, app.restarts = "STOPPED", 0, NOW, 2
    app.health = Health("UNHEALTHY", NOW, 1, "no")

    document = task_document(state, version=4, now_ns=NOW, tags=True)

    [shown, _] = document["Containers"]
    assert shown["ExitCode"] == 0
    assert shown["RestartCount"] == 2
    assert shown["FinishedAt"] == "2026-09-21T14:13:20.000000000Z"
    assert shown["Health"] == {
        "status": "UNHEALTHY",
        "statusSince": "2026-09-21T14:13:20.000000000Z",
        "exitCode": 1,
        "output": "no",
    }
    assert document["TaskTags"] == {"team": "shop"}


def test_version_3_lacks_what_came_with_version_4() -> None:
    """No ARN of the container, no log options, no launch type."""
    document = task_document(running_task(), version=3, now_ns=NOW)

    assert "LaunchType" not in document
    assert not {"ContainerARN", "LogDriver", "LogOptions", "Snapshotter"} & set(document["Containers"][0])


def test_an_unknown_token_gets_the_recorded_answer() -> None:
    """404 with a JSON string."""
    metadata = Metadata(fixed_clock(NOW))

    assert metadata.answer("/v4/nobody", "127.0.0.1") == (404, recorded("v4_unknown_404"))
    assert metadata.answer("/v3/nobody/task", "127.0.0.1")[0] == 404
    assert metadata.answer("/v5/x", "127.0.0.1") == (404, "404 page not found")


def test_version_2_knows_a_task_by_its_address() -> None:
    """Two tasks on one address are not told apart, and it says so."""
    metadata, task = Metadata(fixed_clock(NOW)), running_task()
    metadata.add(task)
    app = task.containers["app"]

    assert metadata.answer("/v2/metadata", "169.254.96.2")[1]["TaskARN"] == task.assignment.task_arn
    assert metadata.answer(f"/v2/metadata/{app.runtime_id}", "169.254.96.2")[1]["Name"] == "app"
    assert metadata.answer("/v2/stats", "169.254.96.9")[0] == 404
    metadata.add(running_task(number=2))
    assert metadata.answer("/v2/metadata", "169.254.96.2")[0] == 404
    metadata.remove(task)
    assert metadata.answer("/v2/metadata", "169.254.96.2")[0] == 200


@pytest.mark.parametrize("isolate", [False, True])
def test_statistics_have_the_members_of_the_recording(*, isolate: bool) -> None:
    """The first has no precpu, the second has that of the first; a container that does not run has null."""
    answers: list[Any] = []

    async def ask(scene: Scene) -> None:
        await scene.logs.delivered.wait()
        [(run, _)] = scene.runner._runs.values()
        token = run.state.containers["app"].token
        metadata = scene.runner._kit.metadata
        answers.extend(metadata.answer(f"/v4/{token}/task/stats", "")[1] for _ in range(2))
        scene.stop()

    waiting = shell("late", "true", dependsOn=[{"containerName": "app", "condition": "COMPLETE"}])
    play(shell("app", "echo up; sleep 60"), waiting, during=ask, isolate=isolate)

    for index, answer in enumerate(answers, start=1):
        [app, late] = answer.values()
        expected = next(iter(recorded(f"v4_task_stats_{index}").values()))
        assert late is None
        for stats in (app, expected):
            stats["memory_stats"].pop("max_usage", None)
            stats["memory_stats"].pop("stats")
            for member in ("networks", "network_rate_stats"):
                stats.pop(member, None)
        assert keys(app) == keys(expected)
    first, second = (next(iter(answer.values())) for answer in answers)
    assert second["preread"] == first["read"]
    assert second["precpu_stats"] == first["cpu_stats"]
    assert first["memory_stats"]["usage"] > 0


def test_the_endpoint_speaks_http() -> None:
    """JSON over HTTP/1.1, several requests on one connection, and errors with their status."""

    async def run() -> tuple[Any, int, int, list[bool]]:
        metadata, task = Metadata(system_clock), running_task()
        metadata.add(task)
        token = task.containers["app"].token
        server = MetadataServer(metadata.answer)
        listening = listen_on_loopback()
        port = listening.getsockname()[1]
        await server.serve(listening, "127.0.0.1")
        try:
            base = f"http://127.0.0.1:{port}"
            got = await asyncio.to_thread(_get, f"{base}/v4/{token}")
            missing = await asyncio.to_thread(_status, f"{base}/v4/nobody")
            posted = await asyncio.to_thread(_status, f"{base}/v4/{token}", b"x")
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(f"GET /v4/{token} HTTP/1.1\r\n\r\nGET /v9 HTTP/1.1\r\n\r\nnonsense\r\n\r\n".encode())
            raw = await reader.read()
            writer.close()
            return got, missing, posted, [f"HTTP/1.1 {code}".encode() in raw for code in (200, 404, 400)]
        finally:
            await server.close()

    got, missing, posted, pipelined = asyncio.run(run())

    assert got["Name"] == "app"
    assert (missing, posted) == (404, 405)
    assert pipelined == [True, True, True]


def _get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  # our own server
        return json.load(answer)


def _status(url: str, data: bytes | None = None) -> int:
    try:
        urllib.request.urlopen(url, data, timeout=5).close()  # noqa: S310  # our own server
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    return 200
