from collections.abc import Callable
from typing import Any

import pytest

from taskscope.lab.gateway.service import ApiError

Play = Callable[..., None]


def described(plane: Any, *include: str, cluster: str = "default") -> Any:
    """Describe one cluster."""
    return plane.call("DescribeClusters", clusters=[cluster], include=list(include))["clusters"][0]


def test_the_cluster_default_is_there_from_the_start(play: Play) -> None:
    """Other clusters are made, once; making one again answers it."""

    async def story(plane: Any) -> None:
        assert plane.call("ListClusters")["clusterArns"] == ["arn:aws:ecs:eu-west-1:123456789012:cluster/default"]
        made = plane.call("CreateCluster", clusterName="shop", tags=[{"key": "a", "value": "b"}])["cluster"]
        assert plane.call("CreateCluster", clusterName="shop")["cluster"] == made
        assert len(plane.call("ListClusters")["clusterArns"]) == 2
        with pytest.raises(ApiError, match="InvalidParameterException"):
            plane.call("CreateCluster", clusterName="a b")

    play(story)


def test_describe_clusters_shows_on_demand_what_aws_does(play: Play) -> None:
    """Settings, statistics and tags are empty unless they are asked for; unknown clusters are failures."""

    async def story(plane: Any) -> None:
        plane.define()
        [task] = plane.call("RunTask", taskDefinition="web")["tasks"]
        assert described(plane)["pendingTasksCount"] == 1
        await plane.until(lambda: plane.task(task["taskArn"])["lastStatus"] == "RUNNING")
        plain, full = described(plane), described(plane, "SETTINGS", "STATISTICS", "TAGS")
        assert (plain["settings"], plain["statistics"], plain["tags"]) == ([], [], [])
        assert (plain["runningTasksCount"], plain["pendingTasksCount"]) == (1, 0)
        assert full["settings"] == [{"name": "containerInsights", "value": "disabled"}]
        assert {"name": "runningEC2TasksCount", "value": "1"} in full["statistics"]
        answer = plane.call("DescribeClusters", clusters=["nope"])
        arn = "arn:aws:ecs:eu-west-1:123456789012:cluster/nope"
        assert answer == {"clusters": [], "failures": [{"arn": arn, "reason": "MISSING"}]}
        for other in (arn.replace("nope", "default").replace("eu-west-1", "eu-west-2"), arn.replace("cluster/", "x/")):
            assert plane.call("DescribeClusters", clusters=[other])["failures"] == [{"arn": other, "reason": "MISSING"}]
        with pytest.raises(ApiError, match="InvalidParameterException"):
            plane.call("DescribeClusters", clusters=["x"] * 101)

    play(story)


def test_a_cluster_in_use_cannot_be_deleted(play: Play) -> None:
    """Its services first, then its tasks; a deleted one is INACTIVE and no longer good for tasks."""

    async def story(plane: Any) -> None:
        plane.define()
        plane.call("CreateService", serviceName="web", taskDefinition="web", desiredCount=1)
        await plane.steady()
        with pytest.raises(ApiError, match=r"ClusterContainsServicesException: .* while Services are active"):
            plane.call("DeleteCluster", cluster="default")
        plane.call("DeleteService", service="web", force=True)
        with pytest.raises(ApiError, match=r"ClusterContainsTasksException: .* while Tasks are active"):
            plane.call("DeleteCluster", cluster="default")
        await plane.until(lambda: plane.service_named()["status"] == "INACTIVE")
        assert plane.call("DeleteCluster", cluster="default")["cluster"]["status"] == "INACTIVE"
        assert described(plane)["status"] == "INACTIVE"
        with pytest.raises(ApiError, match="Cluster not found"):
            plane.call("RunTask", taskDefinition="web")
        assert plane.call("CreateCluster")["cluster"]["status"] == "ACTIVE"

    play(story)


def test_container_insights_can_be_switched_on(play: Play) -> None:
    """For one cluster, or by the account's setting for every new one."""

    async def story(plane: Any) -> None:
        on = [{"name": "containerInsights", "value": "enabled"}]
        plane.call("UpdateClusterSettings", cluster="default", settings=on)
        assert described(plane, "SETTINGS")["settings"] == on
        plane.call("PutAccountSetting", name="containerInsights", value="enhanced")
        assert plane.call("CreateCluster", clusterName="new")["cluster"]["settings"][0]["value"] == "enhanced"
        for name, value in (("containerInsights", "x"), ("x", "enabled")):
            with pytest.raises(ApiError, match="InvalidParameterException"):
                plane.call("UpdateCluster", cluster="default", settings=[{"name": name, "value": value}])

    play(story)


