from collections.abc import Callable
from typing import Any

import pytest

from taskscope.lab.gateway.service import ApiError

Play = Callable[..., None]
ARN = "arn:aws:ecs:eu-west-1:123456789012:task/default/" + "0" * 32


def error(plane: Any, operation: str, **params: Any) -> tuple[str, str]:
    """Call an operation that must fail; return code and message."""
    with pytest.raises(ApiError) as caught:
        plane.call(operation, **params)
    return caught.value.code, caught.value.message


def test_unknown_clusters_are_an_error_in_every_operation(play: Play) -> None:
    """ClusterNotFoundException "Cluster not found."."""

    async def story(plane: Any) -> None:
        calls: dict[str, dict[str, Any]] = {
            "RunTask": {"taskDefinition": "web"},
            "StopTask": {"task": ARN},
            "DescribeTasks": {"tasks": [ARN]},
            "ListTasks": {},
            "CreateService": {"serviceName": "web"},
            "UpdateService": {"service": "web"},
            "DeleteService": {"service": "web"},
            "DescribeServices": {"services": ["web"]},
            "ListServices": {},
            "ListServiceDeployments": {"service": "web"},
            "ListContainerInstances": {},
            "DescribeContainerInstances": {"containerInstances": ["x"]},
            "DeleteCluster": {},
            "UpdateCluster": {},
        }
        for operation, params in calls.items():
            wanted = ("ClusterNotFoundException", "Cluster not found.")
            assert error(plane, operation, cluster="nope", **params) == wanted, operation

    play(story)


def test_a_run_task_answer_is_the_whole_task(play: Play) -> None:
    """Ids of 32 hexadecimal digits, sizes as text, the family as group, version 1."""

    async def story(plane: Any) -> None:
        plane.define(cpu=32)
        plane.call("CreateCluster", clusterName="shop")
        answer = plane.call("RunTask", cluster="shop", taskDefinition="web", count=2, startedBy="me")
        assert answer["failures"] == []
        first, second = answer["tasks"]
        assert first["taskArn"] != second["taskArn"]
        assert first["taskArn"].startswith("arn:aws:ecs:eu-west-1:123456789012:task/shop/")
        assert len(first["taskArn"].rpartition("/")[2]) == 32
        assert (first["cpu"], first["memory"], first["group"], first["version"]) == ("32", "64", "family:web", 1)
        assert first["containers"][0]["containerArn"].startswith(first["taskArn"].replace(":task/", ":container/"))
        assert first["availabilityZone"][:-1] == "eu-west-1"
        assert first["containerInstanceArn"].startswith("arn:aws:ecs:eu-west-1:123456789012:container-instance/shop/")

    play(story)


def test_fargate_tasks_have_a_platform_and_no_container_instance(play: Play) -> None:
    """Platform version 1.4.0 on Linux, 20 GiB of disk."""

    async def story(plane: Any) -> None:
        plane.define_for_fargate()
        network = {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}
        [task] = plane.call("RunTask", taskDefinition="far", networkConfiguration=network)["tasks"]
        assert (task["launchType"], task["platformVersion"], task["platformFamily"]) == ("FARGATE", "1.4.0", "Linux")
        assert task["ephemeralStorage"] == {"sizeInGiB": 20}
        assert "containerInstanceArn" not in task
        assert (task["cpu"], task["memory"]) == ("256", "512")

    play(story)


def test_overrides_are_in_the_task_and_change_its_sizes(play: Play) -> None:
    """Each container has its entry; command and environment are for the agent to read."""

    async def story(plane: Any) -> None:
        plane.define()
        given = {"name": "app", "command": ["x"], "environment": [{"name": "A", "value": "b"}], "memory": 96, "cpu": 12}
        overrides = {"containerOverrides": [given], "memory": "128"}
        [task] = plane.call("RunTask", taskDefinition="web", overrides=overrides)["tasks"]
        assert task["overrides"]["containerOverrides"] == [given]
        assert (task["memory"], task["cpu"]) == ("128", "12")
        assert (task["containers"][0]["memory"], task["containers"][0]["cpu"]) == ("96", "12")
        unknown = {"containerOverrides": [{"name": "nobody"}]}
        assert error(plane, "RunTask", taskDefinition="web", overrides=unknown) == (
            "InvalidParameterException",
            "Override for container named nobody is not a container in the TaskDefinition.",
        )

    play(story)


def test_what_run_task_refuses(play: Play) -> None:
    """The codes and, where AWS's are known, the sentences."""

    async def story(plane: Any) -> None:
        plane.define()
        plane.call(
            "RegisterTaskDefinition", family="net", networkMode="awsvpc",
            containerDefinitions=[{"name": "app", "image": "runs", "memory": 64}],
        )  # fmt: skip
        assert error(plane, "RunTask", taskDefinition="nope") == ("ClientException", "TaskDefinition not found.")
        assert error(plane, "RunTask", taskDefinition="net") == (
            "InvalidParameterException",
            "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
        )
        assert error(plane, "RunTask", taskDefinition="web", launchType="FARGATE") == (
            "InvalidParameterException",
            "Task definition does not support launch_type FARGATE.",
        )
        for bad in ({"count": 11}, {"count": 0}, {"group": "service:web"}, {"startedBy": "x" * 129}):
            assert error(plane, "RunTask", taskDefinition="web", **bad)[0] == "InvalidParameterException"
        plane.call("DeregisterTaskDefinition", taskDefinition="web:1")
        assert error(plane, "RunTask", taskDefinition="web:1")[0] == "ClientException"

    play(story)


