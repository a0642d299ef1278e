"""Where EventBridge tells of a cluster, too: one row for each version, and less is asked."""

import json
import time
import urllib.request
from typing import Any

from taskscope.wire.eventbridge.polled import plain
from tests.e2e.collect.collector import Collector
from tests.e2e.watch.conftest import Cluster, Watch, ask
from tests.e2e.watch.gate import Gate


def test_events_and_polls_are_one(cluster: Cluster, gate: Gate, watch: Watch) -> None:
    """A state change of the version that was polled is the same row; from then on tasks are listed a sixth as often."""
    cluster.serve("web", "app", "sleep 300", count=1)
    server = watch("--watch", cluster.name, "--no-watch-logs", url=gate.url)
    server.until(lambda: ask(server, f"/api/tasks?cluster={cluster.name}&status=RUNNING")["tasks"])
    [arn] = cluster.ecs.list_tasks(cluster=cluster.name)["taskArns"]
    [task] = cluster.ecs.describe_tasks(cluster=cluster.name, tasks=[arn])["tasks"]
    versions = "SELECT Version, count() FROM ecs_tasks FINAL WHERE Arn = {arn:String} GROUP BY Version ORDER BY Version"
    before = server.sql(versions, arn=arn)
    fast = _rate(gate)

    _send(server, plain({name: value for name, value in task.items() if name != "healthStatus"}))

    server.until(lambda: server.sql("SELECT count() FROM ecs_tasks WHERE NOT startsWith(EventId, 'watch:')") == [[1]])
    assert server.sql(versions, arn=arn) == before
    assert [each["arn"] for each in ask(server, f"/api/tasks?cluster={cluster.name}")["tasks"]] == [arn]
    server.until(lambda: arn.split(":task/")[0] in (server.data / "run" / "heard.json").read_text(), seconds=20)
    time.sleep(3)  # until the watcher has read that
    assert _rate(gate) < fast / 2


def _rate(gate: Gate) -> float:
    """Return the listings of tasks in a stretch of time."""
    before = gate.count()["ListTasks"]
    time.sleep(3)  # what is measured: requests over a time
    return gate.count()["ListTasks"] - before


def _send(server: Collector, detail: dict[str, Any]) -> None:
    event = {
        "id": "5c53bbf5-0e1b-4d8a-a6a7-1a2b3c4d5e6f",
        "detail-type": "ECS Task State Change",
        "source": "aws.ecs",
        "time": detail["startedAt"],
        "resources": [detail["taskArn"]],
        "detail": detail,
    }
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.ports['api']}/v1/events",
        json.dumps(event).encode(),
        {"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 (our own)
        assert answer.status == 200
