"""The lab's machine is one that ECS, EC2 and Systems Manager agree about."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from taskscope.lab.threaded import ThreadedAws


@pytest.fixture
def machines(aws: ThreadedAws) -> dict[str, Any]:
    """Give the container instances of a cluster, by the beginning of their machine's id."""
    ecs = aws.client("ecs")
    ecs.create_cluster(clusterName="machines")
    arns = ecs.list_container_instances(cluster="machines")["containerInstanceArns"]
    found = ecs.describe_container_instances(cluster="machines", containerInstances=arns)["containerInstances"]
    return {each["ec2InstanceId"].partition("-")[0]: each for each in found}


def test_machine_of_ec2_has_its_address(aws: ThreadedAws, machines: dict[str, Any]) -> None:
    """By id, and by a filter as discovery asks; in pages too."""
    number, ec2 = machines["i"]["ec2InstanceId"], aws.client("ec2")
    by_filter = ec2.get_paginator("describe_instances").paginate(Filters=[{"Name": "instance-id", "Values": [number]}])
    answers = [ec2.describe_instances(InstanceIds=[number]), *by_filter]

    assert len(answers) == 2
    for each in answers:
        [[instance]] = [found["Instances"] for found in each["Reservations"]]
        assert (instance["InstanceId"], instance["PrivateIpAddress"]) == (number, "127.0.0.1")
        assert instance["State"]["Name"] == "running"


def test_other_machines_of_ec2_are_those_of_the_fallback(aws: ThreadedAws) -> None:
    """Which has none unless one is started there."""
    unknown = "i-00000000000000000"
    found = aws.client("ec2").describe_instances(Filters=[{"Name": "instance-id", "Values": [unknown]}])

    assert found["Reservations"] == []


def test_machine_from_outside_is_known_to_systems_manager(aws: ThreadedAws, machines: dict[str, Any]) -> None:
    """With its address; the container instance says that it is one of ECS Anywhere."""
    number, ssm = machines["mi"]["ec2InstanceId"], aws.client("ssm")
    [found] = ssm.describe_instance_information(Filters=[{"Key": "InstanceIds", "Values": [number]}])[
        "InstanceInformationList"
    ]
    older = [{"key": "InstanceIds", "valueSet": ["mi-00000000000000000"]}]

    assert (found["InstanceId"], found["IPAddress"]) == (number, "127.0.0.1")
    assert ssm.describe_instance_information(InstanceInformationFilterList=older)["InstanceInformationList"] == []
    assert {"name": "ecs.capability.external"} in machines["mi"]["attributes"]


def test_filter_that_is_not_read_is_refused(aws: ThreadedAws) -> None:
    """Not ignored."""
    with pytest.raises(ClientError, match="The lab reads the filters"):
        aws.client("ssm").describe_instance_information(Filters=[{"Key": "PingStatus", "Values": ["Online"]}])


def test_rest_of_systems_manager_is_the_fallback_s(aws: ThreadedAws) -> None:
    """Parameters, for one."""
    ssm = aws.client("ssm")
    ssm.put_parameter(Name="machines", Value="x", Type="String")

    assert ssm.get_parameter(Name="machines")["Parameter"]["Value"] == "x"
