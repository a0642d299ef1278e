"""What is watched is kept: clusters, services, tasks, their history, alarms and log lines."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import pytest

from taskscope.lab.threaded import ThreadedAws, embedded_aws
from tests.e2e.collect.collector import Collector
from tests.e2e.conftest import Run
from tests.e2e.watch.conftest import TICKER, Cluster, Watch, ask, stored_lines

_MEASURED: Final = "0123456789abcdef0123456789abcdef"


class Kept(NamedTuple):
    """A cluster of everything, and the server that watches it."""

    cluster: Cluster
    server: Collector
    job: str
    """A task that had stopped before watching began."""


@pytest.fixture(scope="module")
def kept(aws: ThreadedAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """Give a cluster with a service of two tasks, a stopped task, an alarm, and figures that CloudWatch has."""
    cluster = Cluster(aws)
    cluster.ecs.update_cluster_settings(
        cluster=cluster.name, settings=[{"name": "containerInsights", "value": "enabled"}]
    )
    job = cluster.run("job", "echo before; exit 3")
    cluster.serve("web", "app", TICKER, count=2)
    _put_alarm(cluster, "hot")
    _put_performance(cluster, _MEASURED)
    _put_metric(aws, cluster.name, 37.5)
    _until_stopped(cluster, job)
    options = ("--watch", cluster.name, "--watch-metrics", "--watch-interval", "0.2")
    budget = ("--watch-requests-per-minute", "6000")
    with Collector(tmp_path_factory.mktemp("server"), *options, *budget, env=aws.environment) as server:
        yield Kept(cluster, server, job)
    cluster.stop_all()


def test_a_cluster_is_kept_with_what_is_in_it(kept: Kept) -> None:
    """Services with their counts and history, tasks, instances, alarms."""
    cluster, server, _ = kept
    server.until(lambda: len(ask(server, f"/api/tasks?cluster={cluster.name}&status=RUNNING")["tasks"]) == 2)
    server.until(lambda: ask(server, f"/api/ecs/services?cluster={cluster.name}")["services"][0]["running_count"] == 2)

    [found] = [each for each in ask(server, "/api/clusters")["clusters"] if each["arn"] == cluster.arn]
    assert (found["services"], found["running_tasks"], found["stopped_tasks"]) == (1, 2, 1)
    [service] = ask(server, f"/api/ecs/services?cluster={cluster.name}")["services"]
    assert (service["name"], service["desired_count"], service["status"]) == ("web", 2, "ACTIVE")
    server.until_sql("SELECT DISTINCT Name FROM ecs_alarms WHERE ClusterArn = {c:String}", [["ALARM"]], c=cluster.arn)
    assert server.sql("SELECT count() FROM ecs_service_events WHERE ClusterArn = {c:String}", c=cluster.arn) != [[0]]
    assert server.sql("SELECT DISTINCT Name FROM ecs_container_instances") == [["ACTIVE"]]
    assert f"watching {cluster.name}: at most 6000 requests to AWS a minute" in server.log()


def test_what_was_before_watching_began_is_there(kept: Kept, run: Run) -> None:
    """A task that had stopped, with its line."""
    server, task = kept.server, kept.job.rpartition("/")[2]
    stopped = ask(server, f"/api/tasks/{task}")
    assert stopped["last_status"] == "STOPPED"
    assert [each["exit_code"] for each in stopped["containers"]] == [3]
    server.until(lambda: "before" in {text for _, text in stored_lines(server, kept.cluster.group)})

    asked = ("--from", "store", "--task", f"{kept.cluster.name}/{task}")
    printed = run("taskscope", "logs", *asked, env={"TASKSCOPE_SERVER": f"http://127.0.0.1:{server.ports['api']}"})

    assert "before" in printed.stdout, printed


def test_lines_say_whose_they_are(kept: Kept) -> None:
    """Task, container and service stand at each line, as at all else that comes of the task."""
    cluster, server, job = kept
    server.until(lambda: len(stored_lines(server, cluster.group)) > 3)

    rows = server.sql("SELECT DISTINCT toJSONString(ResourceAttributes) FROM otel_logs")

    found = {each["aws.ecs.task.arn"]: each for [text] in rows if (each := json.loads(text))}
    assert found.keys() == {job, *cluster.ecs.list_tasks(cluster=cluster.name)["taskArns"]}
    for arn, attributes in found.items():
        names = [attributes.get(name) for name in ("aws.ecs.service.name", "service.name", "container.name")]
        assert names == ([None, f"{cluster.name}-job", "job"] if arn == job else ["web", "web", "app"])
        assert (attributes["aws.ecs.cluster.arn"], attributes["cloud.platform"]) == (cluster.arn, "aws_ecs")


def test_what_cloudwatch_measured_is_read_back(kept: Kept) -> None:
    """Performance events where Container Insights is on, and CloudWatch's own metrics where they are asked for."""
    kept.server.until_sql(
        "SELECT MetricName, Value, ResourceAttributes['taskscope.measured_by'] FROM otel_metrics_gauge"
        " WHERE ResourceAttributes['aws.ecs.cluster.arn'] = {c:String} ORDER BY MetricName",
        [
            ["aws.ecs.cluster.cpu.utilization", 0.375, "cloudwatch"],
            ["ecs.task.cpu.limit", 0.5, "container-insights"],
            ["ecs.task.cpu.usage", 0.125, "container-insights"],
            ["ecs.task.memory.working_set", 100 * 2.0**20, "container-insights"],
        ],
        c=kept.cluster.arn,
    )
    kept.server.until_sql(
        "SELECT ResourceAttributes['aws.ecs.task.id'], Attributes['disk.io.direction'], Value FROM otel_metrics_sum"
        " WHERE ResourceAttributes['aws.ecs.cluster.arn'] = {c:String} ORDER BY Value",
        [[_MEASURED, "write", 0], [_MEASURED, "read", 4096]],
        c=kept.cluster.arn,
    )


