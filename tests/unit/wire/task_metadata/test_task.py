"""Tasks of every platform."""

import json
from pathlib import Path
from typing import Any

import pytest

from taskscope.errors import MalformedPayloadError
from taskscope.model.task_metadata import TaskContainer, TaskInfo
from taskscope.wire.task_metadata.task import read_task

_FIXTURES = Path(__file__).parents[3] / "fixtures" / "tmde"
_ARN = "arn:aws:ecs:eu-west-1:111122223333:task/shop/9a7d3f6c2b1e4a5d8c0f1e2d3c4b5a69"


def _read(name: str) -> TaskInfo:
    return read_task(json.loads((_FIXTURES / name / "task.json").read_bytes()))


def _container(**members: Any) -> TaskContainer:
    [container] = read_task({"TaskARN": _ARN, "Containers": [members]}).containers
    return container


def test_fargate() -> None:
    """The cluster's ARN, limits of the task, storage and clock; no network but awsvpc."""
    task = _read("fargate-linux-x86-64")

    assert task.cluster == "shop"
    assert task.cluster_arn == "arn:aws:ecs:eu-west-1:111122223333:cluster/shop"
    assert (task.family, task.revision, task.service, task.launch_type) == ("api", "18", "", "FARGATE")
    assert (task.cpu_limit, task.memory_limit_bytes) == (0.25, 512 << 20)
    assert (task.ephemeral_used_bytes, task.ephemeral_reserved_bytes) == (274 << 20, 20496 << 20)
    assert task.clock_error_seconds == pytest.approx(0.0004182765)
    assert task.clock_synchronized is True
    assert task.pull_stopped_ns is not None
    assert task.pull_started_ns is not None
    assert task.pull_stopped_ns - task.pull_started_ns == 9_590_105_926


def test_ec2() -> None:
    """The cluster's name, the service, the agent's own pause container, a restart policy, an exit code."""
    task = _read("ec2-awsvpc-cgroup-v2")
    api, migrate, sidecar, pause = task.containers

    assert (task.cluster, task.service, task.availability_zone) == ("shop", "api", "eu-west-1b")
    assert task.cluster_arn == "arn:aws:ecs:eu-west-1:111122223333:cluster/shop"
    assert (api.restarts, api.health, api.exit_code, api.cpu_units) == (2, "HEALTHY", None, 256.0)
    assert api.health_since_ns == 1_773_349_178_120_450_306
    assert (migrate.known_status, migrate.exit_code, migrate.memory_limit_bytes) == ("STOPPED", 0, None)
    assert sidecar.restarts is None
    assert (pause.type, pause.known_status, pause.memory_limit_bytes) == ("CNI_PAUSE", "RESOURCES_PROVISIONED", None)
    assert (pause.network_mode, pause.addresses) == ("awsvpc", ("10.1.2.3",))


def test_managed_instances() -> None:
    """A limit of 0 is none; the clock may be unsynchronized."""
    task = _read("managed-instances")

    assert (task.launch_type, task.cpu_limit, task.clock_synchronized) == ("MANAGED_INSTANCES", None, False)
    assert [each.type for each in task.containers] == ["NORMAL", "NORMAL", "MANAGED_DAEMON"]


def test_stopped_container_of_a_bridge_has_no_address() -> None:
    """The agent says one empty text."""
    web, cache, init = _read("ec2-stopped-container").containers

    assert (web.network_mode, web.addresses, web.exit_code) == ("bridge", (), 1)
    assert cache.addresses == ("172.17.0.6",)
    assert init.exit_code == 137


@pytest.mark.parametrize("name", ["v2", "v3"])
def test_older_versions(name: str) -> None:
    """They say less, and nothing otherwise."""
    task = _read(name)

    assert (task.cluster, task.launch_type, task.service, task.clock_synchronized) == ("shop", "", "", None)
    assert task.containers[0].name == "api"
    assert task.containers[0].network_mode == "awsvpc"


@pytest.mark.parametrize(
    ("cluster", "arn", "expected"),
    [
        ("demo", _ARN, ("demo", "arn:aws:ecs:eu-west-1:111122223333:cluster/demo")),
        ("arn:aws-cn:ecs:cn-north-1:1:cluster/demo", _ARN, ("demo", "arn:aws-cn:ecs:cn-north-1:1:cluster/demo")),
        (None, _ARN, ("shop", "arn:aws:ecs:eu-west-1:111122223333:cluster/shop")),
        (None, "arn:aws:ecs:eu-west-1:111122223333:task/9a7d", ("", "")),
        ("demo", "what is this", ("demo", "")),
    ],
)
def test_cluster(cluster: str | None, arn: str, expected: tuple[str, str]) -> None:
    """Name and ARN, from either, and from the task's ARN where it has them."""
    task = read_task({"Cluster": cluster, "TaskARN": arn})

    assert (task.cluster, task.cluster_arn) == expected


def test_container_that_says_nothing() -> None:
    """All is absent then; its type is that of a definition's container."""
    assert _container() == TaskContainer(id="", name="")


@pytest.mark.parametrize(("said", "units"), [(0, None), (2, None), (2.0, None), (3, 3.0), (128, 128.0), (None, None)])
def test_the_agent_s_default_is_no_reservation(said: float | None, units: float | None) -> None:
    """Two units are what the agent gives the kernel where the definition has none, and what the endpoint says then."""
    assert _container(Limits={"CPU": said}).cpu_units == units


def test_addresses_of_both_families() -> None:
    """Of all networks of the container."""
    container = _container(
        Networks=[{"IPv4Addresses": ["10.0.0.1"], "IPv6Addresses": ["2001:db8::1"]}, {"NetworkMode": "host"}]
    )

    assert container.addresses == ("10.0.0.1", "2001:db8::1")
    assert container.network_mode == "host"


@pytest.mark.parametrize(
    "document",
    [None, [], "V4 container metadata handler: unable to get container", {}, {"TaskARN": _ARN, "Containers": {}}],
)
def test_what_is_no_task_is_refused(document: object) -> None:
    """Such as the agent's errors, which are JSON texts."""
    with pytest.raises(MalformedPayloadError):
        read_task(document)
