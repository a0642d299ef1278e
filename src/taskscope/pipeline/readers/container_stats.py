"""Readings of the task metadata endpoint."""

import json
from collections.abc import Iterable

from taskscope.errors import MalformedPayloadError
from taskscope.model.batch import Signal
from taskscope.model.task_metadata import TaskReading
from taskscope.pipeline.container_points import points_of
from taskscope.pipeline.decode import Contents
from taskscope.spool.frame import Frame
from taskscope.wire.task_metadata.stats import read_stats
from taskscope.wire.task_metadata.task import read_task


def read_container_stats(_frame: Frame, body: bytes) -> Iterable[Contents]:
    """Read one reading; a container whose statistics cannot be read costs the others nothing."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MalformedPayloadError(f"a reading of container statistics is no JSON: {error}") from None
    if not isinstance(document, dict) or not document.keys() >= {"task", "stats"}:
        raise MalformedPayloadError("a reading of container statistics has no task or no stats")
    task = read_task(document["task"])
    stats, faults = read_stats(document["stats"], task)
    seen = document.get("seen")
    points = points_of(
        TaskReading(task, stats, faults), seen=frozenset(map(str, seen)) if isinstance(seen, list) else frozenset()
    )
    return [Contents(Signal.METRICS, points, faults)]
