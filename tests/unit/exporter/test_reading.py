"""Whether a scrape had everything."""

from dataclasses import replace

import pytest

from taskscope.exporter.reading import Outcome
from taskscope.model.task_metadata import ContainerStats, CpuCounters, MemoryUse, TaskContainer, TaskInfo, TaskReading

_STATS = ContainerStats(1, CpuCounters(1), MemoryUse(1))
_CONTAINER = TaskContainer("a", "app", known_status="RUNNING")


def _outcome(container: TaskContainer, stats: ContainerStats | None, error: str = "") -> Outcome:
    task = TaskInfo("shop", "arn", "api", "1", containers=(TaskContainer("b", "b", known_status="RUNNING"), container))
    return Outcome(TaskReading(task, {"b": _STATS, "a": stats}), error)


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (_outcome(_CONTAINER, _STATS), True),
        (_outcome(_CONTAINER, None), False),
        (_outcome(replace(_CONTAINER, known_status=""), None), False),
        (_outcome(replace(_CONTAINER, known_status="STOPPED"), None), True),
        (_outcome(replace(_CONTAINER, known_status="PULLED"), None), True),
        (_outcome(replace(_CONTAINER, type="CNI_PAUSE"), None), True),
        (_outcome(_CONTAINER, _STATS, "it does not answer"), False),
        (Outcome(None, "it does not answer"), False),
    ],
    ids=["all", "none of one", "status unsaid", "stopped", "not started", "pause", "error", "no metadata"],
)
def test_complete(outcome: Outcome, expected: bool) -> None:  # noqa: FBT001 - the expected value of a table
    """Each container of the definition that runs has statistics, and nothing went wrong."""
    assert outcome.is_complete is expected
