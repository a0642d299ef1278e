"""Which node of the service map a span belongs to, and whether it enters or calls one."""

from collections.abc import Mapping
from typing import Final

from taskscope.model.ids import SPAN_ID_BYTES
from taskscope.model.resource import Resource
from taskscope.model.service_map import NodeKey
from taskscope.model.span import Span, SpanKind
from taskscope.query.rules.attributes import DOCUMENT, ORIGIN, attribute, first_of

_PLATFORMS: Final[Mapping[str, str]] = {
    "aws_app_runner": "AWS::AppRunner::Service",
    "aws_ec2": "AWS::EC2::Instance",
    "aws_ecs": "AWS::ECS::Container",
    "aws_eks": "AWS::EKS::Container",
    "aws_elastic_beanstalk": "AWS::ElasticBeanstalk::Environment",
    "aws_lambda": "AWS::Lambda::Function",
}
_LAUNCH_TYPES: Final[Mapping[str, str]] = {"ec2": "AWS::ECS::EC2", "fargate": "AWS::ECS::Fargate"}
_NO_ID: Final = bytes(SPAN_ID_BYTES)
_ENTERING: Final = (SpanKind.SERVER, SpanKind.CONSUMER)
_CALLING: Final = (SpanKind.CLIENT, SpanKind.PRODUCER)


def is_entry(span: Span) -> bool:
    """
    Whether a span enters its service, by itself: what X-Ray sends as a segment, and a server's, consumer's or first
    span of other senders. In a whole trace a span whose parent belongs to another node enters as well.
    """
    document = attribute(span, DOCUMENT)
    if document:
        return document == "segment"
    return span.kind in _ENTERING or not has_parent(span)


def is_inside(span: Span) -> bool:
    """Whether a span is an X-Ray subsegment: it belongs to the node of its parent, whatever its resource says."""
    return attribute(span, DOCUMENT) not in ("", "segment")


def has_parent(span: Span) -> bool:
    """Whether a span names a parent."""
    return len(span.parent_span_id) == SPAN_ID_BYTES and span.parent_span_id != _NO_ID


def is_call(span: Span) -> bool:
    """Whether a span is the caller's side of a call."""
    return span.kind in _CALLING


def service_node(resource: Resource) -> NodeKey:
    """Return the node of whoever sent a span: its service, and what runs it."""
    return NodeKey(resource.service_name, _type(resource))


def _type(resource: Resource) -> str:
    attributes = resource.attributes
    if origin := first_of(attributes, ORIGIN):
        return origin
    if first_of(attributes, "cloud.provider") not in ("", "aws"):
        return ""
    platform = first_of(attributes, "cloud.platform")
    if platform == "aws_ecs":
        launch_type = first_of(attributes, "aws.ecs.launchtype", "aws.ecs.launch_type").lower()
        return _LAUNCH_TYPES.get(launch_type, _PLATFORMS[platform])
    return _PLATFORMS.get(platform, "")
