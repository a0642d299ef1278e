"""Networks and ports as DescribeTasks and DescribeTaskDefinition write them."""

from taskscope.model.placement import ExposedContainer, Exposure, PlacedTask, PortBinding

_ARN = "arn:aws:ecs:eu-west-1:111122223333"
_TASK = {
    "taskArn": f"{_ARN}:task/shop/1a2b",
    "clusterArn": f"{_ARN}:cluster/shop",
    "taskDefinitionArn": f"{_ARN}:task-definition/web-api:42",
    "group": "service:api",
    "lastStatus": "RUNNING",
}
_INTERFACE = {
    "type": "ElasticNetworkInterface",
    "details": [{"name": "subnetId", "value": "subnet-1"}, {"name": "privateIPv4Address", "value": "10.0.0.9"}],
}


def test_names_are_read_out_of_arns() -> None:
    """Cluster, region, family and revision; the service out of the group."""
    task = PlacedTask.from_document(_TASK)

    assert (task.id, task.cluster, task.region, task.service) == ("1a2b", "shop", "eu-west-1", "api")
    assert (task.family, task.revision) == ("web-api", "42")
    assert PlacedTask.from_document(_TASK | {"group": "family:web-api"}).service == ""


def test_address_is_that_of_the_interface() -> None:
    """Attachments of other kinds, such as EBS volumes, have none."""
    volume = {"type": "AmazonElasticBlockStorage", "details": [{"name": "privateIPv4Address", "value": "x"}]}
    task = PlacedTask.from_document(_TASK | {"attachments": [volume, _INTERFACE]})

    assert (task.address, task.subnet) == ("10.0.0.9", "subnet-1")


def test_subnet_of_ipv6_alone_gives_that_address() -> None:
    """It stands at the containers only."""
    containers = [{"name": "app", "networkInterfaces": [{"attachmentId": "a", "ipv6Address": "fd00::9"}]}]

    assert PlacedTask.from_document(_TASK | {"containers": containers}).address == "fd00::9"


def test_task_without_an_interface_has_no_address() -> None:
    """It is reached at its host."""
    assert PlacedTask.from_document(_TASK | {"containers": [{"name": "app"}]}).address == ""


def test_bindings_of_a_container_are_read() -> None:
    """Those that have both ports."""
    bindings = [{"containerPort": 9659, "hostPort": 32768, "protocol": "tcp", "bindIP": "10.0.0.1"}, {"bindIP": "::"}]
    [container] = PlacedTask.from_document(
        _TASK | {"containers": [{"name": "app", "networkBindings": bindings}]}
    ).containers

    assert container.bindings == (PortBinding(9659, 32768),)


def test_definition_without_a_mode_is_of_mode_bridge() -> None:
    """Which is what ECS takes."""
    assert Exposure.from_document({"containerDefinitions": []}) == Exposure("bridge", ())


def test_ports_are_those_over_tcp_with_ranges() -> None:
    """Of UDP nobody scrapes."""
    mappings = [
        {"containerPort": 9659},
        {"containerPort": 8125, "protocol": "udp"},
        {"containerPortRange": "7000-7002"},
    ]
    definition = {"name": "app", "portMappings": mappings, "dockerLabels": {"team": "a"}}

    assert Exposure.from_document({"networkMode": "awsvpc", "containerDefinitions": [definition]}) == Exposure(
        "awsvpc", (ExposedContainer("app", (9659, 7000, 7001, 7002), {"team": "a"}),)
    )
