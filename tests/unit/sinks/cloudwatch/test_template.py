"""Names of log groups and streams."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.errors import UsageError
from taskscope.model.resource import Resource
from taskscope.sinks.cloudwatch.template import Template, first_log_group
from tests.unit.sinks.rows import SHOP


def test_placeholders_are_resource_attributes() -> None:
    """The service's name stands in the group's."""
    assert Template.of_group("/taskscope/{service.name}").expand(SHOP) == "/taskscope/shop"


def test_the_first_attribute_that_is_set_counts() -> None:
    """Alternatives are tried in their order."""
    template = Template.of_stream("{host.name|service.name}")

    assert template.expand(SHOP) == "shop"
    assert template.expand(Resource({"host.name": "web-1", "service.name": "shop"})) == "web-1"


def test_a_task_s_id_is_taken_from_its_arn() -> None:
    """Senders that give the ARN only need not repeat the id."""
    assert Template.of_stream("{aws.ecs.task.id}").expand(SHOP) == "0a1b2c"


def test_nothing_known_is_unknown() -> None:
    """A placeholder never leaves an empty name."""
    assert Template.of_group("{host.name}").expand(Resource()) == "unknown"
    assert Template.of_group("{service.name}").expand(Resource()) == "unknown_service"


@pytest.mark.parametrize("text", ["", "{", "a{b", "{}", "{a b}", "{{a}}", "a}", "x" * 513])
def test_templates_that_do_not_read_are_refused(text: str) -> None:
    """Braces that do not pair and placeholders that are none are mistakes."""
    with pytest.raises(UsageError):
        Template.of_group(text)


def test_characters_that_aws_refuses_are_refused_early() -> None:
    """A group's name has no space, a stream's no colon."""
    with pytest.raises(UsageError, match="' '"):
        Template.of_group("my group")
    with pytest.raises(UsageError, match="':'"):
        Template.of_stream("a:b")


@given(st.text())
def test_every_value_makes_a_name_that_aws_takes(value: str) -> None:
    """Whatever a sender calls itself: 1 to 512 characters of those that are allowed."""
    resource = Resource({"service.name": value})
    group = Template.of_group("{service.name}").expand(resource)
    stream = Template.of_stream("{service.name}").expand(resource)

    assert 1 <= len(group) <= 512
    assert all(each.isascii() and (each.isalnum() or each in ".-_/#") for each in group)
    assert 1 <= len(stream) <= 512
    assert not set(stream) & {":", "*", "\n"}


def test_the_first_group_that_a_sender_names_counts() -> None:
    """``aws.log.group.names`` is a list, or a text with ampersands."""
    assert first_log_group(Resource({"aws.log.group.names": ["/ecs/a", "/ecs/b"]})) == "/ecs/a"
    assert first_log_group(Resource({"aws.log.group.names": "/ecs/a&/ecs/b"})) == "/ecs/a"
    assert first_log_group(Resource({"aws.log.group.names": []})) == ""
    assert first_log_group(Resource()) == ""


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"aws.ecs.cluster.arn": "arn:aws:ecs:eu-west-1:1:cluster/shop"}, "shop"),
        ({"aws.ecs.task.arn": "arn:aws:ecs:eu-west-1:1:task/shop/0a1b2c"}, "shop"),
        ({"aws.ecs.task.arn": "arn:aws:ecs:eu-west-1:1:task/0a1b2c"}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_a_cluster_s_name_is_taken_from_an_arn(said: dict[str, str], name: str) -> None:
    """Its own, or that of a task in it; ARNs of the old format do not name the cluster."""
    assert Template.of_group("{aws.ecs.cluster.name}").expand(Resource(said)) == name
