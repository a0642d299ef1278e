"""Which streams are followed, and where."""

from typing import Any

import pytest

from taskscope.aws.watched import Watched
from taskscope.errors import DeniedError, NotFoundError
from taskscope.sources.watch.log_tails import LogTails
from taskscope.sources.watch.tools import Tools
from tests.unit.sources.watch.conftest import (
    CLUSTER,
    REGION,
    START_MS,
    MemoryAws,
    MemoryOutlet,
    MemorySchedule,
    Time,
    a_task,
)

_DEFINITION = f"{REGION}:task-definition/web:7"


def _container(name: str, driver: str = "awslogs", **options: str) -> dict[str, Any]:
    asked = {"awslogs-group": "/ecs/web", "awslogs-stream-prefix": "ecs", **options}
    return {"name": name, "logConfiguration": {"logDriver": driver, "options": asked}}


@pytest.fixture
def regions() -> list[str]:
    """Give the regions that were asked, as the tails ask them."""
    return []


@pytest.fixture
def tails(aws: MemoryAws, tools: Tools, regions: list[str]) -> LogTails:
    """Give tails over one AWS for all regions."""

    def of(region: str) -> Watched:
        regions.append(region)
        return aws

    return LogTails(of, tools)


def _define(aws: MemoryAws, *containers: dict[str, Any]) -> None:
    aws.held_definitions[_DEFINITION] = {"taskDefinitionArn": _DEFINITION, "containerDefinitions": list(containers)}


def test_lines_of_a_task_have_its_names(
    aws: MemoryAws, outlet: MemoryOutlet, schedule: MemorySchedule, tails: LogTails
) -> None:
    """Those that all telemetry of the task has; the definition is asked for once."""
    _define(aws, _container("app"))
    task, other = a_task(1), a_task(2)
    aws.say(f"ecs/app/{task['taskArn'].rpartition('/')[2]}", "hello", START_MS)
    tails.described([task, other])
    tails.described([task])
    schedule.do_all()

    [body] = outlet.take()
    [attributes] = body["streams"].values()
    assert attributes == {
        "service.name": "web",
        "cloud.provider": "aws",
        "cloud.platform": "aws_ecs",
        "cloud.region": "eu-west-1",
        "cloud.account.id": "123456789012",
        "aws.ecs.cluster.arn": CLUSTER,
        "aws.ecs.task.arn": task["taskArn"],
        "aws.ecs.task.id": f"{1:032x}",
        "aws.ecs.task.family": "web",
        "aws.ecs.task.revision": "7",
        "aws.ecs.launchtype": "fargate",
        "aws.ecs.service.name": "web",
        "container.name": "app",
        "container.id": "1-app",
    }
    assert aws.calls.count("DescribeTaskDefinition") == 1


def test_groups_are_read_where_they_are(
    aws: MemoryAws, schedule: MemorySchedule, tails: LogTails, regions: list[str]
) -> None:
    """A definition may name another region; other drivers are not read."""
    _define(
        aws,
        _container("app"),
        _container("far", **{"awslogs-region": "us-east-1", "awslogs-group": "/far"}),
        _container("fire", "awsfirelens"),
    )
    tails.described([a_task(1)])
    schedule.do_all()

    assert sorted(schedule.looks) == ["log group /ecs/web", "log group /far", "the task definitions"]
    assert set(regions) == {"eu-west-1", "us-east-1"}


def test_a_stopped_task_is_read_to_its_end(
    aws: MemoryAws, outlet: MemoryOutlet, schedule: MemorySchedule, tails: LogTails, time: Time
) -> None:
    """Five minutes and a bit after its beginning; then its group rests."""
    _define(aws, _container("app"))
    tails.described([a_task(1)])
    schedule.do_all()
    aws.say(f"ecs/app/{1:032x}", "bye", START_MS + 299_000)
    tails.described([a_task(1, version=2, status="STOPPED")])
    time.pass_by(400)
    schedule.do_all()
    aws.calls.clear()
    schedule.do_all()

    assert [event["message"] for body in outlet.take() for event in body["events"]] == ["bye"]
    assert aws.calls == []


def test_a_definition_that_cannot_be_had_is_asked_for_again(
    aws: MemoryAws, schedule: MemorySchedule, tails: LogTails
) -> None:
    """The permission may come; one that does not exist is given up."""
    _define(aws, _container("app"))
    aws.failing["DescribeTaskDefinition"] = DeniedError("no")
    tails.described([a_task(1)])
    with pytest.raises(DeniedError):
        schedule.do_all()
    aws.failing["DescribeTaskDefinition"] = NotFoundError("gone")
    schedule.do_all()
    aws.failing.clear()
    schedule.do_all()

    assert list(schedule.looks) == ["the task definitions"]


def test_a_task_that_is_gone_is_read_to_its_end_after_a_restart(
    aws: MemoryAws, outlet: MemoryOutlet, schedule: MemorySchedule, tails: LogTails, tools: Tools, time: Time
) -> None:
    """Its streams are remembered by the group."""
    _define(aws, _container("app"))
    aws.say(f"ecs/app/{1:032x}", "one", START_MS)
    tails.described([a_task(1)])
    schedule.do_all()
    aws.say(f"ecs/app/{1:032x}", "two", START_MS + 1000)
    time.pass_by(7200)
    schedule.looks.clear()

    again = LogTails(lambda _region: aws, tools)
    again.gone([a_task(1)["taskArn"]])
    schedule.do_all()

    assert [event["message"] for body in outlet.take() for event in body["events"]] == ["one", "two"]
