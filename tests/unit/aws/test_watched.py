"""What watching asks: request by request, each announced before it is made."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from taskscope.aws.session import Account
from taskscope.aws.watched import Watched
from taskscope.clock import SECOND, system_clock
from taskscope.errors import NotFoundError
from tests.conftest import StartAws
from tests.unit.aws.conftest import Serve


@pytest.fixture
def spent() -> list[str]:
    """Give the operations that were announced."""
    return []


def test_every_page_is_announced(serve: Serve, spent: list[str]) -> None:
    """And its items come in order."""

    def answer(operation: str, document: dict[str, Any]) -> dict[str, Any]:
        assert operation == "ListTasks"
        assert spent == ["ListTasks"] * (int(document.get("nextToken", "0")) + 1)
        page = int(document.get("nextToken", "0"))
        return {"taskArns": [f"arn-{page}"]} | ({"nextToken": str(page + 1)} if page < 2 else {})

    aws = Watched(Account(region="eu-west-1", endpoint_url=serve(answer), attempts=1), spent.append)

    assert aws.task_arns("prod", "RUNNING") == ["arn-0", "arn-1", "arn-2"]


@pytest.mark.parametrize(("fast_seconds", "found_seconds"), [(240, 240), (-240, 0), (0, 0)])
def test_answers_tell_by_how_much_the_clock_is_fast(serve: Serve, fast_seconds: int, found_seconds: int) -> None:
    """By the header that says when they were made, to a second; a slow clock is none."""

    def clock() -> int:
        return system_clock() + fast_seconds * SECOND

    endpoint = serve(lambda _operation, _document: {"clusterArns": []})
    aws = Watched(Account(region="eu-west-1", endpoint_url=endpoint, attempts=1), lambda _operation: None, clock=clock)
    aws.cluster_names()

    assert max(0, found_seconds - 1.1) <= aws.ahead_ns / SECOND <= found_seconds + 5


def test_what_may_not_be_asked_is_not(serve: Serve) -> None:
    """Whoever announces may refuse."""

    class StopError(Exception):
        pass

    def refuse(_operation: str) -> None:
        raise StopError

    asked: list[str] = []

    def answer(operation: str, _document: dict[str, Any]) -> dict[str, Any]:
        asked.append(operation)
        return {}

    aws = Watched(Account(region="eu-west-1", endpoint_url=serve(answer)), refuse)
    with pytest.raises(StopError):
        aws.cluster_names()

    assert asked == []


def test_a_cluster_and_its_objects_are_described(
    embedded_aws: StartAws, spent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the embedded AWS has them, which checks each request by AWS's model."""
    lab = embedded_aws(runner=False)
    for name, value in lab.environment.items():
        monkeypatch.setenv(name, value)
    lab.client("ecs").create_cluster(clusterName="prod")
    aws = Watched(Account(region=lab.region, endpoint_url=lab.url, attempts=1), spent.append)
    lab.client("ecs").register_task_definition(
        family="web", containerDefinitions=[{"name": "app", "image": "x", "memory": 64}]
    )
    lab.client("ecs").create_service(
        cluster="prod", serviceName="web", taskDefinition="web", desiredCount=0, launchType="EC2"
    )
    lab.client("logs").create_log_group(logGroupName="/ecs/web")
    lab.client("cloudwatch").put_metric_alarm(
        AlarmName="described-hot", EvaluationPeriods=1, ComparisonOperator="GreaterThanThreshold", Threshold=1,
        MetricName="CPUUtilization", Namespace="AWS/ECS", Period=60, Statistic="Average",
    )  # fmt: skip
    now = datetime.now(UTC)

    [arn] = [each for each in aws.cluster_names() if each.endswith("/prod")]
    assert aws.clusters(["prod", "none"])[0]["settings"] == [{"name": "containerInsights", "value": "disabled"}]
    [service] = aws.service_arns("prod")
    assert aws.services("prod", [service])[0]["clusterArn"] == arn
    instance = aws.instance_arns("prod")[0]
    assert aws.instances("prod", [instance])[0]["status"] == "ACTIVE"
    assert aws.task_arns("prod", "STOPPED") == []
    assert aws.tasks("prod", ["0" * 32]) == []
    assert aws.definition("web:1")["family"] == "web"
    alarms = [each["AlarmName"] for each in aws.alarms()]  # with those of other tests: they are the process's
    assert alarms.count("described-hot") == 1
    assert list(aws.log_events("/ecs/web", start=-5, prefix="ecs/", pattern='"x"')) == [[]]
    metric = {"Namespace": "AWS/ECS", "MetricName": "x"}
    query = {"Id": "m0", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}
    assert [each["Values"] for each in aws.metric_data([query], start=now - timedelta(hours=1), end=now)] == [[]]
    assert len(spent) == 12
    with pytest.raises(NotFoundError):
        aws.service_arns("none")
