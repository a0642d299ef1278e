"""``taskscope discover`` finds the exporters of a cluster, whose addresses answer, and says what it leaves out."""

import json
import signal
import subprocess
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from taskscope.lab.client.watch import until

from .conftest import CLUSTER, TASKSCOPE, Cluster, Discover, environment, groups


def _answers(url: str, text: str) -> bool:
    """Whether an answer has a text; there may be none yet, since a task runs before what is in it listens."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 (of the lab's own tasks)
            return text.encode() in answer.read()
    except OSError:
        return False


def test_every_network_mode_is_found_and_answers(cluster: Cluster, discover: Discover) -> None:
    """The address of an interface, of an instance and of a machine outside of AWS; static and dynamic ports."""
    ended = discover()
    found = groups(ended.stdout)

    assert ended.returncode == 0, ended.stderr
    assert set(found) == set(cluster.tasks) - {"without"}
    for family, group in found.items():
        [address] = group["targets"]
        path = group["labels"].get("__metrics_path__", "/metrics")
        assert path == ("/prometheus" if family == "labelled" else "/metrics")
        answers = partial(_answers, f"http://{address}{path}", f'family="{family}"')
        assert until(answers, at_most=20)
    assert {each: found[each]["labels"]["__meta_ecs_network_mode"] for each in found} == {
        "net": "awsvpc", "bridged": "bridge", "hosted": "host", "outside": "bridge", "checked": "bridge",
        "labelled": "bridge",
    }  # fmt: skip
    assert found["outside"]["labels"]["__meta_ecs_ec2_instance_id"].startswith("mi-")
    assert found["bridged"]["labels"]["__meta_ecs_ec2_instance_id"].startswith("i-")
    assert found["net"]["targets"] != found["hosted"]["targets"]


def test_task_that_is_left_out_is_said(cluster: Cluster, discover: Discover) -> None:
    """On stderr, with its id and why."""
    short = cluster.tasks["without"].rpartition("/")[2][:8]

    assert discover().stderr == (
        f"taskscope: left out task {short} of without:1 in cluster {CLUSTER}: "
        "no container maps port 9659 or has the docker label ECS_PROMETHEUS_EXPORTER_PORT\n"
    )


def test_address_given_by_hand_wins(discover: Discover) -> None:
    """Of the machine that only its owner knows the address of."""
    machine = groups(discover().stdout)["outside"]["labels"]["__meta_ecs_ec2_instance_id"]
    found = groups(discover("--external-address", f"{machine}=edge.example.com").stdout)

    assert found["outside"]["targets"][0].startswith("edge.example.com:")
    assert found["bridged"]["targets"][0].startswith("127.0.0.1:")


def test_named_container_is_the_one_that_is_taken(discover: Discover) -> None:
    """At a port that it need not map in awsvpc; behind a bridge it cannot be reached then."""
    ended = discover("--container", "app", "--port", "8080")
    found = groups(ended.stdout)

    assert set(found) == {"net", "hosted"}
    assert all(each["targets"][0].endswith(":8080") for each in found.values())
    assert "port 8080 of container app is mapped to no port of the host" in ended.stderr


def test_unknown_cluster_is_not_found(cluster: Cluster) -> None:
    """With exit code 3, and the name that was meant."""
    ended = subprocess.run(
        [TASKSCOPE, "discover", "--cluster", "discoverd"],
        env=environment(cluster), capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip

    assert ended.returncode == 3
    assert f"did you mean {CLUSTER}?" in ended.stderr
    assert ended.stdout == ""


def test_file_is_written_at_once(discover: Discover, tmp_path: Path) -> None:
    """And nothing to stdout."""
    path = tmp_path / "ecs.json"
    ended = discover("--file", str(path))

    assert (ended.returncode, ended.stdout) == (0, "")
    assert "net" in groups(path.read_bytes())


@pytest.fixture
def start(cluster: Cluster) -> Callable[..., subprocess.Popen[str]]:
    """Give ``start(*arguments)``: starts the command in a process of its own."""

    def begin(*arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [TASKSCOPE, "discover", "--cluster", CLUSTER, *arguments],
            env=environment(cluster), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    return begin


def test_watched_file_follows_the_tasks(
    cluster: Cluster, start: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    """A task that comes is in it, one that goes is not; SIGTERM ends it with 0."""
    path, ecs = tmp_path / "ecs.json", cluster.aws.client("ecs")

    def tasks() -> set[str]:
        return {each["labels"]["task"] for each in json.loads(path.read_bytes())}

    with start("--file", str(path), "--watch", "1") as process:
        try:
            assert until(path.exists, at_most=20)
            arn = ecs.run_task(cluster=CLUSTER, taskDefinition="bridged", launchType="EC2")["tasks"][0]["taskArn"]
            assert until(lambda: arn.rpartition("/")[2] in tasks(), at_most=20)
            ecs.stop_task(cluster=CLUSTER, task=arn)
            assert until(lambda: arn.rpartition("/")[2] not in tasks(), at_most=20)
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
        finally:
            process.kill()


def test_targets_are_served_over_http(start: Callable[..., subprocess.Popen[str]]) -> None:
    """On loopback, at a free port that it says; Ctrl-C ends it with 130."""
    with start("--output", "http_sd", "--listen-port", "0") as process:
        try:
            assert process.stderr is not None
            url = process.stderr.readline().split()[-1]
            with urllib.request.urlopen(url, timeout=20) as answer:  # noqa: S310 (of our own process)
                found = groups(answer.read())
                media = answer.headers["Content-Type"]
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 130
        finally:
            process.kill()

    assert url.startswith("http://127.0.0.1:")
    assert media == "application/json"
    assert "net" in found
