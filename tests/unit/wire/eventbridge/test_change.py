"""Events about ECS objects."""

from typing import Any

import pytest

from taskscope.errors import MalformedPayloadError
from taskscope.model.change import EcsChange, Subject
from taskscope.wire.eventbridge.change import read_change

SERVICE = "arn:aws:ecs:eu-west-1:111122223333:service/shop/api"
CLUSTER = "arn:aws:ecs:eu-west-1:111122223333:cluster/shop"
TASK = "arn:aws:ecs:eu-west-1:111122223333:task/shop/9a7d"
ENVELOPE_NS = 1_710_277_205_000_000_000


def _event(kind: str, detail: dict[str, Any], **envelope: Any) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "5d0c",
        "detail-type": kind,
        "source": "aws.ecs",
        "account": "111122223333",
        "time": "2024-03-12T21:00:05Z",
        "region": "eu-west-1",
        "resources": [SERVICE],
        "detail": detail,
        **envelope,
    }


def test_task_has_its_status_version_and_service() -> None:
    """The service is in its group, the exact time in the detail."""
    detail = {
        "taskArn": TASK,
        "clusterArn": CLUSTER,
        "group": "service:api",
        "lastStatus": "STOPPED",
        "version": 6,
        "updatedAt": "2024-03-12T21:00:05.700Z",
        "createdAt": "2024-03-12T20:58:36.000Z",
    }

    assert read_change(_event("ECS Task State Change", detail, resources=[TASK])) == EcsChange(
        subject=Subject.TASK,
        arn=TASK,
        version=6,
        time_ns=ENVELOPE_NS + 700_000_000,
        cluster_arn=CLUSTER,
        account="111122223333",
        region="eu-west-1",
        event_id="5d0c",
        name="STOPPED",
        service_arn=SERVICE,
        document=detail,
    )


def test_task_of_no_service_has_none() -> None:
    """Its group is the family."""
    detail = {"taskArn": TASK, "clusterArn": CLUSTER, "group": "family:batch", "version": 1}

    change = read_change(_event("ECS Task State Change", detail))

    assert (change.service_arn, change.name, change.time_ns) == ("", "", ENVELOPE_NS)


def test_service_action_is_a_service_event() -> None:
    """It has no version, so its time in milliseconds is one."""
    detail = {
        "eventType": "INFO",
        "eventName": "SERVICE_STEADY_STATE",
        "clusterArn": CLUSTER,
        "createdAt": "2024-03-12T21:00:04.123Z",
    }

    change = read_change(_event("ECS Service Action", detail))

    assert (change.subject, change.arn, change.service_arn) == (Subject.SERVICE_EVENT, SERVICE, SERVICE)
    assert (change.name, change.version, change.cluster_arn) == ("SERVICE_STEADY_STATE", 1_710_277_204_123, CLUSTER)


def test_deployment_is_named_by_its_id_in_the_cluster_of_its_service() -> None:
    """The detail does not name the cluster."""
    detail = {
        "eventType": "ERROR",
        "eventName": "SERVICE_DEPLOYMENT_FAILED",
        "deploymentId": "ecs-svc/1234567890123456789",
        "updatedAt": "2024-03-12T21:04:59Z",
        "reason": "ECS deployment circuit breaker: tasks failed to start.",
    }

    change = read_change(_event("ECS Deployment State Change", detail))

    assert (change.subject, change.arn) == (Subject.DEPLOYMENT, "ecs-svc/1234567890123456789")
    assert (change.name, change.cluster_arn, change.service_arn) == ("SERVICE_DEPLOYMENT_FAILED", CLUSTER, SERVICE)
    assert change.version == 1_710_277_499_000


def test_cluster_is_unknown_where_the_service_has_an_old_arn() -> None:
    """``service/<name>`` does not say."""
    old = "arn:aws:ecs:eu-west-1:111122223333:service/api"
    detail = {"eventName": "E", "deploymentId": "ecs-svc/1"}

    assert read_change(_event("ECS Deployment State Change", detail, resources=[old])).cluster_arn == ""


def test_container_instance_has_its_status() -> None:
    """And a version of its own."""
    arn = "arn:aws:ecs:eu-west-1:111122223333:container-instance/shop/ab"
    detail = {"containerInstanceArn": arn, "clusterArn": CLUSTER, "status": "DRAINING", "version": 17}

    change = read_change(_event("ECS Container Instance State Change", detail))

    assert (change.subject, change.arn, change.name, change.version) == (
        Subject.CONTAINER_INSTANCE,
        arn,
        "DRAINING",
        17,
    )


def test_account_and_region_of_a_copy_are_those_of_its_arns() -> None:
    """Some targets drop them from the envelope."""
    event = _event("ECS Task State Change", {"taskArn": TASK, "clusterArn": CLUSTER, "version": 1})
    del event["account"], event["region"]

    change = read_change(event)

    assert (change.account, change.region) == ("111122223333", "eu-west-1")


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (_event("ECS Task State Change", {}), "no taskArn"),
        (_event("ECS Task State Change", {"taskArn": 7}), "no taskArn"),
        (_event("ECS Service Action", {"eventName": "E"}, resources=[]), "no service"),
        (_event("ECS Service Action", {"eventName": "E"}, resources=[7]), "no service"),
        (_event("ECS Service Action", {}), "no eventName"),
        (_event("ECS Deployment State Change", {"eventName": "E"}), "no deploymentId"),
        (_event("ECS Container Instance State Change", {}), "no containerInstanceArn"),
        (_event("ECS Task State Change", {"taskArn": TASK, "updatedAt": "soon"}), "'soon' is no time"),
        (_event("ECS Task State Change", {"taskArn": TASK}, time=7), "'7' is no time"),
        (_event("EC2 Spot Interruption", {}), "'EC2 Spot Interruption' are not about ECS"),
    ],
)
def test_what_is_missing_is_named(event: dict[str, Any], reason: str) -> None:
    """So that the quarantine says what came."""
    with pytest.raises(MalformedPayloadError, match=reason):
        read_change(event)
