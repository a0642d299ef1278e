"""Where a segment ran, as a resource."""

import pytest

from taskscope.model.attributes import AttributeValue
from tests.unit.wire.xray.documents import segment, spans_of


def _resource(**members: object) -> dict[str, AttributeValue]:
    return dict(spans_of(segment(**members))[0].resource.attributes)


def test_ecs_and_log_groups_have_the_names_of_the_conventions() -> None:
    """What the segment says of its task can be searched for like that of any OpenTelemetry sender."""
    aws = {
        "account_id": "111122223333",
        "ecs": {"container": "api", "container_id": "c0ffee", "task_arn": "arn:task", "cluster_arn": "arn:cluster"},
        "cloudwatch_logs": [{"log_group": "/ecs/shop", "arn": "arn:logs"}],
        "xray": {"sdk": "opentelemetry for python", "sdk_version": "1.44"},
    }

    attributes = _resource(aws=aws, origin="AWS::ECS::Fargate", resource_arn="arn:r", service={"version": 12})

    assert (
        attributes.items()
        >= {
            "service.name": "shop-web",
            "service.version": "12",
            "cloud.provider": "aws",
            "cloud.platform": "aws_ecs",
            "cloud.account.id": "111122223333",
            "cloud.resource_id": "arn:r",
            "aws.ecs.launchtype": "fargate",
            "aws.ecs.task.arn": "arn:task",
            "aws.ecs.cluster.arn": "arn:cluster",
            "container.name": "api",
            "container.id": "c0ffee",
            "telemetry.sdk.language": "python",
        }.items()
    )
    assert attributes["aws.log.group.names"] == ["/ecs/shop"]
    assert attributes["aws.log.group.arns"] == ["arn:logs"]


def test_xray_sdk_calls_the_host_a_container() -> None:
    """X-Ray's own SDKs write the host's name where others write the container's."""
    attributes = _resource(aws={"ecs": {"container": "ip-10-0-1-23"}, "xray": {"sdk": "X-Ray for Java"}})

    assert attributes["host.name"] == "ip-10-0-1-23"
    assert attributes["telemetry.sdk.language"] == "java"
    assert "container.name" not in attributes


@pytest.mark.parametrize(
    ("origin", "platform"),
    [
        ("AWS::EC2::Instance", "aws_ec2"),
        ("AWS::EKS::Container", "aws_eks"),
        ("AWS::Lambda::Function", "aws_lambda"),
        ("AWS::Lambda", "aws_lambda"),
        ("AWS::AppRunner::Service", "aws_app_runner"),
        ("AWS::ElasticBeanstalk::Environment", "aws_elastic_beanstalk"),
        ("AWS::DynamoDB::Table", None),
        ("client", None),
    ],
)
def test_origin_names_the_platform(origin: str, platform: str | None) -> None:
    """Where there is a platform of that name."""
    assert _resource(origin=origin).get("cloud.platform") == platform


@pytest.mark.parametrize(
    "odd", [7, None, [], "text", {"ecs": 7, "xray": [], "cloudwatch_logs": [7, {"arn": 1}]}, {"xray": {"sdk": 7}}]
)
def test_odd_blocks_make_no_resource_and_no_harm(odd: object) -> None:
    """A block of another shape is kept as text, and nothing is made of it."""
    attributes = _resource(aws=odd or "", service=odd or "")

    assert not {name for name in attributes if name.startswith(("container.", "host.", "aws.ecs.", "aws.log."))}


def test_a_segment_without_a_name_has_no_service() -> None:
    """Nothing is made up."""
    assert "service.name" not in _resource(name=None)
