"""``taskscope cost`` counts with what a server has seen."""

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from taskscope.lab.threaded import ThreadedAws
from tests.e2e.collect.collector import Collector
from tests.e2e.collect.conftest import StartCollector
from tests.e2e.collect.metadata_endpoint import EACH_SECOND, Endpoint, serving
from tests.e2e.conftest import clean_environment
from tests.e2e.programs import register

_SCRIPT: Final = Path(sys.executable).parent / "taskscope"


def _cost(*arguments: str, env: dict[str, str] | None = None) -> dict[str, Any]:
    ended = subprocess.run(
        [_SCRIPT, "cost", "--output", "json", *arguments],
        env=clean_environment(env or {}), capture_output=True, text=True, timeout=40, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    document: dict[str, Any] = json.loads(ended.stdout)
    return document


def _send(collector: Collector, lines: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(lines.encode(), ("127.0.0.1", collector.ports["statsd"]))


def test_what_a_server_has_seen_is_counted_with(collector: StartCollector) -> None:
    """Tasks and containers that are measured, series of apps without those, points and log lines a day."""
    with serving(Endpoint()) as address:
        running = collector(
            "--statsd-interval-seconds", "1", env=EACH_SECOND | {"ECS_CONTAINER_METADATA_URI_V4": address}
        )
        _send(running, "jobs:1|c|#queue:a\njobs:1|c|#queue:b\nlag:7|g")
        running.until_sql("SELECT count() > 0 FROM otel_metrics_gauge WHERE MetricName = 'lag'", [[1]])
        running.until_sql(
            "SELECT count() > 0 FROM otel_metrics_gauge WHERE MetricName = 'ecs.task.memory.usage'", [[1]]
        )
        load = _cost("--server", f"http://127.0.0.1:{running.ports['api']}", "--to", "emf")["load"]
        mixed = _cost("--data-dir", str(running.data), "--to", "emf", "--tasks", "7")["load"]

    assert (mixed["tasks"], mixed["series"]) == (7, 3)
    assert {name: load[name] for name in ("clusters", "services", "families", "tasks", "containers", "series")} == {
        "clusters": 1, "services": 0, "families": 1, "tasks": 1, "containers": 1, "series": 3,
    }  # fmt: skip
    assert load["points_a_day"] >= 3
    assert load["log_bytes_a_day"] == 0


def test_a_cluster_is_counted_by_ecs(aws: ThreadedAws) -> None:
    """Its running tasks and their containers, without a server."""
    ecs = aws.client("ecs")
    ecs.create_cluster(clusterName="costly")
    family = register(aws, "costly", "import time; time.sleep(60)")
    [task] = ecs.run_task(cluster="costly", taskDefinition=family)["tasks"]
    try:
        ecs.get_waiter("tasks_running").wait(cluster="costly", tasks=[task["taskArn"]])
        found = _cost("--cluster", "costly", "--to", "container-insights", env=dict(aws.environment))
    finally:
        ecs.stop_task(cluster="costly", task=task["taskArn"])

    assert {name: found["load"][name] for name in ("tasks", "containers", "services", "families")} == {
        "tasks": 1, "containers": 1, "services": 0, "families": 1,
    }  # fmt: skip
    assert found["together"]["metrics"] == 20


def test_a_server_that_has_seen_nothing_says_nothing_of_costs(collector: StartCollector) -> None:
    """Rather than that there are none."""
    running = collector()

    ended = subprocess.run(
        [_SCRIPT, "cost", "--data-dir", str(running.data)],
        env=clean_environment({}), capture_output=True, text=True, timeout=40, check=False,
    )  # fmt: skip

    assert ended.returncode == 2
    assert "nothing is known of what would be sent" in ended.stderr
