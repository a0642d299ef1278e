from collections.abc import Callable
from typing import Any

import pytest

from taskscope.lab.gateway.service import ApiError

Play = Callable[..., None]
NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}


def refused(plane: Any, operation: str, **params: Any) -> str:
    """Call what must fail; return ``code: message``."""
    with pytest.raises(ApiError) as caught:
        plane.call(operation, **params)
    return str(caught.value)


def create(plane: Any, name: str = "web", **more: Any) -> Any:
    """Create a service without tasks."""
    plane.define(name)
    settings = {"serviceName": name, "taskDefinition": name, "desiredCount": 0, **more}
    return plane.call("CreateService", **settings)["service"]


def test_a_new_service_has_aws_defaults(play: Play) -> None:
    """100/200 percent, REPLICA, the ECS controller, no breaker."""

    async def story(plane: Any) -> None:
        service = create(plane)
        assert service["serviceArn"] == "arn:aws:ecs:eu-west-1:123456789012:service/default/web"
        configuration = service["deploymentConfiguration"]
        assert (configuration["minimumHealthyPercent"], configuration["maximumPercent"]) == (100, 200)
        assert configuration["deploymentCircuitBreaker"] == {"enable": False, "rollback": False}
        assert service["deploymentController"] == {"type": "ECS"}
        assert (service["schedulingStrategy"], service["launchType"]) == ("REPLICA", "EC2")

    play(story)


def test_what_create_service_refuses(play: Play) -> None:
    """The codes and, where AWS's are known, the sentences."""

    async def story(plane: Any) -> None:
        create(plane)
        assert refused(plane, "CreateService", serviceName="web", taskDefinition="web", desiredCount=0) == (
            "InvalidParameterException: Creation of service was not idempotent."
        )
        assert "TaskDefinition can not be blank." in refused(plane, "CreateService", serviceName="b", desiredCount=0)
        assert "TaskDefinition not found." in refused(
            plane, "CreateService", serviceName="b", taskDefinition="x", desiredCount=0
        )
        base = {"serviceName": "b", "taskDefinition": "web"}
        for bad in (
            {},
            {"desiredCount": -1},
            {"desiredCount": 1, "serviceName": "a b"},
            {"desiredCount": 1, "launchType": "FARGATE"},
            {"desiredCount": 1, "schedulingStrategy": "DAEMON"},
            {"desiredCount": 1, "deploymentConfiguration": {"minimumHealthyPercent": 100, "maximumPercent": 100}},
            {"desiredCount": 1, "deploymentConfiguration": {"maximumPercent": 50}},
        ):
            assert refused(plane, "CreateService", **base | bad).startswith("InvalidParameterException")
        for unsupported in (
            {"deploymentController": {"type": "CODE_DEPLOY"}},
            {"deploymentConfiguration": {"strategy": "BLUE_GREEN"}},
        ):
            params = base | {"desiredCount": 1} | unsupported
            assert refused(plane, "CreateService", **params).startswith("UnsupportedFeatureException")

    play(story)


def test_a_daemon_service_has_one_task(play: Play) -> None:
    """This machine is the only container instance."""

    async def story(plane: Any) -> None:
        plane.define()
        plane.call("CreateService", serviceName="web", taskDefinition="web", schedulingStrategy="DAEMON")
        await plane.steady()
        assert plane.service_named()["runningCount"] == 1

    play(story)


def test_describe_services_takes_ten_and_tells_what_is_missing(play: Play) -> None:
    """Names and ARNs; tags on demand."""

    async def story(plane: Any) -> None:
        service = create(plane, tags=[{"key": "a", "value": "b"}])
        answer = plane.call("DescribeServices", services=["web", service["serviceArn"], "nope"])
        assert [each["serviceName"] for each in answer["services"]] == ["web"]
        missing = "arn:aws:ecs:eu-west-1:123456789012:service/default/nope"
        assert answer["failures"] == [{"arn": missing, "reason": "MISSING"}]
        assert "tags" not in answer["services"][0]
        tagged = plane.call("DescribeServices", services=["web"], include=["TAGS"])["services"][0]
        assert tagged["tags"] == [{"key": "a", "value": "b"}]
        for bad in (["web"] * 11, []):
            assert refused(plane, "DescribeServices", services=bad).startswith("InvalidParameterException")

    play(story)


def test_list_services_has_ten_a_page(play: Play) -> None:
    """Unless more are asked for; by launch type and strategy."""

    async def story(plane: Any) -> None:
        for number in range(12):
            create(plane, f"s{number}")
        first = plane.call("ListServices")
        assert len(first["serviceArns"]) == 10
        assert len(plane.call("ListServices", nextToken=first["nextToken"])["serviceArns"]) == 2
        assert len(plane.call("ListServices", maxResults=100)["serviceArns"]) == 12
        assert plane.call("ListServices", launchType="FARGATE")["serviceArns"] == []
        assert plane.call("ListServices", schedulingStrategy="DAEMON")["serviceArns"] == []

    play(story)


