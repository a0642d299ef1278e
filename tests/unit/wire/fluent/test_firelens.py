"""FireLens' fields as a resource."""

from typing import Any

import pytest

from taskscope.wire.fluent.firelens import container_of_tag, take_resource

TASK = "arn:aws:ecs:eu-west-1:111122223333:task/prod/9f1c2d3e4f5a"


def _fields(**more: Any) -> dict[str, Any]:
    return {
        "container_id": "9f1c2d3e4f5a-1234567890",
        "container_name": "web",
        "ecs_cluster": "prod",
        "ecs_task_arn": TASK,
        "ecs_task_definition": "web:42",
        **more,
    }


def test_fields_become_attributes_in_opentelemetrys_words() -> None:
    """Region, account and the cluster's ARN are those of the task's ARN."""
    fields = _fields(order=3)

    assert take_resource(fields, "").attributes == {
        "service.name": "web",
        "cloud.provider": "aws",
        "cloud.platform": "aws_ecs",
        "cloud.region": "eu-west-1",
        "cloud.account.id": "111122223333",
        "aws.ecs.task.arn": TASK,
        "aws.ecs.task.id": "9f1c2d3e4f5a",
        "aws.ecs.cluster.arn": "arn:aws:ecs:eu-west-1:111122223333:cluster/prod",
        "aws.ecs.task.family": "web",
        "aws.ecs.task.revision": "42",
        "container.id": "9f1c2d3e4f5a-1234567890",
        "container.name": "web",
    }
    assert fields == {"order": 3}


def test_equal_fields_share_one_resource() -> None:
    """Also from message to message."""
    assert take_resource(_fields(), "") is take_resource(_fields(order=4), "")


def test_container_on_ec2_has_its_name_of_the_task_definition() -> None:
    """Docker's name has family, revision and random digits around it; the tag has the name alone."""
    fields = _fields(container_name="/ecs-web-42-front-end-a2b4c6d8e0f2a4b6c801", ec2_instance_id="i-0ab")
    assert take_resource(dict(fields), "").attributes["container.name"] == "front-end"
    assert take_resource(dict(fields), "").attributes["host.id"] == "i-0ab"
    assert take_resource(dict(fields), "Front_End").attributes["service.name"] == "Front_End"


@pytest.mark.parametrize(
    ("tag", "container"), [("web-firelens-9f1c", "web"), ("a-firelens-b-firelens-9f", "a-firelens-b"), ("app.log", "")]
)
def test_tag_of_firelens_names_the_container(tag: str, container: str) -> None:
    """Others name whatever the sender likes."""
    assert container_of_tag(tag) == container


def test_cluster_without_a_task_is_known_by_name_only() -> None:
    """An ARN cannot be made of it."""
    assert take_resource({"ecs_cluster": "prod"}, "").attributes["aws.ecs.cluster.name"] == "prod"
    arn = "arn:aws:ecs:eu-west-1:1:cluster/prod"
    assert take_resource({"ecs_cluster": arn}, "").attributes["aws.ecs.cluster.arn"] == arn


def test_task_definition_without_revision_is_a_family() -> None:
    """As a person would write it."""
    assert take_resource({"ecs_task_definition": "web"}, "").attributes == {"aws.ecs.task.family": "web"}


def test_record_without_fields_says_nothing_of_its_sender() -> None:
    """Enrichment may."""
    assert take_resource({"log": "x"}, "").attributes == {}


def test_fields_of_other_types_become_texts() -> None:
    """Nobody keeps a sender from them."""
    assert take_resource({"container_name": ["a"], "container_id": 7, "ecs_cluster": None}, "").attributes == {
        "service.name": "['a']",
        "container.name": "['a']",
        "container.id": "7",
    }
