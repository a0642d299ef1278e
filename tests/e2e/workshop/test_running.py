"""While the workshop runs: it was done by awscli, and each command that it prints shows what is there."""

import pytest

from taskscope.lab.client.watch import until
from tests.e2e.workshop.story import CLUSTER, Workshop

pytestmark = pytest.mark.timeout(300)


def test_it_is_done_by_the_workshops_own_command_lines(workshop: Workshop) -> None:
    """In their order, through the awscli that is installed."""
    operations = [line[2] for line in workshop.aws_lines]

    assert operations == [
        "create-cluster", "update-cluster-settings", "list-tasks",
        "register-task-definition", "run-task", "register-task-definition", "run-task",
        "list-tasks", "describe-tasks",
    ]  # fmt: skip
    assert all("EXTERNAL" in line for line in workshop.aws_lines if line[2] == "run-task")
    [cluster] = workshop.client("ecs").describe_clusters(clusters=[CLUSTER], include=["SETTINGS"])["clusters"]
    assert cluster["settings"] == [{"name": "containerInsights", "value": "enabled"}]


def test_its_tasks_are_external_and_healthy(workshop: Workshop) -> None:
    """The collector is the usual one by another image name: its command is that of AWS's."""
    tasks = workshop.tasks()
    arn = tasks[0]["taskDefinitionArn"]
    definition = workshop.client("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"]
    collector = definition["containerDefinitions"][0]

    assert [(each["launchType"], each["lastStatus"], each["healthStatus"]) for each in tasks] == [
        ("EXTERNAL", "RUNNING", "HEALTHY")
    ] * 2
    assert collector["command"] == ["--config=/etc/ecs/container-insights/otel-task-metrics-config.yaml"]
    assert "entryPoint" not in collector
    instances = workshop.client("ecs").describe_container_instances(
        cluster=CLUSTER, containerInstances=list({each["containerInstanceArn"] for each in tasks})
    )["containerInstances"]
    assert [each["ec2InstanceId"][:3] for each in instances] == ["mi-"]


def test_every_printed_command_shows_something(workshop: Workshop) -> None:
    """As they are, with the one variable that is printed above them."""
    assert [line[1] for line in workshop.commands] == [
        "trace", "trace", "resources", "resources", "top", "metrics", "metrics", "logs", "traces", "map",
    ]  # fmt: skip
    for line in workshop.commands:
        assert workshop.ask(*line).stdout.strip(), line


def test_logs_of_every_container_are_shown(workshop: Workshop) -> None:
    """By one pattern for all groups, from the store: the server reads them while it watches the cluster."""
    parts = ("OTLP over HTTP", '"GET /basket" 200', "requests in", "statsdTestMetric:1|c number 1", "orders go to")

    def missing() -> list[str]:
        shown = workshop.ask("taskscope", "logs", f"/ecs/{CLUSTER}/*", "--since", "10m", "--from", "store").stdout
        return [part for part in parts if part not in shown]

    assert until(lambda: not missing(), at_most=60, pause=1), missing()


def test_a_task_has_its_timeline(workshop: Workshop) -> None:
    """From ECS and the logs, as of any task."""
    task = workshop.tasks()[0]["taskArn"].rpartition("/")[2]
    shown = workshop.ask("taskscope", "trace", CLUSTER, task).stdout

    assert "CONTAINER:aws-otel-collector" in shown
    assert "CONTAINER:aoc-statsd-emitter\tstatsdTestMetric:1|c number 1\n" in shown