def test_describe_tasks_takes_ids_and_arns_and_tells_what_is_missing(play: Play) -> None:
    """Unknown tasks are failures with the reason MISSING; tags come only on demand."""

    async def story(plane: Any) -> None:
        plane.define()
        [task] = plane.call("RunTask", taskDefinition="web", tags=[{"key": "a", "value": "b"}])["tasks"]
        arn = task["taskArn"]
        answer = plane.call("DescribeTasks", tasks=[arn, arn.rpartition("/")[2], ARN, "0" * 32])
        assert [each["taskArn"] for each in answer["tasks"]] == [arn]
        assert answer["failures"] == [{"arn": ARN, "reason": "MISSING"}] * 2
        assert "tags" not in answer["tasks"][0]
        with_tags = plane.call("DescribeTasks", tasks=[arn], include=["TAGS"])["tasks"][0]
        assert with_tags["tags"] == [{"key": "a", "value": "b"}]
        assert error(plane, "DescribeTasks", tasks=[ARN] * 101)[0] == "InvalidParameterException"
        assert error(plane, "DescribeTasks", tasks=[])[0] == "InvalidParameterException"
        assert error(plane, "StopTask", task=ARN) == (
            "InvalidParameterException",
            "The referenced task was not found.",
        )

    play(story)


def test_list_tasks_filters_as_aws_does(play: Play) -> None:
    """RUNNING by default; PENDING never finds anything; startedBy stands alone."""

    async def story(plane: Any) -> None:
        plane.define()
        plane.define("job")
        [web] = plane.call("RunTask", taskDefinition="web", startedBy="me")["tasks"]
        [job] = plane.call("RunTask", taskDefinition="job")["tasks"]
        plane.call("StopTask", task=job["taskArn"])
        await plane.ended(job["taskArn"])

        def listed(**filters: Any) -> list[str]:
            return list(plane.call("ListTasks", **filters)["taskArns"])

        assert (
            listed() == listed(family="web") == listed(startedBy="me") == listed(launchType="EC2") == [web["taskArn"]]
        )
        assert listed(desiredStatus="STOPPED") == listed(desiredStatus="STOPPED", family="job") == [job["taskArn"]]
        assert listed(desiredStatus="PENDING") == listed(launchType="FARGATE") == listed(family="other") == []
        assert listed(containerInstance=web["containerInstanceArn"]) == [web["taskArn"]]
        assert error(plane, "ListTasks", serviceName="nope")[0] == "ServiceNotFoundException"
        assert error(plane, "ListTasks", startedBy="me", family="web")[0] == "InvalidParameterException"
        assert error(plane, "ListTasks", containerInstance="nope")[0] == "InvalidParameterException"

    play(story)


def test_list_tasks_pages_through_everything_once(play: Play) -> None:
    """Pages of 3 of 10 tasks; the last page has no token."""

    async def story(plane: Any) -> None:
        plane.define()
        wanted = {task["taskArn"] for task in plane.call("RunTask", taskDefinition="web", count=10)["tasks"]}
        seen: list[str] = []
        answer = plane.call("ListTasks", maxResults=3)
        seen += answer["taskArns"]
        while token := answer.get("nextToken"):
            answer = plane.call("ListTasks", maxResults=3, nextToken=token)
            seen += answer["taskArns"]
        assert len(seen) == 10
        assert set(seen) == wanted
        for bad in ({"maxResults": 101}, {"maxResults": 0}, {"nextToken": "é"}):
            assert error(plane, "ListTasks", **bad)[0] == "InvalidParameterException"

    play(story)


def test_stopped_tasks_disappear_after_an_hour(play: Play) -> None:
    """From lists and descriptions alike."""

    async def story(plane: Any) -> None:
        plane.define()
        [task] = plane.call("RunTask", taskDefinition="web")["tasks"]
        plane.call("StopTask", task=task["taskArn"])
        await plane.ended(task["taskArn"])
        plane.now += 3599 * 10**9
        assert plane.call("ListTasks", desiredStatus="STOPPED")["taskArns"] == [task["taskArn"]]
        plane.now += 2 * 10**9
        assert plane.call("ListTasks", desiredStatus="STOPPED")["taskArns"] == []
        assert plane.call("DescribeTasks", tasks=[task["taskArn"]])["failures"][0]["reason"] == "MISSING"

    play(story)


