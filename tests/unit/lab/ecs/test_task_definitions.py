from collections.abc import Callable
from typing import Any

import pytest

from taskscope.lab.gateway.service import ApiError

Play = Callable[..., None]
APP = {"name": "app", "image": "app:1", "memory": 64}
LOGS = {"logDriver": "awslogs", "options": {"awslogs-group": "/ecs/app", "awslogs-region": "eu-west-1"}}
FARGATE = {"networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512"}


def refused(plane: Any, *containers: dict[str, Any], **more: Any) -> str:
    """Register what must be refused with a ClientException; return the message."""
    with pytest.raises(ApiError) as caught:
        plane.call("RegisterTaskDefinition", **{"family": "web", "containerDefinitions": list(containers), **more})
    assert caught.value.code == "ClientException"
    return caught.value.message


def test_revisions_grow_and_are_never_used_twice(play: Play) -> None:
    """Family, family:revision and ARN find a revision; the family alone finds the latest ACTIVE one."""

    async def story(plane: Any) -> None:
        arns = [plane.define(image=f"app:{number}") for number in (1, 2)]
        assert [arn.rpartition("/")[2] for arn in arns] == ["web:1", "web:2"]

        def found(reference: str) -> Any:
            return plane.call("DescribeTaskDefinition", taskDefinition=reference)["taskDefinition"]

        assert [found(each)["revision"] for each in ("web", "web:1", arns[0])] == [2, 1, 1]
        answer = plane.call("DeregisterTaskDefinition", taskDefinition="web:2")["taskDefinition"]
        assert answer["status"] == "INACTIVE"
        assert "deregisteredAt" in answer
        assert (found("web")["revision"], found("web:2")["status"]) == (1, "INACTIVE")
        assert plane.define().endswith("web:3")

    play(story)


def test_a_definition_has_aws_defaults(play: Play) -> None:
    """Containers are essential, the network is bridge, and Fargate is no option for it."""

    async def story(plane: Any) -> None:
        plane.define()
        definition = plane.call("DescribeTaskDefinition", taskDefinition="web")["taskDefinition"]
        assert definition["networkMode"] == "bridge"
        assert definition["compatibilities"] == ["EC2", "EXTERNAL"]
        assert definition["containerDefinitions"][0]["essential"] is True
        assert definition["status"] == "ACTIVE"

    play(story)


def test_fargate_sizes_are_numbers_afterwards(play: Play) -> None:
    """``.25 vCPU`` styles become units and MiB."""

    async def story(plane: Any) -> None:
        answer = plane.call(
            "RegisterTaskDefinition", family="far", containerDefinitions=[{"name": "a", "image": "b"}],
            **FARGATE | {"cpu": "1 vCPU", "memory": "2GB"},
        )["taskDefinition"]  # fmt: skip
        assert (answer["cpu"], answer["memory"]) == ("1024", "2048")
        assert answer["compatibilities"] == ["EC2", "FARGATE"]

    play(story)


def test_what_is_refused_for_every_launch_type(play: Play) -> None:
    """One thing wrong at a time."""

    async def story(plane: Any) -> None:
        assert refused(plane) == "Container list cannot be empty."
        assert "unique" in refused(plane, APP, APP)
        assert "invalid characters" in refused(plane, APP | {"name": "a b"})
        assert refused(plane, APP | {"image": ""}) == "Container.image should not be null or empty."
        assert refused(plane, {"name": "app", "image": "app:1"}) == (
            "Invalid setting for container 'app'. At least one of 'memory' or 'memoryReservation' must be specified."
        )
        assert "at least 6" in refused(plane, APP | {"memory": 5})
        assert "memoryReservation" in refused(plane, APP | {"memoryReservation": 65})
        assert "must be essential" in refused(plane, APP | {"essential": False})
        other = {"name": "b", "image": "b:1", "memory": 64}
        waits = {"dependsOn": [{"containerName": "b", "condition": "START"}]}
        assert "does not exist" in refused(plane, APP | waits)
        back = {"dependsOn": [{"containerName": "app", "condition": "START"}]}
        assert "circle" in refused(plane, APP | waits, other | back)
        healthy = {"dependsOn": [{"containerName": "b", "condition": "HEALTHY"}]}
        assert "needs a health check" in refused(plane, APP | healthy, other)
        with pytest.raises(ApiError, match="InvalidParameterException"):
            plane.call("RegisterTaskDefinition", family="a b", containerDefinitions=[APP])

    play(story)


