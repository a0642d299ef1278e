"""Objects of ECS from documents of the SDK, of EventBridge and of recordings."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from taskscope.model.ecs import Container, EcsService, Task, TaskDefinition, name_of

FIXTURES = Path(__file__).parents[2] / "fixtures" / "ecs"


def _captured(name: str) -> Any:
    """Read a captured answer as the SDK gives it: on the wire, times are epoch seconds."""

    def parsed(members: dict[str, Any]) -> dict[str, Any]:
        return {
            key: datetime.fromtimestamp(value, UTC) if key.endswith("At") and isinstance(value, float) else value
            for key, value in members.items()
        }

    return json.loads((FIXTURES / name).read_text(), object_hook=parsed)


def test_name_is_what_follows_the_last_slash() -> None:
    """Of a task, a cluster, a definition with revision; a plain name is its own."""
    assert name_of("arn:aws:ecs:us-east-1:1:task/prod/0123") == "0123"
    assert name_of("arn:aws:ecs:us-east-1:1:task-definition/web:7") == "web:7"
    assert name_of("prod") == "prod"


def test_task_of_describe_tasks_is_read_whole() -> None:
    """A captured answer of DescribeTasks gives every member that the timeline uses."""
    document = _captured("describe_tasks.json")["tasks"][0]

    task = Task.from_document(document)

    assert task.arn == document["taskArn"]
    assert task.id == document["taskArn"].rpartition("/")[2]
    assert task.cluster == document["clusterArn"].rpartition("/")[2]
    assert [each.name for each in task.containers] == [each["name"] for each in document["containers"]]
    assert task.created_at > 0
    assert task.service == (document["group"].partition(":")[2] if document["group"].startswith("service:") else None)


def test_service_and_definition_of_captured_answers_are_read() -> None:
    """DescribeServices gives the history, DescribeTaskDefinition each container's log configuration."""
    service = _captured("describe_services.json")["services"][0]
    definition = _captured("describe_task_definition.json")["taskDefinition"]

    assert len(EcsService.from_document(service).events) == len(service["events"])
    assert list(TaskDefinition.from_document(definition).logs) == [
        each["name"] for each in definition["containerDefinitions"]
    ]


def test_times_are_datetimes_or_texts() -> None:
    """The SDK gives datetimes, EventBridge ISO 8601; both are the same nanoseconds, and an absent one is None."""
    arns = {"taskArn": "a/t", "clusterArn": "a/c", "taskDefinitionArn": "a/d:1"}
    moment = datetime(2026, 11, 20, 7, 0, 0, 123_000, UTC)

    task = Task.from_document({**arns, "createdAt": moment, "startedAt": "2026-11-20T07:00:00.123Z"})

    assert task.created_at == task.started_at == int(moment.timestamp()) * 10**9 + 123_000_000
    assert task.stopped_at is None


def test_container_that_never_ran_has_no_exit_code() -> None:
    """An exit code of 0 and none at all are two things."""
    ran = {"name": "web", "lastStatus": "STOPPED", "exitCode": 0}

    assert Container.from_document(ran).exit_code == 0
    assert Container.from_document({"name": "web"}) == Container("web", "")


def test_only_a_service_group_names_a_service() -> None:
    """Standalone tasks have the group ``family:<name>``."""
    arns = {"taskArn": "a/t", "clusterArn": "a/c", "taskDefinitionArn": "a/d:1"}

    assert Task.from_document({**arns, "group": "service:web"}).service == "web"
    assert Task.from_document({**arns, "group": "family:web"}).service is None
    assert Task.from_document(arns).service is None


def test_task_has_stopped_at_its_last_status() -> None:
    """STOPPED and DELETED are ends; a task that is deprovisioning has not ended."""
    arns = {"taskArn": "a/t", "clusterArn": "a/c", "taskDefinitionArn": "a/d:1"}

    assert Task.from_document({**arns, "lastStatus": "STOPPED"}).stopped
    assert Task.from_document({**arns, "lastStatus": "DELETED"}).stopped
    assert not Task.from_document({**arns, "lastStatus": "DEPROVISIONING"}).stopped


def test_service_connect_log_configuration_is_that_of_the_tasks_deployment() -> None:
    """The proxy's log configuration stands in the deployment, and the next one may change it."""

    def logs(group: str) -> dict[str, Any]:
        return {"logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": group}}}

    deployments = [
        {"id": "ecs-svc/3"},
        {"id": "ecs-svc/2", "serviceConnectConfiguration": {"enabled": True, **logs("/new")}},
        {"id": "ecs-svc/1", "serviceConnectConfiguration": {"enabled": True, **logs("/old")}},
    ]
    service = EcsService.from_document({"serviceName": "web", "deployments": deployments})

    def group(started_by: str | None) -> str | None:
        task = Task("a/0123", "a/c", "a/d:1", 1, "RUNNING", "RUNNING", started_by=started_by)
        found = service.connect_logs_of(task)
        return found.options["awslogs-group"] if found else None

    assert (group("ecs-svc/1"), group("ecs-svc/2"), group("ecs-svc/3")) == ("/old", "/new", None)
    assert group("ecs-svc/0") == group(None) == "/new"
    assert EcsService("web").connect_logs_of(Task("a/0", "a/c", "a/d:1", 1, "RUNNING", "RUNNING")) is None
