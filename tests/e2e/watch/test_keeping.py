"""What is watched is kept: clusters, services, tasks, their history, alarms and log lines."""

import json
import time
from datetime import UTC, datetime, timedelta

from taskscope.lab.threaded import ThreadedAws, embedded_aws
from tests.e2e.collect.collector import Collector
from tests.e2e.conftest import Run
from tests.e2e.watch.conftest import TICKER, Cluster, Watch, ask, stored_lines


def test_a_cluster_is_kept_with_all_that_is_in_it(cluster: Cluster, watch: Watch, run: Run) -> None:
    """What was before watching began is there as well: a task that has stopped, lines of the log, the history."""
    job = cluster.run("job", "echo before; exit 3")
    _until_stopped(cluster, job)
    cluster.serve("web", "app", TICKER, count=2)
    _put_alarm(cluster, "hot")

    server = watch("--watch", cluster.name)
    server.until(lambda: len(ask(server, f"/api/tasks?cluster={cluster.name}&status=RUNNING")["tasks"]) == 2)
    server.until(lambda: ask(server, f"/api/ecs/services?cluster={cluster.name}")["services"][0]["running_count"] == 2)

    [found] = [each for each in ask(server, "/api/clusters")["clusters"] if each["arn"] == cluster.arn]
    assert (found["services"], found["running_tasks"], found["stopped_tasks"]) == (1, 2, 1)
    [service] = ask(server, f"/api/ecs/services?cluster={cluster.name}")["services"]
    assert (service["name"], service["desired_count"], service["status"]) == ("web", 2, "ACTIVE")
    stopped = ask(server, f"/api/tasks/{job.rpartition('/')[2]}")
    assert stopped["last_status"] == "STOPPED"
    assert [each["exit_code"] for each in stopped["containers"]] == [3]
    server.until_sql("SELECT Name FROM ecs_alarms WHERE ClusterArn = {c:String}", [["ALARM"]], c=cluster.arn)
    assert server.sql("SELECT count() FROM ecs_service_events WHERE ClusterArn = {c:String}", c=cluster.arn) != [[0]]
    assert server.sql("SELECT DISTINCT Name FROM ecs_container_instances") == [["ACTIVE"]]
    server.until(lambda: "before" in {text for _, text in stored_lines(server, cluster.group)})

    printed = run(
        "taskscope", "logs", "--from", "store", "--task", f"{cluster.name}/{job.rpartition('/')[2]}", env=_at(server)
    )
    assert "before" in printed.stdout, printed


def test_lines_say_whose_they_are(cluster: Cluster, watch: Watch) -> None:
    """Task, container and service stand at each line, as at all else that comes of the task."""
    cluster.serve("web", "app", TICKER, count=1)
    server = watch("--watch", cluster.name)
    server.until(lambda: stored_lines(server, cluster.group))
    [task] = cluster.ecs.list_tasks(cluster=cluster.name)["taskArns"]

    [[attributes]] = server.sql("SELECT DISTINCT toJSONString(ResourceAttributes) FROM otel_logs")

    assert json.loads(attributes) | {
        "aws.ecs.task.arn": task,
        "aws.ecs.cluster.arn": cluster.arn,
        "aws.ecs.service.name": "web",
        "service.name": "web",
        "container.name": "app",
        "cloud.platform": "aws_ecs",
    } == json.loads(attributes)


def test_all_clusters_are_watched_by_a_star(cluster: Cluster, watch: Watch) -> None:
    """Also one that is made later; another's tasks are there as well."""
    server = watch("--watch", "*", "--no-watch-logs")
    server.until(lambda: cluster.arn in _clusters(server))

    later = Cluster(cluster.aws)

    server.until(lambda: later.arn in _clusters(server))


def test_what_aws_has_forgotten_is_still_there(watch: Watch) -> None:
    """ECS forgets a stopped task; the store does not, with its exit code and its lines."""
    with embedded_aws(stopped_task_ttl=2.0, server=False, isolate=False) as aws:
        cluster = Cluster(aws)
        server = watch("--watch", cluster.name, url=aws.url)
        job = cluster.run("job", "echo the last words; exit 7")
        _until_stopped(cluster, job)
        server.until(lambda: not cluster.ecs.describe_tasks(cluster=cluster.name, tasks=[job])["tasks"], seconds=20)

        found = ask(server, f"/api/tasks/{job.rpartition('/')[2]}")

        assert (found["last_status"], found["stop_code"]) == ("STOPPED", "EssentialContainerExited")
        assert [each["exit_code"] for each in found["containers"]] == [7]
        server.until(lambda: [text for _, text in stored_lines(server, cluster.group)] == ["the last words"])


def test_what_cloudwatch_measured_is_read_back(cluster: Cluster, watch: Watch) -> None:
    """Performance events where Container Insights is on, and CloudWatch's own metrics where they are asked for."""
    cluster.ecs.update_cluster_settings(
        cluster=cluster.name, settings=[{"name": "containerInsights", "value": "enabled"}]
    )
    task = "0123456789abcdef0123456789abcdef"
    _put_performance(cluster, task)
    _put_metric(cluster.aws, cluster.name, 37.5)

    server = watch("--watch", cluster.name, "--watch-metrics")

    server.until_sql(
        "SELECT MetricName, Value, ResourceAttributes['taskscope.measured_by'] FROM otel_metrics_gauge"
        " WHERE ResourceAttributes['aws.ecs.cluster.arn'] = {c:String} ORDER BY MetricName",
        [
            ["aws.ecs.cluster.cpu.utilization", 0.375, "cloudwatch"],
            ["ecs.task.cpu.limit", 0.5, "container-insights"],
            ["ecs.task.cpu.usage", 0.125, "container-insights"],
            ["ecs.task.memory.working_set", 100 * 2.0**20, "container-insights"],
        ],
        c=cluster.arn,
    )
    server.until_sql(
        "SELECT ResourceAttributes['aws.ecs.task.id'], Attributes['disk.io.direction'], Value FROM otel_metrics_sum"
        " WHERE ResourceAttributes['aws.ecs.cluster.arn'] = {c:String} ORDER BY Value",
        [[task, "write", 0], [task, "read", 4096]],
        c=cluster.arn,
    )


def _clusters(server: Collector) -> set[str]:
    return {each["arn"] for each in ask(server, "/api/clusters")["clusters"]}


def _at(server: Collector) -> dict[str, str]:
    return {"TASKSCOPE_SERVER": f"http://127.0.0.1:{server.ports['api']}"}


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
