"""A cluster with the exporter in tasks of every network mode, and one task without it."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from taskscope.lab.client.watch import until
from taskscope.lab.threaded import ThreadedAws, embedded_aws
from tests.e2e.conftest import clean_environment

TASKSCOPE = Path(sys.executable).parent / "taskscope"
CLUSTER = "discovered"
_EXPORTER = {
    "name": "exporter", "image": "taskscope", "memory": 128, "cpu": 64, "essential": False,
    "command": [str(TASKSCOPE), "exporter"], "portMappings": [{"containerPort": 9659}],
}  # fmt: skip
_APP = {
    "name": "app", "image": "app", "memory": 64, "cpu": 128,
    "command": [sys.executable, "-c", "import time\nwhile True: sum(range(20000)); time.sleep(0.02)"],
}  # fmt: skip
_LABELLED = _EXPORTER | {
    "portMappings": [{"containerPort": 7000}],
    "command": [str(TASKSCOPE), "exporter", "--web.telemetry-path", "/prometheus"],
    "dockerLabels": {"ECS_PROMETHEUS_EXPORTER_PORT": "7000", "ECS_PROMETHEUS_METRICS_PATH": "/prometheus"},
}
FAMILIES: Mapping[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "net": (
        {"networkMode": "awsvpc", "cpu": "256", "memory": "512", "requiresCompatibilities": ["FARGATE"]},
        {"launchType": "FARGATE", "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}},
    ),
    "bridged": ({"networkMode": "bridge"}, {"launchType": "EC2"}),
    "hosted": ({"networkMode": "host"}, {"launchType": "EC2"}),
    "outside": ({"networkMode": "bridge", "requiresCompatibilities": ["EXTERNAL"]}, {"launchType": "EXTERNAL"}),
    "checked": (
        {
            "containerDefinitions": [
                _EXPORTER,
                _APP | {"healthCheck": {"command": ["CMD-SHELL", "true"], "interval": 5}},
            ]
        },
        {"launchType": "EC2"},
    ),
    "labelled": ({"containerDefinitions": [_LABELLED, _APP]}, {"launchType": "EC2"}),
    "without": ({"containerDefinitions": [_APP]}, {"launchType": "EC2"}),
}
"""What differs in the task definition, and in RunTask."""

Discover: TypeAlias = Callable[..., subprocess.CompletedProcess[str]]


@dataclass(frozen=True)
class Cluster:
    """The cluster, and the tasks in it."""

    aws: ThreadedAws
    tasks: Mapping[str, str]
    """ARNs, by family."""


@pytest.fixture(scope="package")
def cluster() -> Iterator[Cluster]:
    """Give the cluster, when all of its tasks run."""
    with embedded_aws() as aws:
        ecs = aws.client("ecs")
        ecs.create_cluster(clusterName=CLUSTER)
        tasks = {}
        for family, (definition, run) in FAMILIES.items():
            ecs.register_task_definition(**{"family": family, "containerDefinitions": [_EXPORTER, _APP], **definition})
            tasks[family] = ecs.run_task(cluster=CLUSTER, taskDefinition=family, **run)["tasks"][0]["taskArn"]

        def all_run() -> bool:
            described = ecs.describe_tasks(cluster=CLUSTER, tasks=list(tasks.values()))["tasks"]
            return all(each["lastStatus"] == "RUNNING" for each in described)

        assert until(all_run, at_most=30)
        yield Cluster(aws, tasks)


@pytest.fixture
def discover(cluster: Cluster) -> Discover:
    """Give ``discover(*arguments)``: runs the command for the cluster in a process of its own."""

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [TASKSCOPE, "discover", "--cluster", CLUSTER, *arguments],
            env=clean_environment(cluster.aws.environment), capture_output=True, text=True, timeout=50, check=False,
        )  # fmt: skip

    return call


def groups(text: str | bytes) -> dict[str, dict[str, Any]]:
    """Read targets, by family of their tasks."""
    found: dict[str, dict[str, Any]] = {each["labels"]["family"]: each for each in json.loads(text)}
    return found


def environment(cluster: Cluster) -> dict[str, str]:
    """Return the variables of a process that is to speak with the cluster's lab."""
    return clean_environment(cluster.aws.environment)
