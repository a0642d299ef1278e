"""What enabling something costs."""

import pytest

from taskscope.aws.insights import Measured
from taskscope.cli.account.enable_costs import insights_cost, tracing_cost
from taskscope.errors import DeniedError
from taskscope.model.ecs import Container, Task
from tests.unit.sources.conftest import MemoryEcs

_ARN = "arn:aws:ecs:eu-west-1:111122223333"
_SHOP = Measured("shop", "disabled", 2, 4)


class ShopEcs(MemoryEcs):
    """Runs two services of two tasks of three containers, each."""

    def __init__(self) -> None:
        groups = ("service:api", "service:api", "service:jobs", "service:jobs")
        super().__init__({"shop": [_task(number, group) for number, group in enumerate(groups)]})

    def services(self, _cluster: str) -> list[str]:
        """Return their names."""
        return ["api", "jobs"]


class DeniedEcs(MemoryEcs):
    """Lets nobody list services."""

    def services(self, _cluster: str) -> list[str]:
        """
        Refuse.

        Raises:
            DeniedError: Always.
        """
        raise DeniedError("the permission ecs:ListServices is missing")


def _task(number: int, group: str) -> Task:
    return Task(
        arn=f"{_ARN}:task/shop/{number}",
        cluster_arn=f"{_ARN}:cluster/shop",
        definition_arn=f"{_ARN}:task-definition/f:1",
        created_at=1,
        last_status="RUNNING",
        desired_status="RUNNING",
        group=group,
        containers=tuple(Container(name, "RUNNING") for name in ("app", "log", "proxy")),
    )


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        # 13 + 2 * 25 metrics; (1 + 2 + 4 + 4 * 3) events of 1000 bytes a minute for 730 hours
        ("enabled", "about 19.32 USD a month for 1 cluster, 2 services, 4 tasks, 12 containers: 63 metrics, 0.8 GB of"),
        # and 4 * 3 + 12 * 12
        ("enhanced", "about 15.75 USD a month for 1 cluster, 2 services, 4 tasks, 12 containers: 219 metrics, 0.8 GB"),
        ("disabled", "nothing; "),
    ],
)
def test_insights_cost_metrics_and_logs(mode: str, expected: str) -> None:
    """By services, tasks and containers as they are now: the figures of `taskscope cost --cluster`."""
    assert insights_cost(_SHOP, mode, ShopEcs()).startswith(expected)


def test_who_may_not_list_gets_the_cluster_s_own_counts() -> None:
    """Each task counts as a container then, and that is said."""
    said = insights_cost(_SHOP, "enabled", DeniedEcs({"shop": []}))

    assert said.startswith("about 19.14 USD a month for 1 cluster, 2 services, 4 tasks, 4 containers: 63 metrics, ")
    assert said.endswith("; more with several containers a task, which you may not list)")


def test_tracing_costs_by_recorded_trace() -> None:
    """Who decides how many are recorded differs: Lambda itself, or X-Ray's rules."""
    assert "Lambda records one request a second" in tracing_cost(lambda_samples=True, active=True)
    assert "X-Ray's sampling rules decide" in tracing_cost(lambda_samples=False, active=True)
    assert tracing_cost(lambda_samples=False, active=False).startswith("nothing")
