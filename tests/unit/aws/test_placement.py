"""Pages and batches of what discovery asks AWS, whatever their number."""

import re
from typing import Any
from urllib.parse import parse_qs

import pytest

from taskscope.aws.ec2 import Ec2
from taskscope.aws.placement import Placements
from taskscope.aws.session import Account
from taskscope.aws.ssm import Ssm
from taskscope.errors import ThrottledError

from .conftest import Serve

_ARN = "arn:aws:ecs:us-east-1:123456789012"


def _account(url: str) -> Account:
    return Account(region="us-east-1", endpoint_url=url)


def test_every_page_of_running_tasks_is_listed(serve: Serve) -> None:
    """Those that are meant to run, of a cluster or a service."""
    asked: list[dict[str, Any]] = []

    def answer(operation: str, given: dict[str, Any]) -> dict[str, Any]:
        assert operation == "ListTasks"
        asked.append(given)
        number = int(given.get("nextToken", "0"))
        return {"taskArns": [f"t{number}"], **({"nextToken": str(number + 1)} if number < 2 else {})}

    placements = Placements(_account(serve(answer)))

    assert placements.task_arns("shop", service="api") == ["t0", "t1", "t2"]
    assert {(each["desiredStatus"], each["serviceName"]) for each in asked} == {("RUNNING", "api")}


def test_tasks_and_instances_are_described_in_batches(serve: Serve) -> None:
    """A hundred at once; those that are gone are left out."""
    sizes: list[tuple[str, int]] = []

    def answer(operation: str, given: dict[str, Any]) -> dict[str, Any]:
        sizes.append((operation, len(given.get("tasks") or given["containerInstances"])))
        if operation == "DescribeTasks":
            assert given["include"] == ["TAGS"]
            tasks = [
                {"taskArn": each, "clusterArn": "c", "taskDefinitionArn": "d:1"}
                for each in given["tasks"]
                if each != "7"
            ]
            return {"tasks": tasks, "failures": []}
        found = [{"containerInstanceArn": each, "ec2InstanceId": f"i-{each}"} for each in given["containerInstances"]]
        return {"containerInstances": found, "failures": []}

    placements = Placements(_account(serve(answer)))
    numbers = [str(number) for number in range(150)]

    assert len(placements.tasks("shop", numbers)) == 149
    assert placements.instances("shop", numbers)["149"] == "i-149"
    assert sizes[:2] == [("DescribeTasks", 100), ("DescribeTasks", 50)]
    assert sizes[2:] == [("DescribeContainerInstances", 100), ("DescribeContainerInstances", 50)]


def test_definition_is_read_as_its_ports(serve: Serve) -> None:
    """Of any revision."""
    definition = {
        "networkMode": "host",
        "containerDefinitions": [{"name": "a", "portMappings": [{"containerPort": 1}]}],
    }
    placements = Placements(_account(serve(lambda _operation, _asked: {"taskDefinition": definition})))
    exposure = placements.exposure(f"{_ARN}:task-definition/a:1")

    assert (exposure.network_mode, exposure.containers[0].ports) == ("host", (1,))


def test_addresses_of_ec2_are_asked_by_filter_and_page(serve: Serve) -> None:
    """An id that EC2 does not know fails no call, as it would in a list of ids."""
    sizes: list[int] = []

    def answer(_operation: str, given: dict[str, Any]) -> str:
        members = parse_qs(given["body"])
        assert members["Action"] == ["DescribeInstances"]
        assert members["Filter.1.Name"] == ["instance-id"]
        ids = [values[0] for name, values in members.items() if re.fullmatch(r"Filter\.1\.Value\.\d+", name)]
        if "NextToken" not in members:
            sizes.append(len(ids))
            return _instances(ids[:-1], token="more")
        return _instances(ids[-1:])

    ids = [f"i-{number}" for number in range(250)]

    assert Ec2(_account(serve(answer))).private_addresses(ids) == {each: f"10.{each[2:]}" for each in ids}
    assert sizes == [200, 50]


def _instances(ids: list[str], *, token: str = "") -> str:
    items = "".join(
        f"<item><instanceId>{each}</instanceId><privateIpAddress>10.{each[2:]}</privateIpAddress></item>"
        for each in ids
    )
    ended = "<item><instanceId>i-ended</instanceId></item>"
    following = f"<nextToken>{token}</nextToken>" if token else ""
    return (
        '<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><reservationSet><item>'
        f"<instancesSet>{items}{ended}</instancesSet></item></reservationSet>{following}</DescribeInstancesResponse>"
    )


def test_addresses_of_managed_instances_are_ip_or_name(serve: Serve) -> None:
    """In pages; the agent may know a name only, or nothing."""
    machines = [
        {"InstanceId": "mi-1", "IPAddress": "192.168.0.4", "ComputerName": "one"},
        {"InstanceId": "mi-2", "ComputerName": "two.example.com"},
        {"InstanceId": "mi-3"},
    ]

    def answer(operation: str, given: dict[str, Any]) -> dict[str, Any]:
        assert operation == "DescribeInstanceInformation"
        assert given["Filters"] == [{"Key": "InstanceIds", "Values": ["mi-1", "mi-2", "mi-3"]}]
        number = int(given.get("NextToken", "0"))
        following = {"NextToken": str(number + 1)} if number < 2 else {}
        return {"InstanceInformationList": [machines[number]], **following}

    found = Ssm(_account(serve(answer))).addresses(["mi-1", "mi-2", "mi-3"])

    assert found == {"mi-1": "192.168.0.4", "mi-2": "two.example.com"}


def test_calls_that_stay_throttled_say_what_was_asked(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the SDK's attempts; one of them here."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    account = _account(serve(lambda _operation, _asked: 400))

    with pytest.raises(ThrottledError, match="cannot list the tasks of cluster shop"):
        Placements(account).task_arns("shop")
    with pytest.raises(ThrottledError, match="cannot read the addresses of managed instances"):
        Ssm(account).addresses(["mi-1"])
