"""What runs in clusters, counted by ECS."""

from taskscope.model.ecs import Container, Task
from taskscope.sources.cost.amounts import Load
from taskscope.sources.cost.cluster import running_load
from tests.unit.sources.conftest import MemoryEcs

_ARN = "arn:aws:ecs:eu-west-1:111122223333"


class CountedEcs(MemoryEcs):
    """Knows its services beside the tasks."""

    def services(self, cluster: str) -> list[str]:
        """Return two services of the cluster shop, none of others."""
        return ["api", "jobs"] if cluster == "shop" else []


def _task(number: int, group: str, *, containers: int = 1, status: str = "RUNNING", family: str = "f:1") -> Task:
    held = tuple(Container(f"c{each}", status) for each in range(containers))
    return Task(
        arn=f"{_ARN}:task/shop/{number}",
        cluster_arn=f"{_ARN}:cluster/shop",
        definition_arn=f"{_ARN}:task-definition/{family}",
        created_at=1,
        last_status=status,
        desired_status="RUNNING",
        group=group,
        containers=held,
    )


def test_services_running_tasks_and_their_containers_are_counted() -> None:
    """Over all clusters; tasks that have stopped do not count; families that no service runs count apart."""
    shop = [
        _task(1, "service:api", containers=2),
        _task(2, "service:api", containers=3),
        _task(3, "service:api", status="STOPPED"),
        _task(4, "family:batch", family="batch:1"),
        _task(5, "family:batch", family="batch:2"),
    ]
    ecs = CountedEcs({"shop": shop, "lab": [_task(6, "family:x", family="x:1")]})

    assert running_load(ecs, ["shop", "lab"]) == Load(clusters=2, services=2, families=2, tasks=5, containers=8)
