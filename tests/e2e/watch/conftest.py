"""Clusters of the embedded AWS, and servers that watch them."""

import itertools
import json
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest

from taskscope.lab.threaded import ThreadedAws
from tests.e2e.collect.collector import Collector
from tests.e2e.watch.gate import Gate, gate_to

_numbers = itertools.count(1)

TICKER: Final = "i=0; while true; do i=$((i+1)); echo line $i; sleep 0.1; done"

Watch: TypeAlias = Callable[..., Collector]


class Cluster:
    """A cluster with a name of its own."""

    def __init__(self, aws: ThreadedAws) -> None:
        self.aws = aws
        self.name = f"watched-{next(_numbers)}"
        self.group = f"/ecs/{self.name}"
        self.ecs = aws.client("ecs")
        self.arn: str = self.ecs.create_cluster(clusterName=self.name)["cluster"]["clusterArn"]

    def define(self, container: str, command: str) -> str:
        """Register a task definition of one container that logs to the cluster's group; return its name."""
        options = {
            "awslogs-group": self.group,
            "awslogs-create-group": "true",
            "awslogs-region": self.aws.region,
            "awslogs-stream-prefix": "ecs",
        }
        family = f"{self.name}-{container}"
        definition = {
            "name": container,
            "image": "example:1",
            "memory": 64,
            "command": ["sh", "-c", command],
            "logConfiguration": {"logDriver": "awslogs", "options": options},
        }
        self.ecs.register_task_definition(family=family, networkMode="host", containerDefinitions=[definition])
        return family

    def run(self, container: str, command: str) -> str:
        """Run a task of one container; return its ARN."""
        family = self.define(container, command)
        arn: str = self.ecs.run_task(cluster=self.name, taskDefinition=family, launchType="EC2")["tasks"][0]["taskArn"]
        return arn

    def serve(self, service: str, container: str, command: str, *, count: int) -> None:
        """Create a service."""
        family = self.define(container, command)
        self.ecs.create_service(
            cluster=self.name, serviceName=service, taskDefinition=family, desiredCount=count, launchType="EC2"
        )

    def stop_all(self) -> None:
        """Stop what runs, so that it takes nothing from the tests that come."""
        for arn in self.ecs.list_services(cluster=self.name)["serviceArns"]:
            self.ecs.delete_service(cluster=self.name, service=arn, force=True)
        for arn in self.ecs.list_tasks(cluster=self.name)["taskArns"]:
            self.ecs.stop_task(cluster=self.name, task=arn)

    def lines(self) -> list[tuple[str, str]]:
        """Return stream and text of every line that CloudWatch Logs has of it."""
        pages = self.aws.client("logs").get_paginator("filter_log_events").paginate(logGroupName=self.group)
        return sorted((each["logStreamName"], each["message"]) for page in pages for each in page["events"])


@pytest.fixture
def cluster(aws: ThreadedAws) -> Iterator[Cluster]:
    """Give a new cluster of the embedded AWS that the session shares."""
    made = Cluster(aws)
    yield made
    made.stop_all()


@pytest.fixture
def gate(aws: ThreadedAws) -> Iterator[Gate]:
    """Give a gate to the shared embedded AWS."""
    with gate_to(aws.url) as opened:
        yield opened


@pytest.fixture
def watch(aws: ThreadedAws, tmp_path: Path) -> Iterator[Watch]:
    """
    Give ``watch(*options, url=…) -> Collector``: a started server that looks five times a second, at clusters that
    ``--watch`` names. It ends with the test, by SIGTERM.
    """
    with ExitStack() as stack:

        def start(*options: str, url: str = "", budget: int = 6000, interval: str = "0.2") -> Collector:
            pace = ["--watch-interval", interval, "--watch-requests-per-minute", str(budget)]
            env = aws.environment | ({"AWS_ENDPOINT_URL": url} if url else {})
            folder = tmp_path / f"server-{next(_numbers)}"
            return stack.enter_context(Collector(folder, *options, *pace, env=env))

        yield start


def ask(server: Collector, path: str) -> Any:
    """Ask the API."""
    with urllib.request.urlopen(f"http://127.0.0.1:{server.ports['api']}{path}", timeout=20) as answer:
        return json.load(answer)


def stored_lines(server: Collector, group: str) -> list[tuple[str, str]]:
    """Return stream and text of every line that the store has of a group, repeats included."""
    rows = server.sql(
        "SELECT JSONExtractArrayRaw(ResourceAttributes['aws.log.stream.names'])[1], Body FROM otel_logs"
        " WHERE ResourceAttributes['aws.log.group.names'] = {group:String}",
        group=json.dumps([group]),
    )
    return sorted((json.loads(stream), text) for stream, text in rows)