def test_account_settings(play: Play) -> None:
    """What was put, and with effectiveSettings AWS's defaults too."""

    async def story(plane: Any) -> None:
        assert plane.call("ListAccountSettings")["settings"] == []
        plane.call("PutAccountSettingDefault", name="defaultLogDriverMode", value="blocking")
        [setting] = plane.call("ListAccountSettings")["settings"]
        assert (setting["name"], setting["value"]) == ("defaultLogDriverMode", "blocking")
        effective = plane.call("ListAccountSettings", effectiveSettings=True, maxResults=100)["settings"]
        assert {"taskLongArnFormat", "containerInsights"} < {each["name"] for each in effective}
        one = plane.call("ListAccountSettings", effectiveSettings=True, name="taskLongArnFormat")["settings"]
        assert [each["value"] for each in one] == ["enabled"]
        for name, value in (("nope", "enabled"), ("defaultLogDriverMode", "enabled")):
            with pytest.raises(ApiError, match="InvalidParameterException"):
                plane.call("PutAccountSetting", name=name, value=value)

    play(story)


def test_this_machine_is_the_container_instance_of_each_cluster(play: Play) -> None:
    """As EC2's and as ECS Anywhere's; with real resources, less those of its tasks; Fargate tasks have none."""

    async def story(plane: Any) -> None:
        plane.define()
        [task] = plane.call("RunTask", taskDefinition="web")["tasks"]
        arn, external = plane.call("ListContainerInstances")["containerInstanceArns"]
        assert task["containerInstanceArn"] == arn != external
        answer = plane.call("DescribeContainerInstances", containerInstances=[arn, "nope"])
        [instance] = answer["containerInstances"]
        assert answer["failures"] == [{"arn": "nope", "reason": "MISSING"}]
        memory = {
            kind: next(each["integerValue"] for each in instance[kind] if each["name"] == "MEMORY")
            for kind in ("registeredResources", "remainingResources")
        }
        assert memory["registeredResources"] - memory["remainingResources"] == 64
        assert (instance["pendingTasksCount"], instance["runningTasksCount"]) == (1, 0)
        assert plane.call("ListContainerInstances", status="DRAINING")["containerInstanceArns"] == []
        with pytest.raises(ApiError, match="InvalidParameterException"):
            plane.call("ListContainerInstances", filter="agentConnected==true")

    play(story)


def test_capacity_providers(play: Play) -> None:
    """The two of every account; others are missing."""

    async def story(plane: Any) -> None:
        answer = plane.call("DescribeCapacityProviders", capacityProviders=["FARGATE_SPOT", "mine"])
        assert [each["name"] for each in answer["capacityProviders"]] == ["FARGATE_SPOT"]
        assert answer["failures"] == [{"arn": "mine", "reason": "MISSING"}]
        assert len(plane.call("DescribeCapacityProviders")["capacityProviders"]) == 2

    play(story)


def test_tags_of_every_resource(play: Play) -> None:
    """TagResource, UntagResource and ListTagsForResource by ARN."""

    async def story(plane: Any) -> None:
        definition = plane.define()
        service = plane.call("CreateService", serviceName="web", taskDefinition="web", desiredCount=0)["service"]
        [task] = plane.call("RunTask", taskDefinition="web")["tasks"]
        cluster = task["clusterArn"]
        for arn in (definition, service["serviceArn"], task["taskArn"], cluster):
            tags = [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]
            plane.call("TagResource", resourceArn=arn, tags=tags)
            plane.call("TagResource", resourceArn=arn, tags=[{"key": "a", "value": "3"}])
            plane.call("UntagResource", resourceArn=arn, tagKeys=["b", "c"])
            assert plane.call("ListTagsForResource", resourceArn=arn)["tags"] == [{"key": "a", "value": "3"}]
        many = [{"key": str(number), "value": ""} for number in range(51)]
        for bad in (many, [{"key": "aws:x", "value": "y"}]):
            with pytest.raises(ApiError, match="InvalidParameterException"):
                plane.call("TagResource", resourceArn=cluster, tags=bad)
        with pytest.raises(ApiError, match="ResourceNotFoundException"):
            plane.call("ListTagsForResource", resourceArn=definition + "9")
        with pytest.raises(ApiError, match="InvalidParameterException"):
            plane.call("ListTagsForResource", resourceArn="nope")

    play(story)
