"""The logs of tasks: of one, of a service, of a cluster."""

from typing import Any

import pytest

from taskscope.aws.ecs import Ecs
from taskscope.errors import NotFoundError
from taskscope.model.ecs import Container, EcsService, LogConfiguration, Task, TaskDefinition
from taskscope.model.log_reading import LogSelection
from taskscope.sources.logs.containers import ContainerPlaces

ID = "0123456789abcdef0123456789abcdef"
WEB = LogConfiguration("awslogs", {"awslogs-group": "/web", "awslogs-stream-prefix": "ecs"})
PROXY = LogConfiguration("awslogs", {"awslogs-group": "/proxy", "awslogs-region": "us-east-1"})
DEFINITION = TaskDefinition("a/web:1", {"web": WEB, "proxy": PROXY, "silent": None})
TASK = Task(
    f"a/{ID}", "a/prod", "a/web:1", 0, "STOPPED", "STOPPED", stopped_at=99, group="service:shop",
    containers=(Container("web", "STOPPED"), Container("proxy", "STOPPED", runtime_id="r-1")),
)  # fmt: skip


class Cluster(Ecs):
    """One cluster with a service and a task."""

    def clusters(self) -> list[str]:
        """Return its name."""
        return ["prod"]

    def services(self, cluster: str) -> list[str]:
        """Return the one service."""
        if cluster != "prod":
            raise NotFoundError("no such cluster")
        return ["shop"]

    def service(self, cluster: str, name: str) -> EcsService | None:
        """Return the one service, whose next deployment has another definition."""
        if cluster != "prod":
            raise NotFoundError("no such cluster")
        return EcsService("shop", definitions=("a/web:2", "a/web:1")) if name == "shop" else None

    def task_arns(self, cluster: str, *, service: str | None = None) -> Any:
        """Return the one task."""
        assert service in {None, "shop"}
        return [TASK.arn] if cluster == "prod" else []

    def tasks(self, cluster: str, ids: Any) -> list[Task]:
        """Return the one task."""
        assert cluster == "prod"
        return [TASK] if ID in str(ids) else []

    def definition(self, arn: str) -> TaskDefinition:
        """Return a definition."""
        return DEFINITION if arn == "a/web:1" else TaskDefinition(arn, {"web": LogConfiguration("awslogs", {
            "awslogs-group": "/web2", "awslogs-stream-prefix": "ecs"})})  # fmt: skip


@pytest.fixture
def finder() -> ContainerPlaces:
    """Give a finder in that cluster."""
    ecs = Cluster(None)  # type: ignore[arg-type]  # nothing asks AWS
    return ContainerPlaces(ecs, None, lambda group, region: f"arn:{region}:{group}", [])


def test_task_has_the_streams_of_its_containers(finder: ContainerPlaces) -> None:
    """By prefix or runtime id, each in its region; a container that logs nowhere is said."""
    web, proxy = finder.find(LogSelection(cluster="prod", task=ID))

    assert (web.group, web.stream, web.arn) == ("/web", f"ecs/web/{ID}", "arn:None:/web")
    assert web.labels == {"cluster": "prod", "service": "shop", "task": ID, "container": "web"}
    assert (proxy.group, proxy.stream, proxy.region) == ("/proxy", "r-1", "us-east-1")
    assert finder.task == TASK
    assert finder.notices == ["logs of container silent cannot be read: it has no log configuration"]


@pytest.mark.parametrize("selection", [LogSelection(cluster="prod", service="shop"), LogSelection(cluster="prod")])
def test_service_is_read_by_its_prefixes(finder: ContainerPlaces, selection: LogSelection) -> None:
    """So that tasks of yesterday and of tomorrow are there, too; of both deployments."""
    found = finder.find(selection)

    prefixes = {(each.group, each.prefix) for each in found if each.prefix}
    assert prefixes == {("/web", "ecs/web/"), ("/web2", "ecs/web/")}
    assert {each.stream for each in found if each.stream} == {f"ecs/web/{ID}", "r-1"}
    assert {each.labels["service"] for each in found} == {"shop"}
    assert not any(each.required for each in found)


def test_containers_narrow_it(finder: ContainerPlaces) -> None:
    """A name that no container has is refused, with those that there are."""
    [found] = finder.find(LogSelection(cluster="prod", task=ID, containers=("proxy",)))

    assert found.stream == "r-1"
    with pytest.raises(NotFoundError, match="no container wbe has a log") as caught:
        finder.find(LogSelection(cluster="prod", task=ID, containers=("wbe",)))
    assert caught.value.hint == "there are: proxy, web"


@pytest.mark.parametrize(
    ("selection", "message", "hint"),
    [
        (LogSelection(cluster="prdo"), "there is no cluster prdo", "did you mean prod?"),
        (LogSelection(cluster="prdo", service="shop"), "there is no cluster prdo", "did you mean prod?"),
        (LogSelection(cluster="prod", service="shpo"), "there is no service shpo", "did you mean shop?"),
        (LogSelection(cluster="prod", service="x"), "there is no service x in cluster prod", "there are: shop"),
        (LogSelection(cluster="prod", task="ffff"), "ECS knows no task ffff", "leave the task out"),
    ],
)
def test_what_does_not_exist_is_answered_with_what_does(
    finder: ContainerPlaces, selection: LogSelection, message: str, hint: str
) -> None:
    """Exit code 3."""
    with pytest.raises(NotFoundError, match=message) as caught:
        finder.find(selection)

    assert (caught.value.hint or "").startswith(hint)
