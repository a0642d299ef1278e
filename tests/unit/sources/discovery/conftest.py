"""ECS, EC2 and Systems Manager in memory, as far as discovery asks them; what is asked is counted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from taskscope.aws.ec2 import Ec2
from taskscope.aws.placement import Placements
from taskscope.aws.ssm import Ssm
from taskscope.errors import NotFoundError, TaskscopeError
from taskscope.model.placement import Exposure, PlacedTask


@dataclass
class Aws:
    """What AWS has; ``failing`` holds the errors of calls, by name."""

    tasks: list[PlacedTask] = field(default_factory=list)
    exposures: dict[str, Exposure] = field(default_factory=dict)
    instances: dict[str, str] = field(default_factory=dict)
    ec2: dict[str, str] = field(default_factory=dict)
    ssm: dict[str, str] = field(default_factory=dict)
    failing: dict[str, TaskscopeError] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)

    def asked(self, call: str) -> None:
        """Count a call, and fail it where it is to fail."""
        self.calls[call] += 1
        if call in self.failing:
            raise self.failing[call]


class MemoryPlacements(Placements):
    """ECS of one region, with a cluster ``shop``."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    def task_arns(self, cluster: str, *, service: str | None = None) -> list[str]:
        """Return the tasks of the cluster, or of one service."""
        self._aws.asked("list_tasks")
        if cluster != "shop":
            raise NotFoundError("no such cluster")
        return [each.arn for each in self._aws.tasks if service in {None, each.service}]

    def tasks(self, cluster: str, arns: Sequence[str]) -> list[PlacedTask]:
        """Return the tasks."""
        assert cluster == "shop"
        self._aws.asked("tasks")
        return [each for each in self._aws.tasks if each.arn in arns]

    def exposure(self, definition_arn: str) -> Exposure:
        """Return a task definition."""
        self._aws.asked("exposure")
        return self._aws.exposures[definition_arn]

    def instances(self, cluster: str, arns: Sequence[str]) -> dict[str, str]:
        """Return the machines of container instances."""
        assert cluster == "shop"
        self._aws.asked("instances")
        return {each: self._aws.instances[each] for each in arns if each in self._aws.instances}


class MemoryEc2(Ec2):
    """EC2 of one region."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    def private_addresses(self, ids: Sequence[str]) -> dict[str, str]:
        """Return the addresses that are known."""
        self._aws.asked("ec2")
        return {each: self._aws.ec2[each] for each in ids if each in self._aws.ec2}


class MemorySsm(Ssm):
    """Systems Manager of one region."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    def addresses(self, ids: Sequence[str]) -> dict[str, str]:
        """Return the addresses that are known."""
        self._aws.asked("ssm")
        return {each: self._aws.ssm[each] for each in ids if each in self._aws.ssm}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    """Give an AWS that discovery finds; a test fills it."""
    made = Aws()
    look = "taskscope.sources.discovery.look"
    monkeypatch.setattr(f"{look}.Placements", lambda *_, **__: MemoryPlacements(made))
    monkeypatch.setattr(f"{look}.Ec2", lambda *_, **__: MemoryEc2(made))
    monkeypatch.setattr(f"{look}.Ssm", lambda *_, **__: MemorySsm(made))
    return made
