"""
What need not be asked of AWS, since the store hears of it anyway: clusters whose events come, tasks that are measured.

The process that owns the store writes it down, the one that watches reads it.
"""

import json
import time
from pathlib import Path
from typing import Any, Final

from taskscope.clock import SECOND, system_clock
from taskscope.store.api import Reader

_LATELY: Final = 600
"""Seconds: a cluster whose last event of EventBridge is older is polled as if it sent none."""
_SECONDS: Final = 10.0
_READ_AGAIN_SECONDS: Final = 2.0
_MOST: Final = 20_000
_CLUSTERS: Final = """
SELECT DISTINCT ClusterArn FROM ecs_tasks
WHERE IngestedAt > now() - INTERVAL {lately:UInt32} SECOND AND NOT startsWith(EventId, 'watch:')
LIMIT {most:UInt32}
"""
_TASKS: Final = """
SELECT DISTINCT TaskArn FROM usage_by_minute
WHERE Minute > now() - INTERVAL {lately:UInt32} SECOND AND Source = ''
LIMIT {most:UInt32}
"""


def write_down(store: Reader, path: Path) -> None:
    """
    Write what was heard lately into a file.

    Raises:
        TaskscopeError: The store does not answer.
        OSError: The disk does not take it.
    """
    found: dict[str, Any] = {"time_ns": system_clock()}
    for name, question in (("clusters", _CLUSTERS), ("tasks", _TASKS)):
        parameters = {"lately": _LATELY, "most": _MOST}
        answer = store.query(question, parameters, max_rows=_MOST, timeout_seconds=_SECONDS)
        found[name] = [value for [value] in answer.rows]
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(found))
    fresh.replace(path)


class Heard:
    """Reads that file again every few seconds; what is not there, or old, says nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_at = float("-inf")
        self._clusters: frozenset[str] = frozenset()
        self._tasks: frozenset[str] = frozenset()

    def tells(self, cluster_arn: str) -> bool:
        """Whether EventBridge's events of a cluster arrive."""
        self._refresh()
        return cluster_arn in self._clusters

    def measures(self, task_arn: str) -> bool:
        """Whether a collector beside the task measures it."""
        self._refresh()
        return task_arn in self._tasks

    def _refresh(self) -> None:
        if time.monotonic() - self._read_at < _READ_AGAIN_SECONDS:
            return
        self._read_at = time.monotonic()
        try:
            found = json.loads(self._path.read_bytes())
        except (OSError, ValueError):
            found = {}
        if not isinstance(found, dict):
            found = {}
        is_old = system_clock() - found.get("time_ns", 0) > _LATELY * SECOND
        self._clusters = frozenset(() if is_old else found.get("clusters", ()))
        self._tasks = frozenset(() if is_old else found.get("tasks", ()))
