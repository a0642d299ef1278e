"""What looks at a cluster find, what they ask, and what becomes of tasks that cannot be reached."""

import pytest

from taskscope.aws.ecs import Ecs
from taskscope.aws.session import Account
from taskscope.errors import DeniedError, NotFoundError, ThrottledError
from taskscope.model.placement import ExposedContainer, Exposure, PlacedContainer, PlacedTask, PortBinding
from taskscope.sources.discovery.look import Discovery, Look
from taskscope.sources.discovery.wanted import Wanted

from .conftest import Aws, MemoryPlacements

_ARN = "arn:aws:ecs:eu-west-1:111122223333"
_BOUND = (PlacedContainer("exporter", "RUNNING", bindings=(PortBinding(9659, 32768),)),)
_EXPORTER = ExposedContainer("exporter", (9659,))


def _add(aws: Aws, number: int, mode: str, *, instance: str = "", address: str = "", service: str = "api") -> None:
    definition = f"{_ARN}:task-definition/{mode}:1"
    aws.exposures[definition] = Exposure(mode, (_EXPORTER,))
    aws.tasks.append(
        PlacedTask(
            f"{_ARN}:task/shop/{number}", f"{_ARN}:cluster/shop", definition, group=f"service:{service}",
            address=address, instance_arn=instance, containers=_BOUND,
        )
    )  # fmt: skip


def _look(discovery: Discovery) -> tuple[list[str], dict[str, str]]:
    found: Look = discovery.look()
    return [each.address for each in found.targets], {each.task.id: each.reason for each in found.left_out}


def _discovery(**wanted: object) -> Discovery:
    return Discovery(Account(), Wanted(("shop",), **wanted))  # type: ignore[arg-type]  # a test's shorthand


@pytest.fixture
def cluster(aws: Aws) -> Aws:
    """Give a cluster with a task of every network mode, on Fargate, EC2 and a machine outside of AWS."""
    _add(aws, 1, "awsvpc", address="10.0.0.9")
    _add(aws, 2, "bridge", instance="inside")
    _add(aws, 3, "host", instance="inside")
    _add(aws, 4, "bridge", instance="outside", service="edge")
    aws.instances = {"inside": "i-1", "outside": "mi-1"}
    aws.ec2 = {"i-1": "10.0.1.1"}
    aws.ssm = {"mi-1": "192.168.0.4"}
    return aws


def test_tasks_are_found_in_every_network_mode(cluster: Aws) -> None:
    """At their own address, at the instance's, and at the machine's."""
    assert cluster.tasks
    assert _look(_discovery()) == (["10.0.0.9:9659", "10.0.1.1:32768", "10.0.1.1:32768", "192.168.0.4:32768"], {})


def test_what_cannot_change_is_asked_once(cluster: Aws) -> None:
    """Task definitions, machines of container instances, addresses of EC2; those outside of AWS may move."""
    discovery = _discovery()
    first = _look(discovery)
    cluster.ssm["mi-1"] = "192.168.0.5"
    again = _look(discovery)

    assert cluster.calls == {"list_tasks": 2, "tasks": 2, "exposure": 3, "instances": 1, "ec2": 1, "ssm": 2}
    assert again[0] == [*first[0][:3], "192.168.0.5:32768"]


def test_what_is_not_needed_is_not_asked(aws: Aws) -> None:
    """Tasks on Fargate need no permission of EC2 and Systems Manager; nor do those without an exporter."""
    _add(aws, 1, "awsvpc", address="10.0.0.9")
    _add(aws, 2, "bridge", instance="inside")
    aws.exposures[f"{_ARN}:task-definition/bridge:1"] = Exposure("bridge", (ExposedContainer("app", (80,)),))
    targets, left_out = _look(_discovery())

    assert (targets, list(left_out)) == (["10.0.0.9:9659"], ["2"])
    assert set(aws.calls) == {"list_tasks", "tasks", "exposure"}


def test_service_narrows_to_its_tasks(cluster: Aws) -> None:
    """Several may be named; a task is there once."""
    assert cluster.tasks
    assert _look(_discovery(services=("edge",)))[0] == ["192.168.0.4:32768"]
    assert len(_look(_discovery(services=("edge", "api", "api")))[0]) == 4


def test_given_address_wins(cluster: Aws) -> None:
    """Systems Manager tells the first interface, which may be none that Prometheus reaches; then it is not asked."""
    targets, _ = _look(_discovery(addresses={"mi-1": "edge.example.com"}))

    assert targets[-1] == "edge.example.com:32768"
    assert "ssm" not in cluster.calls


def test_missing_permission_leaves_out_what_needs_it(cluster: Aws) -> None:
    """It says which, and what to do; the other tasks are found."""
    cluster.failing["ssm"] = DeniedError("cannot read: the permission ssm:DescribeInstanceInformation is missing")
    targets, left_out = _look(_discovery())

    assert len(targets) == 3
    assert left_out == {
        "4": "cannot read: the permission ssm:DescribeInstanceInformation is missing; "
        "add it, or give --external-address mi-1=ADDRESS"
    }


def test_missing_permission_of_container_instances_leaves_out_their_tasks(cluster: Aws) -> None:
    """Those with an interface of their own are found."""
    cluster.failing["instances"] = DeniedError("the permission is missing")
    targets, left_out = _look(_discovery())

    assert targets == ["10.0.0.9:9659"]
    assert left_out == dict.fromkeys("234", "the permission is missing")


def test_throttling_is_no_answer(cluster: Aws) -> None:
    """Targets that a look did not reach may still be there: nothing is told of them."""
    cluster.failing["ec2"] = ThrottledError("AWS throttles")

    with pytest.raises(ThrottledError):
        _discovery().look()


def test_machine_that_is_not_known_says_so(cluster: Aws) -> None:
    """By its id, which --external-address takes."""
    cluster.ec2.clear()
    cluster.ssm.clear()
    _, left_out = _look(_discovery())

    assert left_out["2"] == "EC2 has no address of its machine i-1: give --external-address i-1=ADDRESS"
    assert left_out["4"] == "Systems Manager has no address of its machine mi-1: give --external-address mi-1=ADDRESS"


def test_task_that_is_on_its_way_is_left_out(aws: Aws) -> None:
    """Its interface has no address yet; its container instance may be gone already."""
    _add(aws, 1, "awsvpc")
    _add(aws, 2, "bridge", instance="gone")
    _add(aws, 3, "bridge")
    aws.exposures[f"{_ARN}:task-definition/awsvpc:1"] = Exposure("awsvpc", (_EXPORTER,))

    assert _look(_discovery())[1] == {
        "1": "its network interface has no address yet",
        "2": "its container instance is gone",
        "3": "ECS does not say on which container instance it runs",
    }


def test_unknown_cluster_is_said_with_its_neighbours(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """As other commands do."""
    monkeypatch.setattr(Ecs, "clusters", lambda _: ["shop"])

    with pytest.raises(NotFoundError, match=r"there is no cluster shp .*did you mean shop"):
        Discovery(Account(), Wanted(("shp",))).look()
    assert aws.calls == {"list_tasks": 1}


def test_clusters_of_two_regions_are_looked_at_where_they_are(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """An ARN says its region."""
    regions: list[str | None] = []

    def placements(_account: Account, *, region: str | None) -> MemoryPlacements:
        regions.append(region)
        return MemoryPlacements(aws)

    monkeypatch.setattr("taskscope.sources.discovery.look.Placements", placements)
    Discovery(Account(), Wanted((f"{_ARN}:cluster/shop", "shop"))).look()

    assert regions == ["eu-west-1", None]
    assert aws.calls["list_tasks"] == 2
