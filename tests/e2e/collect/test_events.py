"""EventBridge messages over HTTP: a task's life, in the table of tasks, once."""

import json
import urllib.request
from pathlib import Path
from typing import Final

from tests.e2e.collect.collector import Collector

EVENTS: Final = Path(__file__).parents[2] / "fixtures" / "ecs" / "task_state_change_synthetic.json"


def test_a_tasks_changes_are_kept_by_version(server: Collector) -> None:
    """Eight state changes, sent twice as EventBridge may: every version once, with its status and its document."""
    events = json.loads(EVENTS.read_text())
    for event in [*events, *events]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{server.ports['api']}/v1/events",
            json.dumps(event).encode(),
            {"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 (our own)
            assert json.load(answer) == {"kept": 1}

    server.until_sql(
        "SELECT Version, Name FROM ecs_tasks FINAL ORDER BY Version",
        [[each["detail"]["version"], each["detail"]["lastStatus"]] for each in events],
    )
    [[document]] = server.sql("SELECT Document FROM ecs_tasks FINAL ORDER BY Version DESC LIMIT 1")
    assert json.loads(document)["stoppedReason"] == events[-1]["detail"]["stoppedReason"]