def test_update_and_delete_of_services_that_are_not_there(play: Play) -> None:
    """Unknown: ServiceNotFoundException; deleted: ServiceNotActiveException for updates."""

    async def story(plane: Any) -> None:
        assert refused(plane, "UpdateService", service="web") == "ServiceNotFoundException: Service not found."
        assert refused(plane, "DeleteService", service="web") == "ServiceNotFoundException: Service not found."
        create(plane, desiredCount=1)
        assert refused(plane, "DeleteService", service="web") == (
            "InvalidParameterException: The service cannot be stopped while it is scaled above 0."
        )
        plane.call("DeleteService", service="web", force=True)
        assert refused(plane, "UpdateService", service="web") == ("ServiceNotActiveException: Service was not ACTIVE.")
        assert "still Draining" in refused(
            plane, "CreateService", serviceName="web", taskDefinition="web", desiredCount=0
        )
        await plane.until(lambda: plane.service_named()["status"] == "INACTIVE")
        assert refused(plane, "DeleteService", service="web").startswith("ServiceNotFoundException")

    play(story)


def test_a_new_count_is_told_to_eventbridge(play: Play) -> None:
    """SERVICE_DESIRED_COUNT_UPDATED, then the steady state."""

    async def story(plane: Any) -> None:
        create(plane)
        await plane.steady()
        plane.call("UpdateService", service="web", desiredCount=1)
        await plane.until(lambda: plane.messages()[0].endswith("steady state.") and len(plane.messages()) == 4)
        actions = [e["detail"] for e in plane.events if e["detail-type"] == "ECS Service Action"]
        assert [each["eventName"] for each in actions] == [
            "SERVICE_STEADY_STATE",
            "SERVICE_DESIRED_COUNT_UPDATED",
            "SERVICE_STEADY_STATE",
        ]
        assert actions[1]["desiredCount"] == 1

    play(story)


def test_tags_of_a_service_reach_its_tasks(play: Play) -> None:
    """propagateTags SERVICE, and AWS's own tags."""

    async def story(plane: Any) -> None:
        tags = [{"key": "a", "value": "b"}]
        create(plane, desiredCount=1, tags=tags, propagateTags="SERVICE", enableECSManagedTags=True)
        await plane.steady()
        [arn] = plane.call("ListTasks", serviceName="web")["taskArns"]
        found = plane.call("DescribeTasks", tasks=[arn], include=["TAGS"])["tasks"][0]["tags"]
        assert {each["key"]: each["value"] for each in found} == {
            "a": "b",
            "aws:ecs:clusterName": "default",
            "aws:ecs:serviceName": "web",
        }

    play(story)


def test_a_service_whose_tasks_cannot_be_made_is_refused(play: Play) -> None:
    """On creation and on update; otherwise its scheduler could never start one."""

    async def story(plane: Any) -> None:
        plane.define_for_fargate()
        good = {"taskDefinition": "far", "desiredCount": 1, "networkConfiguration": NETWORK}
        wrong: list[tuple[dict[str, Any], str]] = [
            ({"platformVersion": "9.9.9"}, "PlatformUnknownException"),
            ({"capacityProviderStrategy": [{"capacityProvider": "nope"}]}, "InvalidParameterException"),
        ]
        for params, code in wrong:
            with pytest.raises(ApiError, match=code):
                plane.call("CreateService", serviceName="bad", **good, **params)
        plane.call("CreateService", serviceName="web", **good)
        await plane.steady()
        for params, code in wrong:
            with pytest.raises(ApiError, match=code):
                plane.call("UpdateService", service="web", forceNewDeployment=True, **params)
        assert len(plane.service_named()["deployments"]) == 1

    play(story)


def test_a_capacity_provider_strategy_takes_the_place_of_the_launch_type(play: Play) -> None:
    """As in AWS a service has one of them; its next tasks have the provider."""

    async def story(plane: Any) -> None:
        plane.define_for_fargate()
        plane.call(
            "CreateService", serviceName="web", taskDefinition="far", desiredCount=1, networkConfiguration=NETWORK
        )
        await plane.steady()
        spot = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
        answer = plane.call("UpdateService", service="web", capacityProviderStrategy=spot, forceNewDeployment=True)
        assert "launchType" not in answer["service"]
        await plane.until(lambda: len(plane.service_named()["deployments"]) == 1)
        [arn] = plane.call("ListTasks", serviceName="web")["taskArns"]
        assert plane.task(arn)["capacityProviderName"] == "FARGATE_SPOT"

    play(story)
