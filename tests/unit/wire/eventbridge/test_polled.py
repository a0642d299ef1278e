"""Objects of AWS's API in envelopes: read back as the changes that they are."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from taskscope.clock import MILLISECOND, from_datetime
from taskscope.lab.ecs import eventbridge
from taskscope.lab.ecs.arns import Names
from taskscope.model.change import Subject
from taskscope.wire.eventbridge import polled
from taskscope.wire.eventbridge.change import read_change

_REGION = "arn:aws:ecs:eu-west-1:123456789012"
_CLUSTER = f"{_REGION}:cluster/prod"
_AT = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
_NS = from_datetime(_AT)
_NAMES = Names("eu-west-1", "123456789012")


def _task(**more: Any) -> dict[str, Any]:
    return {
        "taskArn": f"{_REGION}:task/prod/1",
        "clusterArn": _CLUSTER,
        "group": "service:web",
        "version": 4,
        "lastStatus": "RUNNING",
        "createdAt": _AT - timedelta(seconds=9),
        "startedAt": _AT.astimezone(timezone(timedelta(hours=2))),
        "healthStatus": "HEALTHY",
        "stoppingAt": None,
        "containers": [{"name": "app", "healthStatus": "HEALTHY"}],
        "attachments": [],
        **more,
    }


def _service(**more: Any) -> dict[str, Any]:
    return {"serviceArn": f"{_REGION}:service/prod/web", "clusterArn": _CLUSTER, "status": "ACTIVE", **more}


def test_a_task_is_the_same_version_as_eventbridge_tells() -> None:
    """So that both are one row; the poll's is richer by the health of containers."""
    told = read_change(eventbridge.task_change(_NAMES, _task(), _AT))
    seen = read_change(polled.task(_task()))

    same = ("subject", "arn", "version", "cluster_arn", "account", "region", "name", "service_arn", "time_ns")
    assert [getattr(seen, name) for name in same] == [getattr(told, name) for name in same]
    assert seen.event_id == f"watch:{_REGION}:task/prod/1@4"
    assert seen.document["startedAt"] == "2026-03-01T12:00:00.250Z"  # of whatever zone the SDK gives
    assert seen.document["containers"][0]["healthStatus"] == "HEALTHY"
    assert "stoppingAt" not in seen.document


def test_a_deployment_is_the_same_version_as_eventbridge_tells() -> None:
    """EventBridge tells its time to the second."""
    deployment = {"id": "ecs-svc/7", "rolloutState": "COMPLETED", "rolloutStateReason": "done", "updatedAt": _AT}
    told = read_change(
        eventbridge.deployment_change(_NAMES, _service(), deployment, "SERVICE_DEPLOYMENT_COMPLETED", _AT)
    )
    envelope = polled.deployment(_service(), deployment)
    assert envelope is not None
    seen = read_change(envelope)

    same = ("subject", "arn", "version", "time_ns", "name", "service_arn", "cluster_arn")
    assert [getattr(seen, name) for name in same] == [getattr(told, name) for name in same]
    assert seen.document["reason"] == "done"
    assert polled.deployment(_service(), {"id": "ecs-svc/8"}) is None


def test_a_service_is_a_version_of_the_moment_it_was_seen() -> None:
    """ECS does not say when a service changed; its events are not part of it."""
    seen = read_change(polled.service(_service(events=[{"id": "x"}], runningCount=2), seen_ns=_NS))

    assert (seen.subject, seen.name, seen.version, seen.time_ns) == (Subject.SERVICE, "ACTIVE", _NS // MILLISECOND, _NS)
    assert seen.document == {"serviceArn": seen.arn, "clusterArn": _CLUSTER, "status": "ACTIVE", "runningCount": 2}


def test_a_line_of_a_services_history_has_ecs_own_id() -> None:
    """The same whenever it is read."""
    event = {"id": "event-1", "createdAt": _AT, "message": "(service web) has reached a steady state."}
    seen = read_change(polled.service_event(_service(), event))

    assert (seen.subject, seen.event_id, seen.time_ns, seen.name) == (Subject.SERVICE_EVENT, "event-1", _NS, "")
    assert seen.arn == seen.service_arn == f"{_REGION}:service/prod/web"
    assert seen.document["message"] == event["message"]


def test_clusters_and_instances_are_read() -> None:
    """An instance as its state change; a cluster as it was seen."""
    arn = f"{_REGION}:container-instance/prod/1"
    instance = read_change(
        polled.container_instance(
            {"containerInstanceArn": arn, "version": 9, "status": "DRAINING"}, _CLUSTER, seen_ns=_NS
        )
    )
    cluster = read_change(polled.cluster({"clusterArn": _CLUSTER, "status": "ACTIVE"}, seen_ns=_NS))

    assert instance.subject == Subject.CONTAINER_INSTANCE
    assert (instance.arn, instance.version, instance.name, instance.cluster_arn) == (arn, 9, "DRAINING", _CLUSTER)
    assert (cluster.subject, cluster.arn, cluster.cluster_arn, cluster.name) == (
        Subject.CLUSTER,
        _CLUSTER,
        _CLUSTER,
        "ACTIVE",
    )


@pytest.mark.parametrize(
    ("dimensions", "cluster", "service"),
    [
        ({"ClusterName": "prod", "ServiceName": "web"}, _CLUSTER, f"{_REGION}:service/prod/web"),
        ({"ClusterName": "prod"}, _CLUSTER, ""),
        ({"FunctionName": "f"}, "", ""),
    ],
)
def test_an_alarm_concerns_what_its_dimensions_name(dimensions: dict[str, str], cluster: str, service: str) -> None:
    """In its own account and region; its version is when it changed."""
    alarm = {
        "AlarmArn": "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:cpu",
        "StateValue": "ALARM",
        "StateUpdatedTimestamp": _AT,
        "AlarmConfigurationUpdatedTimestamp": _AT - timedelta(days=1),
        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
    }
    seen = read_change(polled.alarm(alarm))
    gone = read_change(polled.alarm_gone(alarm["AlarmArn"], dimensions, seen_ns=_NS + MILLISECOND))  # type: ignore[arg-type]  # a text

    assert (seen.subject, seen.name, seen.version) == (Subject.ALARM, "ALARM", _NS // MILLISECOND)
    assert (seen.cluster_arn, seen.service_arn) == (gone.cluster_arn, gone.service_arn) == (cluster, service)
    assert (gone.arn, gone.name, gone.version) == (seen.arn, "DELETED", seen.version + 1)
