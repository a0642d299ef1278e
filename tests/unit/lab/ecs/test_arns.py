import re

import pytest

from taskscope.lab.ecs import arns

NAMES = arns.Names("eu-west-1", "123456789012")


@pytest.mark.parametrize(
    ("region", "partition"), [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_the_partition_follows_the_region(region: str, partition: str) -> None:
    """China and GovCloud have their own."""
    assert arns.Names(region, "1").cluster("a") == f"arn:{partition}:ecs:{region}:1:cluster/a"


@pytest.mark.parametrize(
    ("made", "form"),
    [
        (arns.task_id(), r"[0-9a-f]{32}"),
        (arns.deployment_id(), r"ecs-svc/[1-9]\d{18}"),
        (arns.uuid(), r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}"),
        (arns.image_digest("a"), r"sha256:[0-9a-f]{64}"),
        (NAMES.container("c", "t"), r"arn:aws:ecs:eu-west-1:123456789012:container/c/t/[0-9a-f-]{36}"),
        (NAMES.service_revision("c", "s"), r"arn:aws:ecs:eu-west-1:123456789012:service-revision/c/s/\d{19}"),
    ],
    ids=["task", "deployment", "uuid", "digest", "container", "revision"],
)
def test_ids_have_the_form_of_aws(made: str, form: str) -> None:
    """Length and alphabet are exact."""
    assert re.fullmatch(form, made)


def test_arns_are_taken_apart() -> None:
    """Type, cluster and name; the old short format has no cluster; other texts have no type."""
    task = NAMES.task("shop", "1f")
    assert (arns.resource_type(task), arns.cluster_of(task), arns.short_name(task)) == ("task", "shop", "1f")
    assert arns.cluster_of("arn:aws:ecs:eu-west-1:1:task/1f") == ""
    assert arns.resource_type("web") == arns.resource_type("arn:aws:s3:::web") == ""


def test_this_machine_has_one_arn_in_each_cluster() -> None:
    """It stays the same, so that a client may keep it."""
    assert NAMES.container_instance("a") == NAMES.container_instance("a") != NAMES.container_instance("b")
