"""Services: what they are, their deployments, their history."""

from datetime import timedelta
from typing import Any

from taskscope.sources.watch.services import ServicesLook
from tests.unit.sources.watch.conftest import CLUSTER, REGION, START, MemoryAws, MemoryOutlet, Time

_ARN = f"{REGION}:service/prod/web"


def _event(number: int, *, seconds: int | None = None) -> dict[str, Any]:
    at = START + timedelta(seconds=number if seconds is None else seconds)
    return {"id": f"event-{number}", "createdAt": at, "message": f"(service web) message {number}"}


def _service(*events: dict[str, Any], running: int = 1, rollout: str = "IN_PROGRESS", **more: Any) -> dict[str, Any]:
    deployment = {"id": "ecs-svc/1", "rolloutState": rollout, "updatedAt": START, "runningCount": running}
    return {
        "serviceArn": _ARN,
        "serviceName": "web",
        "clusterArn": CLUSTER,
        "status": "ACTIVE",
        "desiredCount": 2,
        "runningCount": running,
        "deployments": [deployment],
        "events": list(reversed(events)),
        **more,
    }


def _kinds(outlet: MemoryOutlet) -> list[str]:
    return [each["detail-type"] for each in outlet.take()]


def test_a_service_comes_with_its_deployments_and_history(aws: MemoryAws, outlet: MemoryOutlet, time: Time) -> None:
    """The history oldest first, and not in the service's own document."""
    aws.held_services = {_ARN: _service(_event(1), _event(2))}
    ServicesLook(aws, CLUSTER, outlet, time).look()

    service, deployment, *events = outlet.take()
    assert service["detail-type"] == "ECS Service"
    assert "events" not in service["detail"]
    assert deployment["detail"]["eventName"] == "SERVICE_DEPLOYMENT_IN_PROGRESS"
    assert [each["id"] for each in events] == ["event-1", "event-2"]


def test_only_what_is_new_is_given_away(aws: MemoryAws, outlet: MemoryOutlet, time: Time) -> None:
    """Counts make a new version of the service, an event is told by itself, a deployment when its state changes."""
    aws.held_services = {_ARN: _service(_event(1))}
    ServicesLook(aws, CLUSTER, outlet, time).look()
    outlet.take()

    look = ServicesLook(aws, CLUSTER, outlet, time)
    look.look()
    assert _kinds(outlet) == []
    aws.held_services = {_ARN: _service(_event(1), _event(2, seconds=1))}
    look.look()
    assert _kinds(outlet) == ["ECS Service Event"]
    aws.held_services = {_ARN: _service(_event(1), _event(2, seconds=1), running=2)}
    look.look()
    assert _kinds(outlet) == ["ECS Service"]
    aws.held_services = {_ARN: _service(_event(1), _event(2, seconds=1), running=2, rollout="COMPLETED")}
    look.look()
    assert _kinds(outlet) == ["ECS Service", "ECS Deployment State Change"]


def test_a_service_that_is_deleted_is_described_once_more(aws: MemoryAws, outlet: MemoryOutlet, time: Time) -> None:
    """ECS tells INACTIVE for a while."""
    aws.held_services = {_ARN: _service()}
    look = ServicesLook(aws, CLUSTER, outlet, time)
    look.look()
    outlet.take()
    aws.held_services = {_ARN: _service(status="INACTIVE")}
    look.look()
    [gone] = outlet.take()
    calls = len(aws.calls)
    look.look()

    assert gone["detail"]["status"] == "INACTIVE"
    assert aws.calls[calls:] == ["ListServices"]


def test_ten_services_are_described_at_once(aws: MemoryAws, outlet: MemoryOutlet, time: Time) -> None:
    """AWS takes no more."""
    aws.held_services = {f"{_ARN}-{number}": _service(serviceArn=f"{_ARN}-{number}") for number in range(25)}
    ServicesLook(aws, CLUSTER, outlet, time).look()

    assert aws.calls.count("DescribeServices") == 3
    assert _kinds(outlet).count("ECS Service") == 25