def test_what_aws_has_forgotten_is_still_there(watch: Watch) -> None:
    """
    ECS forgets a stopped task; the store does not, with its exit code and its lines.

    Its cluster was made when all clusters were watched already.
    """
    with embedded_aws(stopped_task_ttl=2.0, server=False, isolate=False) as aws:
        server = watch("--watch", "*", url=aws.url)
        cluster = Cluster(aws)
        server.until(lambda: cluster.arn in {each["arn"] for each in ask(server, "/api/clusters")["clusters"]})
        job = cluster.run("job", "echo the last words; exit 7")
        _until_stopped(cluster, job)
        server.until(lambda: not cluster.ecs.describe_tasks(cluster=cluster.name, tasks=[job])["tasks"], seconds=20)

        found = ask(server, f"/api/tasks/{job.rpartition('/')[2]}")

        assert (found["last_status"], found["stop_code"]) == ("STOPPED", "EssentialContainerExited")
        assert [each["exit_code"] for each in found["containers"]] == [7]
        server.until(lambda: [text for _, text in stored_lines(server, cluster.group)] == ["the last words"])


def _until_stopped(cluster: Cluster, task: str) -> None:
    deadline = time.monotonic() + 20
    while cluster.ecs.describe_tasks(cluster=cluster.name, tasks=[task])["tasks"][0]["lastStatus"] != "STOPPED":
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _put_alarm(cluster: Cluster, name: str) -> None:
    client = cluster.aws.client("cloudwatch")
    client.put_metric_alarm(
        AlarmName=f"{cluster.name}-{name}",
        Namespace="AWS/ECS",
        MetricName="CPUUtilization",
        Dimensions=[{"Name": "ClusterName", "Value": cluster.name}, {"Name": "ServiceName", "Value": "web"}],
        Period=60,
        EvaluationPeriods=1,
        Threshold=80,
        ComparisonOperator="GreaterThanThreshold",
        Statistic="Average",
    )
    client.set_alarm_state(AlarmName=f"{cluster.name}-{name}", StateValue="ALARM", StateReason="too hot")


def _put_performance(cluster: Cluster, task: str) -> None:
    logs = cluster.aws.client("logs")
    group = f"/aws/ecs/containerinsights/{cluster.name}/performance"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="FargateTelemetry-1")
    now = round(time.time() * 1000)
    event = {
        "Version": "0", "Type": "Task", "TaskId": task, "TaskDefinitionFamily": "web", "TaskDefinitionRevision": "3",
        "ClusterName": cluster.name, "Timestamp": now, "CpuUtilized": 128.0, "CpuReserved": 512.0,
        "MemoryUtilized": 100, "MemoryReserved": 0, "StorageReadBytes": 4096, "StorageWriteBytes": 0,
    }  # fmt: skip
    other = event | {"Type": "Cluster"}
    logs.put_log_events(
        logGroupName=group,
        logStreamName="FargateTelemetry-1",
        logEvents=[{"timestamp": now, "message": json.dumps(each)} for each in (event, other)],
    )


def _put_metric(aws: ThreadedAws, cluster: str, value: float) -> None:
    datum = {
        "MetricName": "CPUUtilization",
        "Dimensions": [{"Name": "ClusterName", "Value": cluster}],
        "Timestamp": datetime.now(UTC) - timedelta(minutes=10),
        "Value": value,
    }
    aws.client("cloudwatch").put_metric_data(Namespace="AWS/ECS", MetricData=[datum])
