"""What was used in a window, added up in the store: averages of resources, or their steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from taskscope.clock import SECOND
from taskscope.errors import UsageError
from taskscope.model.resource_usage import Level, Usage
from taskscope.model.window import Window
from taskscope.query.usage.statements import OF_TASK, of_cluster, statement
from taskscope.store.api import Reader

MINUTE_SECONDS: Final = 60
MAX_ROWS: Final = 100_000
WHOLE: Final = (1 << 32) - 1
"""A step, in seconds, that is longer than all time."""
_LOOK_BACK_SECONDS: Final = 300
"""How long before a window the reading may lie that its first counters are compared with."""
_NUMBERS: Final = {Level.CLUSTER: 1, Level.SERVICE: 2, Level.TASK: 3, Level.CONTAINER: 4}
_LEVELS: Final = {number: level for level, number in _NUMBERS.items()}


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which resources are asked about: by names or, of clusters and tasks, by ARN; what is empty means all."""

    cluster: str = ""
    service: str = ""
    task: str = ""
    container: str = ""


class Figures(NamedTuple):
    """What a resource used in a step."""

    level: Level
    cluster_arn: str
    service: str
    task_arn: str
    container: str
    start_ns: int
    usage: Usage
    tasks: int
    source: str
    """As ``ResourceEntry.measured_by`` has it."""


def read_figures(
    reader: Reader,
    window: Window,
    *,
    levels: Sequence[Level],
    chosen: Chosen = Chosen(),
    step_seconds: int = WHOLE,
) -> list[Figures]:
    """
    Return what was used, of what was measured, in the order of names and time.

    The window is widened to whole minutes, or to short steps. Containers are asked alone, since they are no sums.

    Raises:
        UsageError: There are too many resources for one answer.
        TaskscopeError: The store does not answer.
    """
    bucket = min(step_seconds, MINUTE_SECONDS)
    first = max(0, window.start_ns // SECOND // bucket * bucket)
    end = -(-window.end_ns // SECOND // bucket) * bucket
    asked = {
        "before": max(0, first - _LOOK_BACK_SECONDS) // MINUTE_SECONDS * MINUTE_SECONDS,
        "first": first,
        "end": min(end, WHOLE),
        "step": step_seconds,
        "levels": [_NUMBERS[each] for each in levels],
        "parts": list(levels) == [Level.CONTAINER],
        "cluster": chosen.cluster,
        "service": chosen.service,
        "task": chosen.task,
        "container": chosen.container,
    }
    answer = reader.query(_sql(bucket, parts=bool(asked["parts"])), asked, max_rows=MAX_ROWS)
    if answer.truncated:
        raise UsageError(
            f"more than {MAX_ROWS:,} figures in this time", hint="name a cluster or a service, or take a shorter window"
        )
    found = (_figures(row) for row in answer.rows)
    return sorted((each for each in found if each.usage != Usage()), key=lambda each: each[1:6])


def _sql(bucket: int, *, parts: bool) -> str:
    where = f"{of_cluster()} AND {OF_TASK}"
    if parts:
        where += " AND Container != '' AND ({container:String} = '' OR Container = {container:String})"
    else:
        where += f" AND (Container = '' OR TaskArn GLOBAL NOT IN ({statement('whole', where=where)}))"
    if bucket == MINUTE_SECONDS:
        readings = statement("minutes", where=where)
    else:
        readings = statement("steps", where=where, length=str(bucket * SECOND))
    return statement("figures", readings=readings, owners=statement("owners"))


def _figures(row: Sequence[Any]) -> Figures:
    level, cluster, service, task, container, start, counts, totals, limited, bounds, bounded, tasks, source = row
    usage = _usage(*([float(each) for each in column] for column in (counts, totals, limited, bounds, bounded)))
    return Figures(
        _LEVELS[int(level)], cluster, service, task, container, int(start) * SECOND, usage, int(tasks),
        source or "taskscope",
    )  # fmt: skip


def _usage(
    counts: Sequence[float],
    totals: Sequence[float],
    limited: Sequence[float],
    bounds: Sequence[float],
    bounded: Sequence[float],
) -> Usage:
    """Make averages of sums over the buckets of a step; each list has a member for each of the six figures."""
    mean = [total / count if count else None for total, count in zip(totals, counts, strict=True)]
    share = [used / bound if bound else None for used, bound in zip(limited, bounds, strict=True)]
    limit = [bound / count if count else None for bound, count in zip(bounds, bounded, strict=True)]
    return Usage(
        cpu=mean[0], cpu_limit=limit[0], cpu_share=share[0],
        memory_bytes=_whole(mean[1]), memory_limit_bytes=_whole(limit[1]), memory_share=share[1],
        network_rx=mean[2], network_tx=mean[3], storage_read=mean[4], storage_write=mean[5],
    )  # fmt: skip


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)
