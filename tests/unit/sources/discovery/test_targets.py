"""Targets and their labels, as Prometheus reads them."""

import json
import re

from taskscope.model.placement import ExposedContainer, PlacedContainer, PlacedTask
from taskscope.sources.discovery.endpoints import Endpoint
from taskscope.sources.discovery.hosts import Host
from taskscope.sources.discovery.targets import documents, target

_ARN = "arn:aws:ecs:eu-west-1:111122223333"
_CONTAINER = PlacedContainer("exporter", "RUNNING", image="taskscope:1")
_ENDPOINT = Endpoint(_CONTAINER, 9659, 9659, "/metrics")


def _task(number: str = "1a2b", *, address: str = "10.0.0.9", service: str = "api") -> PlacedTask:
    return PlacedTask(
        f"{_ARN}:task/shop/{number}", f"{_ARN}:cluster/shop", f"{_ARN}:task-definition/web:42",
        group=f"service:{service}", last_status="RUNNING", launch_type="FARGATE", availability_zone="eu-west-1b",
        address=address, tags={"cost/center": "7"}, containers=(_CONTAINER,),
    )  # fmt: skip


def test_series_get_the_names_of_the_task() -> None:
    """What is empty is left out; what is for relabelling alone begins with ``__``."""
    found = target(_task(), _ENDPOINT, ExposedContainer("exporter"), mode="awsvpc", host=None)

    assert found.address == "10.0.0.9:9659"
    assert {name: value for name, value in found.labels.items() if not name.startswith("__")} == {
        "availability_zone": "eu-west-1b", "cluster": "shop", "container": "exporter", "family": "web",
        "launch_type": "FARGATE", "revision": "42", "service": "api", "task": "1a2b",
    }  # fmt: skip
    assert all(found.labels.values())


def test_labels_for_relabelling_have_legal_names() -> None:
    """Tags and docker labels may have any; other characters become underscores."""
    exposed = ExposedContainer("exporter", labels={"com.example.team": "a"})
    found = target(_task(), _ENDPOINT, exposed, mode="awsvpc", host=None)

    assert found.labels["__meta_ecs_tag_task_cost_center"] == "7"
    assert found.labels["__meta_ecs_container_label_com_example_team"] == "a"
    assert found.labels["__meta_ecs_network_mode"] == "awsvpc"
    assert all(re.fullmatch("[a-zA-Z_][a-zA-Z0-9_]*", name) for name in found.labels)


def test_host_stands_for_a_task_without_an_interface() -> None:
    """With its own port; labels say which machine it is."""
    bound = Endpoint(_CONTAINER, 9659, 32768, "/metrics")
    found = target(_task(), bound, ExposedContainer("exporter"), mode="bridge", host=Host("i-1", "10.0.1.1"))

    assert found.address == "10.0.1.1:32768"
    assert found.labels["__meta_ecs_ec2_instance_id"] == "i-1"
    assert found.labels["__meta_ecs_container_port"] == "9659"
    assert found.labels["__meta_ecs_ip_address"] == "10.0.1.1"


def test_address_of_ipv6_stands_in_brackets() -> None:
    """As Prometheus wants it."""
    found = target(_task(address="fd00::9"), _ENDPOINT, ExposedContainer("exporter"), mode="awsvpc", host=None)

    assert found.address == "[fd00::9]:9659"


def test_path_is_said_where_it_is_another() -> None:
    """Prometheus takes /metrics by itself, or what its configuration says."""
    usual = target(_task(), _ENDPOINT, ExposedContainer("exporter"), mode="awsvpc", host=None)
    other = Endpoint(_CONTAINER, 9659, 9659, "/prometheus")

    assert "__metrics_path__" not in usual.labels
    found = target(_task(), other, ExposedContainer("exporter"), mode="awsvpc", host=None)
    assert found.labels["__metrics_path__"] == "/prometheus"


def test_document_is_in_one_order() -> None:
    """So that a file that would say the same is not written again."""
    made = [
        target(_task(each, address=f"10.0.0.{each}"), _ENDPOINT, ExposedContainer("exporter"), mode="awsvpc", host=None)
        for each in ("3", "1", "2")
    ]
    document = documents(made)

    assert [each["targets"] for each in document] == [["10.0.0.1:9659"], ["10.0.0.2:9659"], ["10.0.0.3:9659"]]
    assert json.dumps(document) == json.dumps(documents(reversed(made)))
    assert {each for group in document for each in group} == {"targets", "labels"}
