"""Network namespaces: two tasks on one port, names, metadata, and nothing that stays."""

import asyncio
import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from socket import socket

import pytest

from taskscope.lab.ecs.agent import Assignment
from taskscope.lab.runner.bridge import METADATA_ADDRESS, open_bridge
from taskscope.lab.runner.bridge_leftovers import remove_leftovers
from taskscope.lab.runner.images import ImageCatalog
from taskscope.lab.runner.iproute import IpError, ip, ip_json
from taskscope.lab.runner.network import NetworkRequest, SharedNetwork
from taskscope.lab.runner.opening import open_runner
from taskscope.lab.runner.runner import LocalRunner
from taskscope.lab.runner.testing import RecordingLogs, RecordingReport, assignment, container, play, shell

SERVER = textwrap.dedent("""
    import http.server, os
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(os.environ["NAME"].encode())
        def log_message(self, *_):
            pass
    server = http.server.HTTPServer(("", 8080), Handler)
    print("listening", flush=True)
    server.serve_forever()
""")
GET = textwrap.dedent("""
    import sys, urllib.request
    for url in sys.argv[1:]:
        print(urllib.request.urlopen(url, timeout=5).read().decode())
""")


async def _serve(*_: object) -> None:
    """Serve nothing."""


async def _close(listening: socket) -> None:
    """Serve no longer."""
    listening.close()


def _why_not() -> str | None:
    """Return why this machine has no network namespaces."""

    async def probe() -> str | None:
        try:
            network = await open_bridge(
                f"ts{os.getpid()}probe", shared=SharedNetwork("", ""), serve=_serve, unserve=_serve
            )
        except (IpError, OSError) as error:
            return str(error)
        await network.close()
        return None

    return asyncio.run(probe())


pytestmark = pytest.mark.skipif(
    bool(reason := _why_not()), reason=f"NEEDS ROOT, iproute2 and network namespaces: {reason}"
)


def fetch(*urls: str, number: int) -> Assignment:
    """Return a task that gets URLs and prints what they say."""
    return assignment(container("get", "python", "-c", GET, *urls), number=number)


async def printed(runner: LocalRunner, logs: RecordingLogs, task: Assignment) -> list[str]:
    """Run a task of ``fetch`` and return what it printed."""
    before = len(logs.messages("get"))
    await runner.run(task, RecordingReport())
    stream = next(lines for (_, _, name), lines in logs.streams.items() if name.endswith(task.task_id))
    assert before >= 0
    return [line.message for line in stream]


def test_two_tasks_of_a_service_listen_on_one_port_and_names_resolve() -> None:
    """Each task has its own 8080; task ids, the service's name and the lab's name lead where they should."""

    async def run() -> tuple[list[str], str | None]:
        logs = RecordingLogs()
        async with open_runner(
            logs=logs, environment=lambda _: {}, images=ImageCatalog(pull_seconds=0), say=print
        ) as runner:
            reports = [RecordingReport(), RecordingReport()]
            tasks = [
                assignment(
                    container("web", "python", "-c", SERVER, environment=[{"name": "NAME", "value": f"web {number}"}]),
                    number=number,
                    service="shop",
                )
                for number in (1, 2)
            ]
            jobs = [asyncio.create_task(runner.run(*pair)) for pair in zip(tasks, reports, strict=True)]
            while sum(len(lines) for lines in logs.streams.values()) < 2:
                logs.delivered.clear()
                await logs.delivered.wait()
            hosts = [tasks[0].task_id, tasks[1].task_id, "shop", "shop.demo"]
            said = await printed(runner, logs, fetch(*(f"http://{host}:8080/" for host in hosts), number=3))
            who = await printed(runner, logs, assignment(shell("get", "cat /etc/hosts"), number=4))
            for task in tasks:
                runner.stop(task.task_arn)
            await asyncio.gather(*jobs)
            assert any(line.split() == [runner.bridge_address, "lab"] for line in who)
            return said, reports[0].address

    said, address = asyncio.run(run())

    assert said[:2] == ["web 1", "web 2"]
    assert set(said[2:]) <= {"web 1", "web 2"}
    assert address
    assert address.startswith("169.254.")


def test_metadata_is_where_aws_has_it() -> None:
    """All versions answer at 169.254.170.2; version 2 knows the task by its network."""
    script = textwrap.dedent("""
        import os, urllib.request
        for url in (os.environ["ECS_CONTAINER_METADATA_URI_V4"] + "/task", os.environ["ECS_CONTAINER_METADATA_URI"],
                    "http://169.254.170.2/v2/metadata", os.environ["ECS_CONTAINER_METADATA_URI_V4"] + "/stats"):
            print(url, urllib.request.urlopen(url, timeout=5).read().decode(), sep="\\t")
    """)

    lines = play(container("app", "python", "-c", script), isolate=True).logs.messages("app")

    urls = [line.partition("\t")[0] for line in lines]
    task, own, second, stats = (json.loads(line.partition("\t")[2]) for line in lines)
    assert all(url.startswith(f"http://{METADATA_ADDRESS}/v") for url in urls)
    assert task["TaskARN"] == second["TaskARN"]
    assert task["Containers"][0]["Networks"][0]["IPv4Addresses"][0].startswith("169.254.")
    assert own["Name"] == "app"
    assert list(stats["networks"]) == ["eth1"]


def test_containers_of_a_task_share_loopback() -> None:
    """A sidecar is reached at 127.0.0.1, as in one awsvpc task."""
    wait = textwrap.dedent("""
        import time, urllib.request
        while True:
            try:
                print(urllib.request.urlopen("http://127.0.0.1:8080").read().decode())
                break
            except OSError:
                time.sleep(0.02)
    """)

    scene = play(
        container("app", "python", "-c", wait, dependsOn=[{"containerName": "side", "condition": "START"}]),
        container("side", "python", "-c", SERVER, environment=[{"name": "NAME", "value": "beside"}], essential=False),
        isolate=True,
    )

    assert scene.logs.messages("app") == ["beside"]


