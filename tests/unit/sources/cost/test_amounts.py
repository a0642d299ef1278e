"""How many metrics and log bytes a target takes, by figures that can be checked by hand."""

import pytest

from taskscope.errors import UsageError
from taskscope.sources.cost.amounts import (
    DAYS,
    MINUTES,
    Amount,
    Load,
    Target,
    container_insights,
    parse_target,
    predict,
)

_LOAD = Load(clusters=1, services=3, tasks=10, containers=20)


def test_insights_has_ten_metrics_for_each_set_of_dimensions() -> None:
    """One cluster, three services and their three families: seven; and an event a minute of each task and container."""
    amount = predict(Target("container-insights"), _LOAD)

    assert amount == Amount("container-insights", 70, MINUTES * (10 * 1326 + 20 * 476))


def test_a_family_without_a_service_has_one_set_of_dimensions() -> None:
    """Nobody can send a service's metrics for it, nor count its tasks as a service's."""
    load = Load(clusters=1, services=0, families=2, tasks=2, containers=6)
    standard, enhanced = container_insights(load)

    assert predict(Target("container-insights"), load).metrics == 10 + 2 * 10
    assert predict(Target("emf", containers=True), load).metrics == 2 * (16 + 20)
    assert (standard.metrics, enhanced.metrics) == (13 + 2 * 10, 13 + 2 * 10 + 2 * 3 + 6 * 12)


def test_without_tasks_nothing_is_measured() -> None:
    """Nor paid for."""
    assert predict(Target("container-insights"), Load()) == Amount("container-insights")
    assert predict(Target("emf", containers=True), Load()) == Amount("emf")


def test_apps_metrics_cost_by_series_and_points() -> None:
    """A series is a name with one set of dimensions."""
    amount = predict(Target("emf"), Load(series=40, points_a_day=1000))

    assert amount.metrics == 40
    assert amount.log_bytes == pytest.approx(1000 * DAYS * 356)


@pytest.mark.parametrize(
    ("dimensions", "metrics"),
    [
        (("service.name",), 3 * (16 + 20)),
        (("service.name", "container.name"), 3 * (2 * 16 + 20)),
        (("aws.ecs.task.id",), 20 * 16 + 10 * 20),
        (("container.id", "service.name"), 20 * 16 + 10 * 20),
    ],
)
def test_metrics_of_containers_by_emf_depend_on_the_dimensions(dimensions: tuple[str, ...], metrics: int) -> None:
    """A dimension that each task has its own value of makes metrics of each task."""
    amount = predict(Target("emf", dimensions, containers=True), _LOAD)

    assert amount.metrics == metrics
    assert amount.log_bytes == MINUTES * 6 * (20 * 2000 + 10 * 3500)


def test_log_lines_cost_their_bytes_and_26_each() -> None:
    """As CloudWatch Logs counts them."""
    amount = predict(Target("cloudwatch-logs"), Load(log_bytes_a_day=1000, log_lines_a_day=10))

    assert amount.metrics == 0
    assert amount.log_bytes == pytest.approx(1260 * DAYS)


def test_aws_s_own_has_more_of_it_when_enhanced() -> None:
    """13 of the cluster, 25 of each service; enhanced 3 more of each task and 12 of each container."""
    standard, enhanced = container_insights(_LOAD)

    assert (standard.metrics, enhanced.metrics) == (88, 88 + 30 + 240)
    assert standard.log_bytes == enhanced.log_bytes == 34 * MINUTES * 1000
    assert (standard.enhanced, enhanced.enhanced) == (False, True)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("emf", Target("emf")),
        ("EMF,namespace=a\\,b,dimension=service.name,dimension=container.name,containers=true",
         Target("emf", ("service.name", "container.name"), containers=True)),
        ("container-insights,retention-days=1", Target("container-insights")),
        ("cloudwatch-logs,group=/x", Target("cloudwatch-logs")),
    ],
)  # fmt: skip
def test_targets_are_read_as_the_collector_reads_them(text: str, target: Target) -> None:
    """Options that cost nothing are passed by."""
    assert parse_target(text) == target


def test_other_targets_are_refused() -> None:
    """With those that are known."""
    with pytest.raises(UsageError, match="xray") as caught:
        parse_target("xray")

    assert caught.value.hint == "choose of container-insights, emf, cloudwatch-logs"


@pytest.mark.parametrize("load", [Load(tasks=-1), Load(services=-1), Load(log_bytes_a_day=-5), Load(tasks=2)])
def test_impossible_figures_are_refused(load: Load) -> None:
    """By the option that gives them."""
    with pytest.raises(UsageError, match="--"):
        load.validate()
