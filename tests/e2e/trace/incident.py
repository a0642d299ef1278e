"""Made-up incidents in the format of recorded states, for tests that say what a task did and logged."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

REGION, ACCOUNT, CLUSTER = "us-east-1", "123456789012", "shop"
CREATED = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def at(seconds: float) -> str:
    """Return a time after the task's creation, as states write it."""
    return (CREATED + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def ms(seconds: float) -> int:
    """Return a time after the task's creation in epoch milliseconds."""
    return round((CREATED + timedelta(seconds=seconds)).timestamp() * 1000)


def arn(kind: str, name: str) -> str:
    """Return an ECS ARN."""
    return f"arn:aws:ecs:{REGION}:{ACCOUNT}:{kind}/{name}"


def awslogs(group: str = "/ecs/shop", *, prefix: str | None = "app", region: str = REGION) -> dict[str, Any]:
    """Return a log configuration."""
    options = {"awslogs-group": group, "awslogs-region": region}
    return {"logDriver": "awslogs", "options": options | ({"awslogs-stream-prefix": prefix} if prefix else {})}


def incident(
    task_id: str,
    logs: Mapping[str, Sequence[tuple[int, str]]],
    *,
    configurations: Mapping[str, dict[str, Any] | None] | None = None,
    task: Mapping[str, Any] | None = None,
    service: Mapping[str, Any] | None = None,
    stopping: float = 600,
) -> dict[str, Any]:
    """
    Return a state: a task that ran from 10 s to ``stopping`` s after its creation.

    ``logs`` holds (epoch milliseconds, message) for each container; ``configurations`` replaces log configurations.
    """
    settings = {name: awslogs() for name in logs} | dict(configurations or {})
    streams = [
        {
            "logStreamName": f"app/{name}/{task_id}",
            "events": [{"timestamp": time, "message": text, "ingestionTime": time + 500} for time, text in lines],
        }
        for name, lines in logs.items()
        if lines
    ]
    return {
        "format": 1,
        "title": "made up",
        "region": REGION,
        "account": ACCOUNT,
        "cluster": CLUSTER,
        "taskId": task_id,
        "clock": at(stopping + 300),
        "timezone": "UTC",
        "duration": "1m",
        "task": {
            "taskArn": arn("task", f"{CLUSTER}/{task_id}"),
            "clusterArn": arn("cluster", CLUSTER),
            "taskDefinitionArn": arn("task-definition", f"shop-{task_id}:1"),
            "createdAt": at(0),
            "connectivityAt": at(4),
            "pullStartedAt": at(5),
            "pullStoppedAt": at(9),
            "startedAt": at(10),
            "stoppingAt": at(stopping),
            "executionStoppedAt": at(stopping + 5),
            "stoppedAt": at(stopping + 30),
            "lastStatus": "STOPPED",
            "desiredStatus": "STOPPED",
            "launchType": "FARGATE",
            "group": "family:shop",
            "stopCode": "EssentialContainerExited",
            "stoppedReason": "Essential container in task exited",
            "containers": [{"name": name, "lastStatus": "STOPPED", "exitCode": 1} for name in settings],
            **(task or {}),
        },
        "service": service,
        "taskDefinition": {
            "taskDefinitionArn": arn("task-definition", f"shop-{task_id}:1"),
            "family": f"shop-{task_id}",
            "revision": 1,
            "status": "ACTIVE",
            "containerDefinitions": [
                {"name": name, "image": "shop:1"} | ({"logConfiguration": setting} if setting else {})
                for name, setting in settings.items()
            ],
        },
        "logGroups": [{"logGroupName": "/ecs/shop", "logStreams": streams}],
    }