def test_there_is_no_route_to_the_outside() -> None:
    """A namespace reaches the lab's bridge and nothing else."""
    routes = play(shell("app", "ip route"), isolate=True).logs.messages("app")

    assert len(routes) == 1
    assert routes[0].startswith("169.254.")


def test_other_network_modes_share_the_machines_network() -> None:
    """Their port is a free one, handed over by environment and reported as a binding."""
    definition = shell("app", "echo $PORT", portMappings=[{"containerPort": 80, "hostPort": 0}])

    scene = play(definition, isolate=True, mode="bridge", launchType="EC2")

    [binding] = scene.report.containers["app"]["networkBindings"]
    assert scene.logs.messages("app") == [str(binding["hostPort"])]
    assert binding["containerPort"] == 80
    assert scene.report.address == "127.0.0.1"


def test_two_labs_live_side_by_side() -> None:
    """Each one takes a subnet of its own; both end without a trace."""

    async def run() -> set[str | None]:
        async with (
            open_runner(logs=RecordingLogs(), environment=lambda _: {}) as one,
            open_runner(logs=RecordingLogs(), environment=lambda _: {}) as two,
        ):
            return {one.bridge_address, two.bridge_address}

    before = labs_of(os.getpid())
    addresses = asyncio.run(run())

    assert None not in addresses
    assert len(addresses) == 2
    assert labs_of(os.getpid()) <= before, "labs of other tests may live in this process, new ones may not"


def test_a_lab_that_was_killed_is_cleaned_up_by_the_next_one() -> None:
    """Its namespaces, links, hosts files, control groups and processes are recognised by its dead process id."""
    program = textwrap.dedent("""
        import asyncio
        from taskscope.lab.runner.opening import open_runner
        from taskscope.lab.runner.testing import RecordingLogs, RecordingReport, assignment, shell

        async def main():
            async with open_runner(logs=RecordingLogs(), environment=lambda _: {}) as runner:
                report = RecordingReport()
                job = asyncio.create_task(runner.run(assignment(shell("app", "sleep 77")), report))
                await report.until("app", lastStatus="RUNNING")
                print("running", flush=True)
                await job

        asyncio.run(main())
    """)
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as lab:
        assert lab.stdout
        assert lab.stdout.readline() == "running\n"
        lab.kill()
        lab.wait()
        assert left_of(lab.pid)

    play(shell("app", "true"), isolate=True)

    assert left_of(lab.pid) == []


def test_a_full_subnet_fails_the_task() -> None:
    """No address is given twice."""

    async def run() -> None:
        network = await open_bridge(f"ts{os.getpid()}full", shared=SharedNetwork("", ""), serve=_serve, unserve=_serve)
        try:
            network._free.clear()
            with pytest.raises(Exception, match="ContainerNetworkingError"):
                await network.attach(NetworkRequest("t", "awsvpc", "demo", None, "eth0"))
        finally:
            await network.close()

    asyncio.run(run())


def test_what_cannot_be_removed_with_its_task_goes_with_the_lab(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when no more files can be opened while a task ends."""
    name = f"ts{os.getpid()}stuck"

    async def refuse(*_: str, **__: object) -> bytes:
        raise IpError("ip: [Errno 24] Too many open files")

    async def run() -> tuple[list[str], list[str]]:
        network = await open_bridge(name, shared=SharedNetwork("", ""), serve=_serve, unserve=_close)
        attachment = await network.attach(NetworkRequest("t", "awsvpc", "demo", None, "eth0"))
        with monkeypatch.context() as patch:
            patch.setattr("taskscope.lab.runner.bridge.ip", refuse)
            await network.detach(attachment)
        namespaces = [entry["name"] for entry in await ip_json("netns", "list")]
        await network.close()
        return namespaces, [entry["name"] for entry in await ip_json("netns", "list")]

    before, after = asyncio.run(run())

    assert f"{name}-1" in before
    assert not [each for each in after if each.startswith(name)]


def test_an_ip_that_cannot_be_started_is_an_error_of_ip(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever cleans up expects that one alone."""

    async def fail(*_: object, **__: object) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(asyncio, "create_subprocess_exec", fail)
    with pytest.raises(IpError, match=r"ip link show: .*Too many open files"):
        asyncio.run(ip("link", "show"))


def left_of(pid: int) -> list[str]:
    """Return what a lab has left on this machine."""

    async def find() -> list[str]:
        names = [entry["name"] for entry in await ip_json("netns", "list")]
        names += [entry["ifname"] for entry in await ip_json("link", "show")]
        return [name for name in names if name.startswith(f"ts{pid}")]

    folders = [*Path("/etc/netns").glob(f"ts{pid}*"), *Path("/sys/fs/cgroup").glob(f"*/**/taskscope-{pid}*")]
    return asyncio.run(find()) + [str(folder) for folder in folders]


def labs_of(pid: int) -> set[str]:
    """Return the labs of a process that have something on this machine: each has a letter of its own."""
    found = (re.search(rf"(?:ts|taskscope-){pid}([a-z])", each) for each in left_of(pid))
    return {each[1] for each in found if each}


def test_leftovers_of_the_living_stay() -> None:
    """Only dead labs are cleaned up."""

    async def run() -> bool:
        async with open_runner(logs=RecordingLogs(), environment=lambda _: {}) as runner:
            await remove_leftovers()
            links = await ip_json("-4", "addr", "show")
            return any(a["local"] == runner.bridge_address for link in links for a in link.get("addr_info", []))

    assert asyncio.run(run())