def test_regions_know_nothing_of_each_other(play: Play) -> None:
    """A task of one region is unknown in the other."""

    async def story(plane: Any) -> None:
        plane.define()
        [task] = plane.call("RunTask", taskDefinition="web")["tasks"]
        assert plane.call("ListTasks", region="us-east-1")["taskArns"] == []
        assert plane.call("DescribeTasks", tasks=[task["taskArn"]], region="us-east-1")["tasks"] == []

    play(story)


def test_an_answer_is_a_copy(play: Play) -> None:
    """Whoever changes an answer does not change the state."""

    async def story(plane: Any) -> None:
        plane.define()
        [task] = plane.call("RunTask", taskDefinition="web")["tasks"]
        task["containers"][0]["name"] = "changed"
        assert plane.task(task["taskArn"])["containers"][0]["name"] == "app"

    play(story)


def test_tags_are_propagated(play: Play) -> None:
    """From the definition, below the task's own; AWS's own tags where they are switched on."""

    async def story(plane: Any) -> None:
        plane.call(
            "RegisterTaskDefinition", family="web",
            containerDefinitions=[{"name": "app", "image": "runs", "memory": 64}],
            tags=[{"key": "a", "value": "1"}, {"key": "b", "value": "1"}],
        )  # fmt: skip
        [task] = plane.call(
            "RunTask", taskDefinition="web", tags=[{"key": "b", "value": "2"}], propagateTags="TASK_DEFINITION",
            enableECSManagedTags=True,
        )["tasks"]  # fmt: skip
        tags = {each["key"]: each["value"] for each in task["tags"]}
        assert tags == {"a": "1", "b": "2", "aws:ecs:clusterName": "default"}

    play(story)


def test_a_repeated_call_starts_nothing_new(play: Play) -> None:
    """The same clientToken: the same tasks, or a ConflictException for other parameters."""

    async def story(plane: Any) -> None:
        plane.define()
        first = plane.call("RunTask", taskDefinition="web", count=2, clientToken="t")["tasks"]
        again = plane.call("RunTask", taskDefinition="web", count=2, clientToken="t")["tasks"]
        assert [each["taskArn"] for each in again] == [each["taskArn"] for each in first]
        assert error(plane, "RunTask", taskDefinition="web", clientToken="t")[0] == "ConflictException"

    play(story)


def test_capacity_providers_and_platforms_are_checked(play: Play) -> None:
    """FARGATE_SPOT is Fargate under another name; unknown providers and platforms are refused."""

    async def story(plane: Any) -> None:
        plane.define_for_fargate()
        network = {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}
        base = {"taskDefinition": "far", "networkConfiguration": network}
        spot = [{"capacityProvider": "FARGATE_SPOT"}]
        [task] = plane.call("RunTask", capacityProviderStrategy=spot, **base)["tasks"]
        assert (task["launchType"], task["capacityProviderName"]) == ("FARGATE", "FARGATE_SPOT")
        other = [{"capacityProvider": "mine"}]
        assert error(plane, "RunTask", capacityProviderStrategy=other, **base)[0] == "InvalidParameterException"
        assert error(plane, "RunTask", platformVersion="9", **base)[0] == "PlatformUnknownException"

    play(story)


def test_an_arn_must_fit_the_call(play: Play) -> None:
    """One of another kind or of another cluster is an error, and none silently means something of the same name."""

    async def story(plane: Any) -> None:
        plane.define()
        for cluster in ("one", "two"):
            plane.call("CreateCluster", clusterName=cluster)
            plane.call("CreateService", cluster=cluster, serviceName="same", taskDefinition="web", desiredCount=0)
        [task] = plane.call("RunTask", cluster="one", taskDefinition="web")["tasks"]
        code = "InvalidParameterException"
        other = code, "Invalid identifier: Identifier is for cluster one. Your cluster is two"
        service = task["clusterArn"].replace(":cluster/one", ":service/one/same")
        assert error(plane, "DescribeTasks", cluster="two", tasks=[task["taskArn"]]) == other
        assert error(plane, "StopTask", cluster="two", task=task["taskArn"]) == other
        assert error(plane, "DescribeServices", cluster="two", services=[service]) == other
        assert error(plane, "UpdateService", cluster="two", service=service, desiredCount=1) == other
        assert error(plane, "ListTasks", cluster="two", serviceName=service) == other
        kind = code, "Unsupported resource type: cluster"
        assert error(plane, "DescribeTasks", cluster="one", tasks=[task["clusterArn"]]) == kind
        for wrong in (task["clusterArn"].replace("eu-west-1", "eu-north-1"), service, f"x/{task['clusterArn']}"):
            assert error(plane, "ListTasks", cluster=wrong)[0] == "ClusterNotFoundException"

    play(story)


def test_nothing_begins_while_the_lab_closes(play: Play) -> None:
    """Neither a task nor a service: nobody would stop it."""

    async def story(plane: Any) -> None:
        plane.define()
        await plane.service.close()
        assert error(plane, "RunTask", taskDefinition="web")[0] == "ServerException"
        assert error(plane, "CreateService", serviceName="web", taskDefinition="web", desiredCount=1)[0] == (
            "ServerException"
        )

    play(story)
