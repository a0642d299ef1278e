"""Nodes of whoever sent a span, and the span that stands for a trace."""

import pytest

from taskscope.model.resource import Resource
from taskscope.model.service_map import NodeKey
from taskscope.query.rules.attributes import annotations_of
from taskscope.query.rules.node import service_node
from taskscope.query.rules.root import root_of
from tests.unit.query.trace.documents import segment, sent, span


@pytest.mark.parametrize(
    ("attributes", "kind"),
    [
        ({}, ""),
        ({"aws.xray.origin": "AWS::Lambda", "cloud.platform": "aws_ecs"}, "AWS::Lambda"),
        ({"cloud.platform": "aws_ecs"}, "AWS::ECS::Container"),
        ({"cloud.platform": "aws_ecs", "aws.ecs.launchtype": "fargate"}, "AWS::ECS::Fargate"),
        ({"cloud.platform": "aws_ecs", "aws.ecs.launch_type": "EC2"}, "AWS::ECS::EC2"),
        ({"cloud.provider": "gcp", "cloud.platform": "aws_ecs"}, ""),
        ({"cloud.provider": "aws", "cloud.platform": "aws_lambda"}, "AWS::Lambda::Function"),
        ({"cloud.platform": "gcp_cloud_run"}, ""),
    ],
)
def test_node_has_the_type_of_its_platform(attributes: dict[str, str], kind: str) -> None:
    """X-Ray's word wins over the detectors'."""
    assert service_node(Resource({"service.name": "web", **attributes})) == NodeKey("web", kind)


def test_sender_without_a_name_is_unknown() -> None:
    """By OpenTelemetry's word."""
    assert service_node(Resource()) == ("unknown_service", "")


def test_root_enters_a_service_and_has_no_parent_if_any_span_does() -> None:
    """Then one that enters, then the earliest."""
    local, orphan, first, later = span(1, 9), span(2, 9, start=1, kind=2), span(3, start=2), span(4, start=3)
    assert root_of([local, orphan, later, first]) is first
    assert root_of([local, orphan]) is orphan
    assert root_of([span(5, 9, start=1), local]) is local


def test_annotations_are_what_the_sender_marked() -> None:
    """Under its own keys, though a convention has taken one; texts of X-Ray and OpenTelemetry."""
    [row] = sent(segment("web", 1, 0, 1, annotations={"tenant": "acme", "url.full": "x", "n": 3}))
    assert annotations_of(row) == {"tenant": "acme", "url.full": "x", "n": "3"}
    assert annotations_of(span(1, attributes={"aws.xray.annotations": ["a", "b"], "a": 1})) == {"a": "1"}
