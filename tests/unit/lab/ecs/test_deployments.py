from collections.abc import Callable
from typing import Any

import pytest

from taskscope.lab.ecs.deployments import threshold

Play = Callable[..., None]


def breaker(*, rollback: bool) -> dict[str, Any]:
    """Switch the circuit breaker on."""
    return {"deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": True, "rollback": rollback}}}


def deployment_events(plane: Any) -> list[str]:
    """Names of the deployment events so far."""
    return [e["detail"]["eventName"] for e in plane.events if e["detail-type"] == "ECS Deployment State Change"]


@pytest.mark.parametrize(("desired", "failures"), [(1, 3), (7, 4), (10, 5), (1000, 200)])
def test_the_threshold_is_half_of_the_tasks_within_bounds(desired: int, failures: int) -> None:
    """Rounded up, at least 3, at most 200."""
    assert threshold(desired) == failures


def test_a_bad_deployment_rolls_back(play: Play) -> None:
    """After three failures the last completed deployment is PRIMARY again; its tasks ran all the time."""

    async def story(plane: Any) -> None:
        plane.define()
        plane.call("CreateService", serviceName="web", taskDefinition="web", desiredCount=1, **breaker(rollback=True))
        await plane.steady()
        [good] = plane.service_named()["deployments"]
        [task] = plane.call("ListTasks", serviceName="web")["taskArns"]
        plane.define(image="cannot_pull")
        plane.call("UpdateService", service="web", taskDefinition="web:2")
        await plane.until(lambda: any("rolling back to deployment" in each for each in plane.messages()))
        await plane.until(lambda: [d["rolloutState"] for d in plane.service_named()["deployments"]] == ["COMPLETED"])
        service = plane.service_named()
        assert service["deployments"][0]["id"] == good["id"]
        assert service["taskDefinition"].endswith("web:1")
        assert plane.call("ListTasks", serviceName="web")["taskArns"] == [task]
        messages = plane.messages()
        failed = next(i for i, each in enumerate(messages) if "deployment failed: tasks failed to start." in each)
        assert "rolling back to" in messages[failed - 1]
        assert good["id"] in messages[failed - 1]
        assert deployment_events(plane) == [
            "SERVICE_DEPLOYMENT_IN_PROGRESS",
            "SERVICE_DEPLOYMENT_COMPLETED",
            "SERVICE_DEPLOYMENT_IN_PROGRESS",
            "SERVICE_DEPLOYMENT_FAILED",
            "SERVICE_DEPLOYMENT_IN_PROGRESS",
            "SERVICE_DEPLOYMENT_COMPLETED",
        ]

    play(story)


def test_without_rollback_a_failed_deployment_stays(play: Play) -> None:
    """FAILED, with AWS's reason; no further task is started."""

    async def story(plane: Any) -> None:
        plane.define(image="cannot_pull")
        plane.call("CreateService", serviceName="web", taskDefinition="web", desiredCount=1, **breaker(rollback=True))
        await plane.until(lambda: plane.service_named()["deployments"][0]["rolloutState"] == "FAILED")
        [deployment] = plane.service_named()["deployments"]
        assert deployment["rolloutStateReason"] == "ECS deployment circuit breaker: tasks failed to start."
        assert deployment["failedTasks"] == 3
        assert len(plane.call("ListTasks", serviceName="web", desiredStatus="STOPPED")["taskArns"]) == 3
        assert plane.call("ListTasks", serviceName="web")["taskArns"] == []
        [event] = [e for e in plane.events if e["detail"].get("eventName") == "SERVICE_DEPLOYMENT_FAILED"]
        assert event["detail"]["eventType"] == "ERROR"
        assert event["resources"] == [plane.service_named()["serviceArn"]]
        assert "clusterArn" not in event["detail"]

    play(story)


def test_failing_health_checks_trip_the_breaker_too(play: Play) -> None:
    """Tasks that run and then turn out unhealthy count."""

    async def story(plane: Any) -> None:
        plane.define(image="falls_ill", healthCheck={"command": ["CMD", "true"]})
        plane.call("CreateService", serviceName="web", taskDefinition="web", desiredCount=1, **breaker(rollback=False))
        await plane.until(lambda: plane.service_named()["deployments"][0]["rolloutState"] == "FAILED")

    play(story)


def test_a_service_with_a_health_check_is_steady_once_its_tasks_are_healthy(play: Play) -> None:
    """UNKNOWN is not enough."""

    async def story(plane: Any) -> None:
        check = {"healthCheck": {"command": ["CMD", "true"]}}
        plane.define("ill", image="runs", **check)
        plane.define("web", image="stays_well", **check)
        for name in ("ill", "web"):
            plane.call("CreateService", serviceName=name, taskDefinition=name, desiredCount=1)
        await plane.steady("web")
        await plane.until(lambda: plane.service_named("ill")["runningCount"] == 1)
        assert plane.service_named("ill")["deployments"][0]["rolloutState"] == "IN_PROGRESS"

    play(story)


def test_the_history_tells_of_each_deployment(play: Play) -> None:
    """ListServiceDeployments is newest first; each names the revision that it deployed."""

    async def story(plane: Any) -> None:
        plane.define()
        plane.call("CreateService", serviceName="web", taskDefinition="web", desiredCount=1, **breaker(rollback=True))
        await plane.steady()
        plane.define(image="cannot_pull")
        plane.call("UpdateService", service="web", taskDefinition="web")
        brief = plane.call("ListServiceDeployments", service="web", status=["SUCCESSFUL"])["serviceDeployments"]
        assert len(brief) == 1
        await plane.until(
            lambda: (
                plane.call("ListServiceDeployments", service="web")["serviceDeployments"][0]["status"]
                == "ROLLBACK_SUCCESSFUL"
            )
        )
        newest = plane.call("ListServiceDeployments", service="web", maxResults=1)
        [first] = newest["serviceDeployments"]
        [last] = plane.call("ListServiceDeployments", service="web", nextToken=newest["nextToken"])[
            "serviceDeployments"
        ]
        assert (first["createdAt"] > last["createdAt"], last["status"]) == (True, "SUCCESSFUL")
        answer = plane.call(
            "DescribeServiceDeployments", serviceDeploymentArns=[first["serviceDeploymentArn"], "arn:none"]
        )
        [deployment] = answer["serviceDeployments"]
        assert answer["failures"] == [{"arn": "arn:none", "reason": "MISSING"}]
        assert deployment["deploymentCircuitBreaker"] == {"status": "TRIGGERED", "failureCount": 3, "threshold": 3}
        assert deployment["rollback"]["serviceRevisionArn"] == last["targetServiceRevisionArn"]
        [revision] = plane.call("DescribeServiceRevisions", serviceRevisionArns=[first["targetServiceRevisionArn"]])[
            "serviceRevisions"
        ]
        assert revision["taskDefinition"].endswith("web:2")
        assert revision["containerImages"][0]["image"] == "cannot_pull"

    play(story)
