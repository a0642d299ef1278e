"""The control plane behind the real gateway, asked by the real SDK."""

import time
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from taskscope.clock import system_clock
from taskscope.lab.ecs.pacing import Pacing
from taskscope.lab.ecs.service import EcsService
from taskscope.lab.gateway.app import Gateway

ACCOUNT = "123456789012"
QUICK = Pacing(provisioning=0.01, deactivating=0, stopping=0.01, deprovisioning=0.01, proving=0.02, backoff=0.01)


@pytest.fixture
def ecs(serve: Callable[[Any], str], scripted_agent: Any) -> Any:
    """Give a boto3 client of a lab that has only ECS."""
    service = EcsService(
        agent=scripted_agent, clock=system_clock, account=ACCOUNT, emit=lambda _event: None, pacing=QUICK
    )
    url = serve(Gateway([service], fallback=None, account=ACCOUNT, region="us-east-1"))
    return boto3.client("ecs", endpoint_url=url, region_name="us-east-1")


def until(true: Callable[[], Any]) -> None:
    """Ask again until something is so."""
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end, "it took more than 10 s"
        time.sleep(0.01)


def messages(ecs: Any) -> list[str]:
    """List the events of the service ``web``."""
    return [event["message"] for event in ecs.describe_services(services=["web"])["services"][0]["events"]]


def test_a_task_from_definition_to_end(ecs: Any) -> None:
    """Register, run, wait by boto3's own waiters, stop, describe."""
    ecs.create_cluster(clusterName="shop")
    container = {"name": "app", "image": "runs", "memory": 64}
    ecs.register_task_definition(family="web", containerDefinitions=[container])
    arn = ecs.run_task(cluster="shop", taskDefinition="web")["tasks"][0]["taskArn"]
    until(lambda: ecs.describe_tasks(cluster="shop", tasks=[arn])["tasks"][0]["lastStatus"] == "RUNNING")
    assert ecs.list_tasks(cluster="shop")["taskArns"] == [arn]
    ecs.stop_task(cluster="shop", task=arn, reason="enough")
    until(lambda: ecs.describe_tasks(cluster="shop", tasks=[arn])["tasks"][0]["lastStatus"] == "STOPPED")
    [task] = ecs.describe_tasks(cluster="shop", tasks=[arn])["tasks"]
    assert task["stoppedReason"] == "enough"
    assert task["createdAt"] < task["stoppingAt"] <= task["executionStoppedAt"] < task["stoppedAt"]
    assert task["createdAt"].microsecond % 1000 == 0


def test_a_service_is_stable_for_boto3(ecs: Any) -> None:
    """The waiter services_stable agrees; every describing operation fits the model."""
    ecs.register_task_definition(family="web", containerDefinitions=[{"name": "app", "image": "runs", "memory": 64}])
    ecs.create_service(serviceName="web", taskDefinition="web", desiredCount=2)
    until(lambda: any("steady state" in each for each in messages(ecs)))
    ecs.get_waiter("services_stable").wait(services=["web"])
    [deployment] = ecs.list_service_deployments(service="web")["serviceDeployments"]
    assert deployment["status"] == "SUCCESSFUL"
    assert (
        ecs.describe_service_deployments(serviceDeploymentArns=[deployment["serviceDeploymentArn"]])["failures"] == []
    )
    assert (
        ecs.describe_service_revisions(serviceRevisionArns=[deployment["targetServiceRevisionArn"]])["failures"] == []
    )
    instances = ecs.list_container_instances()["containerInstanceArns"]
    found = ecs.describe_container_instances(containerInstances=instances)["containerInstances"]
    assert sorted(each["runningTasksCount"] for each in found) == [0, 2]
    everything = ["ATTACHMENTS", "CONFIGURATIONS", "SETTINGS", "STATISTICS", "TAGS"]
    assert ecs.describe_clusters(include=everything)["clusters"][0]["activeServicesCount"] == 1
    ecs.delete_service(service="web", force=True)
    until(lambda: ecs.describe_services(services=["web"])["services"][0]["status"] == "INACTIVE")
    ecs.get_waiter("services_inactive").wait(services=["web"])


def test_errors_are_typed_exceptions(ecs: Any) -> None:
    """boto3 knows each code from the model."""
    with pytest.raises(ecs.exceptions.ClusterNotFoundException, match="Cluster not found"):
        ecs.list_tasks(cluster="nope")
    with pytest.raises(ecs.exceptions.ClientException, match="TaskDefinition not found"):
        ecs.run_task(taskDefinition="nope")
    with pytest.raises(ecs.exceptions.InvalidParameterException):
        ecs.describe_tasks(tasks=["0" * 32] * 101)
    with pytest.raises(ecs.exceptions.ServiceNotFoundException):
        ecs.update_service(service="nope")


def test_paginators_see_everything(ecs: Any) -> None:
    """list_services pages by ten."""
    ecs.register_task_definition(family="web", containerDefinitions=[{"name": "app", "image": "runs", "memory": 64}])
    for number in range(11):
        ecs.create_service(serviceName=f"s{number}", taskDefinition="web", desiredCount=0)
    pages = [page["serviceArns"] for page in ecs.get_paginator("list_services").paginate()]
    assert [len(page) for page in pages] == [10, 1]
