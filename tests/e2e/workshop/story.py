"""The workshop once from its start to its end, with what each command answered on the way."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from taskscope.lab.client.connection import Lab
from taskscope.lab.client.watch import until
from tests.e2e.conftest import clean_environment

CLUSTER = "otel-workshop"
BIN = Path(sys.executable).parent
_TRACE = re.compile(r"trace ([0-9a-f]{32}): GET \S+ (\d+)")


def call(line: list[str], environment: Mapping[str, str], *, seconds: float = 60) -> subprocess.CompletedProcess[str]:
    """Run one of our programs, or awscli, as a user who has pasted a line."""
    return subprocess.run(
        [BIN / line[0], *line[1:]],
        env=clean_environment(environment), capture_output=True, text=True, timeout=seconds, check=False,
    )  # fmt: skip


@dataclass
class Workshop:
    """A lab with the scenario played in it."""

    lab: Mapping[str, str]
    """The variables that the lab has exported."""
    played: subprocess.CompletedProcess[str]
    environment: dict[str, str] = field(init=False)
    """With the server that the scenario names."""

    def __post_init__(self) -> None:
        assert self.played.returncode == 0, self.played.stderr
        [export] = [line for line in self.played.stdout.splitlines() if line.startswith("export ")]
        name, _, url = export.removeprefix("export ").partition("=")
        self.environment = {**self.lab, name: url}

    @property
    def commands(self) -> list[list[str]]:
        """The commands that the scenario has printed for its reader."""
        lines = [line for line in self.played.stdout.splitlines() if line.startswith("taskscope ")]
        return [shlex.split(line) for line in lines]

    @property
    def aws_lines(self) -> list[list[str]]:
        """The command lines of awscli that were run."""
        lines = [line for line in self.played.stderr.splitlines() if line.startswith("$ aws ")]
        return [shlex.split(line)[1:] for line in lines]

    @property
    def stops(self) -> list[list[str]]:
        """The command lines that end it: that of the workshop's task, then of the server's."""
        lines = [line for line in self.played.stderr.splitlines() if line.startswith("to end it: ")]
        return [shlex.split(line.removeprefix("to end it: ")) for line in lines]

    def client(self, service: str) -> Any:
        """Return a client of the lab."""
        return Lab(self.lab["AWS_ENDPOINT_URL"], self.lab["AWS_REGION"]).client(service)

    def ask(self, *line: str) -> subprocess.CompletedProcess[str]:
        """Run a command of ours against the scenario's server; it must end with 0."""
        done = call(list(line), self.environment)
        assert done.returncode == 0, done.stderr
        return done

    def document(self, *line: str) -> Any:
        """Return what a command prints as JSON."""
        return json.loads(self.ask(*line, "--output", "json").stdout)

    def log(self, name: str) -> list[tuple[float, str]]:
        """Return time in seconds and text of all lines of a container's log group, as CloudWatch Logs has them."""
        pages = self.client("logs").get_paginator("filter_log_events").paginate(logGroupName=f"/ecs/{CLUSTER}/{name}")
        return [(event["timestamp"] / 1000, event["message"]) for page in pages for event in page["events"]]

    def sent_traces(self) -> dict[str, int]:
        """Return the id of each trace that the emitter says to have sent, and the status that its call had."""
        found = (_TRACE.search(text) for _, text in self.log("emitter"))
        return {each[1]: int(each[2]) for each in found if each}

    def sent_counts(self) -> list[float]:
        """Return when the StatsD emitter sent each of its lines."""
        return [at for at, text in self.log("statsd-emitter") if text.startswith("statsdTestMetric:1|c number ")]

    def tasks(self) -> list[dict[str, Any]]:
        """Describe both tasks: the workshop's, then the server's."""
        arns = [line[line.index("--task") + 1] for line in self.stops]
        found = self.client("ecs").describe_tasks(cluster=CLUSTER, tasks=arns)["tasks"]
        return sorted(found, key=lambda task: "server" in task["taskDefinitionArn"])

    def stop_the_workshops_task(self) -> None:
        """Paste the line that ends it, and wait for its end."""
        done = call(self.stops[0], self.environment)
        assert done.returncode == 0, done.stderr
        assert until(lambda: self.tasks()[0]["lastStatus"] == "STOPPED", at_most=45)