def test_what_fargate_refuses(play: Play) -> None:
    """The network, the sizes, the ports and the log driver's needs."""

    async def story(plane: Any) -> None:
        assert "awsvpc" in refused(plane, APP, **FARGATE | {"networkMode": "bridge"})
        assert refused(plane, APP, **FARGATE | {"cpu": None}) == (
            "Fargate requires that 'cpu' be defined at the task level."
        )
        assert refused(plane, APP, **FARGATE | {"memory": "100"}) == (
            "No Fargate configuration exists for given values: 256 CPU, 100 memory."
        )
        ports = {"portMappings": [{"containerPort": 80, "hostPort": 8080}]}
        assert "must match" in refused(plane, APP | ports, **FARGATE)
        assert refused(plane, APP | {"logConfiguration": LOGS}, **FARGATE) == (
            "Fargate requires task definition to have execution role ARN to support log driver awslogs."
        )
        assert "awslogs-stream-prefix" in refused(
            plane, APP | {"logConfiguration": LOGS}, **FARGATE, executionRoleArn="arn:role"
        )

    play(story)


def test_lists_of_definitions_and_families(play: Play) -> None:
    """Sorted by family and revision as a number, either way, in pages."""

    async def story(plane: Any) -> None:
        for _ in range(11):
            plane.define()
        plane.define("job")
        plane.call("DeregisterTaskDefinition", taskDefinition="job:1")

        def listed(**params: Any) -> list[str]:
            arns: list[str] = []
            answer = plane.call("ListTaskDefinitions", **params)
            arns += answer["taskDefinitionArns"]
            while token := answer.get("nextToken"):
                answer = plane.call("ListTaskDefinitions", nextToken=token, **params)
                arns += answer["taskDefinitionArns"]
            return [arn.rpartition("/")[2] for arn in arns]

        ascending = [f"web:{number}" for number in range(1, 12)]
        assert listed(maxResults=4) == ascending
        assert listed(maxResults=4, sort="DESC", familyPrefix="web") == ascending[::-1]
        assert listed(status="INACTIVE") == ["job:1"]
        assert listed(familyPrefix="we") == []
        families = [
            plane.call("ListTaskDefinitionFamilies", **params)["families"]
            for params in ({}, {"status": "ACTIVE"}, {"status": "INACTIVE"}, {"familyPrefix": "j"})
        ]
        assert families == [["job", "web"], ["web"], ["job"], ["job"]]
        with pytest.raises(ApiError, match="Invalid token"):
            plane.call("ListTaskDefinitions", nextToken="d2Vi")

    play(story)


def test_unknown_definitions(play: Play) -> None:
    """Describing and deregistering them is a ClientException."""

    async def story(plane: Any) -> None:
        plane.define()
        with pytest.raises(ApiError, match="Unable to describe task definition"):
            plane.call("DescribeTaskDefinition", taskDefinition="nope")
        for reference in ("web", "web:9", "web:x"):
            with pytest.raises(ApiError, match="ClientException"):
                plane.call("DeregisterTaskDefinition", taskDefinition=reference)

    play(story)


def test_tags_of_a_definition_come_on_demand(play: Play) -> None:
    """Beside the definition, with include TAGS."""

    async def story(plane: Any) -> None:
        tags = [{"key": "a", "value": "b"}]
        plane.call("RegisterTaskDefinition", family="web", containerDefinitions=[APP], tags=tags)
        assert "tags" not in plane.call("DescribeTaskDefinition", taskDefinition="web")
        assert plane.call("DescribeTaskDefinition", taskDefinition="web", include=["TAGS"])["tags"] == tags

    play(story)
