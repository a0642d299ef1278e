"""
Record one ECS task as the ``state.json`` that ``taskscope lab up --state`` replays: task, service, definition, logs.

It only reads: DescribeTasks, DescribeServices, DescribeTaskDefinition, GetLogEvents; credentials and region come from
where every AWS tool takes them. The file holds the definition's environment variables and every log line of the task.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import get_session


def record(cluster: str, name: str) -> dict[str, Any]:
    """Ask AWS for everything about a task, named by id or ARN; exits with a line where there is no such task."""
    ecs: Any = get_session().create_client("ecs")
    found = ecs.describe_tasks(cluster=cluster, tasks=[name], include=["TAGS"])["tasks"]
    if not found:
        raise SystemExit(f"no task {name} in {cluster}: ECS forgets a task about an hour after it has stopped")
    task = found[0]
    definition = ecs.describe_task_definition(taskDefinition=task["taskDefinitionArn"])["taskDefinition"]
    kind, _, service = task.get("group", "").partition(":")
    services = ecs.describe_services(cluster=cluster, services=[service])["services"] if kind == "service" else []
    region, account, _ = task["taskArn"].split(":", 5)[3:]
    return {
        "format": 1, "title": f"{definition['family']}, {task.get('stoppedReason') or task['lastStatus']}",
        "region": region, "account": account, "cluster": task["clusterArn"].rpartition("/")[2],
        "taskId": task["taskArn"].rpartition("/")[2], "clock": datetime.now(UTC), "timezone": "UTC", "duration": "1m",
        "task": task, "service": services[0] if services else None, "taskDefinition": definition,
        "logGroups": list(log_groups(task, definition, region)),
    }  # fmt: skip


def log_groups(task: dict[str, Any], definition: dict[str, Any], region: str) -> Iterator[dict[str, Any]]:
    """Read the stream of each container with awslogs; what cannot be read is said on stderr."""
    runtime_ids = {each["name"]: each.get("runtimeId", "") for each in task["containers"]}
    for container in definition["containerDefinitions"]:
        options = container.get("logConfiguration", {}).get("options", {})
        name, group, prefix = container["name"], options.get("awslogs-group"), options.get("awslogs-stream-prefix")
        stream = f"{prefix}/{name}/{task['taskArn'].rpartition('/')[2]}" if prefix else runtime_ids.get(name)
        if not group or not stream or options.get("awslogs-region") != region:
            print(f"container {name}: no log in CloudWatch Logs of {region}", file=sys.stderr)
            continue
        try:
            yield {"logGroupName": group, "logStreams": [{"logStreamName": stream, "events": events(group, stream)}]}
        except ClientError as error:
            print(f"container {name}: {error}", file=sys.stderr)


def events(group: str, stream: str) -> list[dict[str, Any]]:
    """Read a whole stream: its end is reached when the token that comes back is the one that was sent."""
    logs: Any = get_session().create_client("logs")
    found: list[dict[str, Any]] = []
    token = ""
    while True:
        more = {"nextToken": token} if token else {}
        page = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True, **more)
        found += page["events"]
        if page["nextForwardToken"] == token:
            return found
        token = page["nextForwardToken"]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Record one ECS task for `taskscope lab up --state`.")
    parser.add_argument("cluster")
    parser.add_argument("task", help="id or ARN")
    parser.add_argument("-o", "--output", type=Path, default=Path("state.json"))
    given = parser.parse_args()
    try:
        state = record(given.cluster, given.task)
    except (BotoCoreError, ClientError) as error:
        raise SystemExit(str(error)) from None
    as_text = lambda moment: moment.astimezone(UTC).isoformat().replace("+00:00", "Z")  # noqa: E731 one use
    given.output.write_text(json.dumps(state, default=as_text, indent=1, ensure_ascii=False), encoding="utf-8")
    print(f"taskscope lab up --state {given.output}")
