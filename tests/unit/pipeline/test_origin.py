"""What a task adds to telemetry, from both forms in which ECS describes it."""

import json
from pathlib import Path
from typing import Any

import pytest

from taskscope.model.attributes import Attributes
from taskscope.model.resource import Resource
from taskscope.pipeline.origin import from_metadata, from_task

_FIXTURES = Path(__file__).parents[2] / "fixtures"
_TASK = "arn:aws:ecs:us-east-1:123456789012:task/demo/0f18d54652864007b629499ebb1eb019"


def _metadata(**changes: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((_FIXTURES / "tmde" / "v4_task.json").read_text())
    return document | changes


def _bridge() -> dict[str, Any]:
    document = _metadata(LaunchType="EC2")
    for number, each in enumerate(document["Containers"]):
        each["Networks"] = [{"NetworkMode": "bridge", "IPv4Addresses": [f"172.17.0.{number + 2}"]}]
    return document


def _added(said: Attributes, sender: str = "127.0.0.1", document: dict[str, Any] | None = None) -> Attributes:
    return from_metadata(document or _metadata()).add_to(Resource(said), sender).attributes


def test_recorded_metadata_become_opentelemetrys_attributes() -> None:
    """The short name of the cluster becomes its ARN, the launch type lower case, the family the service's name."""
    assert _added({}) == {
        "cloud.provider": "aws",
        "cloud.platform": "aws_ecs",
        "cloud.region": "us-east-1",
        "cloud.account.id": "123456789012",
        "cloud.availability_zone": "us-east-1a",
        "aws.ecs.cluster.arn": "arn:aws:ecs:us-east-1:123456789012:cluster/demo",
        "aws.ecs.task.arn": _TASK,
        "aws.ecs.task.id": "0f18d54652864007b629499ebb1eb019",
        "aws.ecs.task.family": "otelshop",
        "aws.ecs.task.revision": "3",
        "aws.ecs.launchtype": "fargate",
        "service.name": "otelshop",
    }


def test_cluster_that_is_an_arn_stays_one() -> None:
    """Fargate tells it so."""
    arn = "arn:aws:ecs:us-east-1:123456789012:cluster/demo"

    assert _added({}, document=_metadata(Cluster=arn))["aws.ecs.cluster.arn"] == arn


def test_senders_word_wins() -> None:
    """What it says of itself is never replaced; only an unknown service is."""
    said = {"service.name": "web", "cloud.region": "elsewhere", "cloud.platform": "aws_ec2"}

    assert {key: value for key, value in _added(said).items() if key in said} == said
    assert _added({"service.name": "unknown_service:python"})["service.name"] == "otelshop"


@pytest.mark.parametrize("said", [{"aws.ecs.task.arn": "arn:other"}, {"cloud.platform": "aws_lambda"}])
def test_telemetry_of_elsewhere_only_passes_through(said: Attributes) -> None:
    """A router in the task may send for others, who have said who they are."""
    resource = Resource(said)

    assert from_metadata(_metadata()).add_to(resource, "127.0.0.1") is resource


def test_container_is_known_by_what_the_sender_says() -> None:
    """StatsD clients give the id, FireLens the name."""
    [app, probe] = _metadata()["Containers"]

    by_id = _added({"container.id": probe["DockerId"]})
    by_name = _added({"container.name": "app"})

    assert (by_id["container.name"], by_id["aws.ecs.container.arn"]) == ("probe", probe["ContainerARN"])
    assert (by_name["container.id"], by_name["aws.ecs.container.arn"]) == (app["DockerId"], app["ContainerARN"])
    assert "container.name" not in _added({"container.id": "of nobody here"})


def test_container_is_known_by_an_address_of_its_own() -> None:
    """In bridge mode; where containers share one, nobody can tell which it was."""
    assert _added({}, "172.17.0.3", _bridge())["container.name"] == "probe"
    assert "container.name" not in _added({}, "10.0.1.23")
    assert "container.name" not in _added({}, "127.0.0.1", _bridge())


def test_only_containers_of_the_task_definition_count() -> None:
    """The pause container holds the network and sends nothing."""
    document = _bridge()
    document["Containers"][1]["Type"] = "CNI_PAUSE"

    assert from_metadata(document).addresses == {"172.17.0.2"}


def test_state_change_tells_the_same() -> None:
    """The recorded change of a task that runs, with the address of its interface."""
    changes = json.loads((_FIXTURES / "ecs" / "task_state_change_synthetic.json").read_text())
    detail = next(each["detail"] for each in changes if each["detail"]["lastStatus"] == "RUNNING")
    detail["attachments"] = [
        {
            "type": "eni",
            "details": [{"name": "subnetId", "value": "s"}, {"name": "privateIPv4Address", "value": "10.1.2.3"}],
        }
    ]

    origin = from_task(detail)

    assert origin.addresses == {"10.1.2.3"}
    assert origin.attributes["aws.ecs.task.arn"] == detail["taskArn"]
    assert origin.attributes["aws.ecs.cluster.arn"] == detail["clusterArn"]
    family, revision = detail["taskDefinitionArn"].rpartition("/")[2].split(":")
    assert (origin.attributes["aws.ecs.task.family"], origin.attributes["aws.ecs.task.revision"]) == (family, revision)
    assert set(origin.containers) >= {each["name"] for each in detail["containers"]}
