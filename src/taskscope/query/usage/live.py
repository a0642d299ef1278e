"""What runs now: the last readings of each task and its containers."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Final

from taskscope.clock import SECOND
from taskscope.model.ecs import name_of
from taskscope.model.resource_usage import Level, LiveContainer, LiveTask, LiveView, ResourceKey, Usage, is_fresh
from taskscope.model.window import Window
from taskscope.query.usage.figures import MAX_ROWS, MINUTE_SECONDS
from taskscope.query.usage.known import KnownContainer, KnownTask, known_tasks
from taskscope.query.usage.readings import Readings, Unit, units
from taskscope.query.usage.statements import of_cluster, statement
from taskscope.store.api import Reader

LIVE_SECONDS: Final = 300
"""How long after its last reading a task is shown."""
FRESH_SECONDS: Final = 60
"""How long after its task's reading one of a container counts."""
_RUNNING: Final = "RUNNING"
_UNKNOWN: Final = KnownContainer("", "")


def live(reader: Reader, *, cluster: str = "", service: str = "", now_ns: int, limit: int = 500) -> LiveView:
    """
    Return the tasks that were measured in the last minutes, by cluster (its name or ARN), service and id.

    Raises:
        TaskscopeError: The store does not answer.
    """
    second = max(0, now_ns // SECOND)
    window = Window(max(0, now_ns - LIVE_SECONDS * SECOND), now_ns)
    asked = {
        "before": max(0, second - LIVE_SECONDS) // MINUTE_SECONDS * MINUTE_SECONDS,
        "end": second + MINUTE_SECONDS,
        "cluster": cluster,
    }
    rows = reader.query(statement("live", where=of_cluster()), asked, max_rows=MAX_ROWS).rows
    known = known_tasks(reader, window, cluster=cluster) if rows else {}
    by_task = groupby(sorted(units(rows), key=lambda each: each.task_arn), key=lambda each: each.task_arn)
    tasks = [_task(arn, list(found), known.get(arn), now_ns) for arn, found in by_task]
    tasks = [each for each in tasks if not service or each.key.service == service]
    tasks.sort(key=lambda each: (each.key.cluster, each.key.service, each.key.task))
    return LiveView(now_ns, tuple(tasks[:limit]), max(0, len(tasks) - limit))


def _task(arn: str, measured: Sequence[Unit], known: KnownTask | None, now_ns: int) -> LiveTask:
    best = min(each.rank for each in measured)
    mine = [each for each in measured if each.rank == best]
    own = next((each for each in mine if not each.container), None)
    parts = sorted((each for each in mine if each.container), key=lambda each: each.container)
    facts = own or parts[0]
    told = known.containers if known else {}
    cpus = own.cpu_limit if own else 0.0
    containers = tuple(_container(each, told.get(each.container, _UNKNOWN), cpus, now_ns) for each in parts)
    latest = max((each.readings for each in mine), key=lambda each: each.last_ns)
    read_ns = latest.last_ns
    service = facts.service or (known.service if known else "")
    started = [each.started_ns for each in parts if each.started_ns] or [0]
    restarts = [each.restarts for each in containers if each.restarts is not None]
    return LiveTask(
        key=ResourceKey(Level.TASK, name_of(facts.cluster_arn), service, name_of(arn)),
        arn=arn,
        usage=_sum(own, parts, read_ns),
        status=known.status if known else _status(latest, now_ns),
        health=_health(each.health for each in containers),
        restarts=sum(restarts) if restarts else None,
        family=facts.family,
        revision=facts.revision,
        launch_type=facts.launch_type,
        availability_zone=facts.zone,
        started_ns=(known.started_ns if known else 0) or min(started),
        read_ns=read_ns,
        interval_ns=max(each.readings.interval_ns for each in mine),
        cpu_history=own.readings.cpu if own else (),
        memory_history=own.readings.memory if own else (),
        containers=containers,
    )


def _container(unit: Unit, known: KnownContainer, task_cpus: float, now_ns: int) -> LiveContainer:
    """Make a container; one that reserves nothing may use what its task may: most do on Fargate."""
    readings = unit.readings
    return LiveContainer(
        name=unit.container,
        usage=_usage(readings, readings.rates, unit.cpu_limit or task_cpus, unit.memory_limit),
        status=known.status or _status(readings, now_ns),
        health=readings.health or known.health,
        restarts=readings.restarts,
        read_ns=readings.last_ns,
        interval_ns=readings.interval_ns,
        cpu_history=readings.cpu,
        memory_history=readings.memory,
    )


def _sum(own: Unit | None, parts: Sequence[Unit], read_ns: int) -> Usage:
    """
    Make a task's usage of its own readings and those of its containers, as ``sql/usage/figures.sql`` does.

    A container that has not been read lately adds nothing.
    """
    fresh = [each for each in parts if read_ns - each.readings.last_ns < FRESH_SECONDS * SECOND]
    together = Readings.together([each.readings for each in fresh])
    mine = own.readings if own else Readings()
    cpu_limit = (own.cpu_limit if own else 0) or sum(each.cpu_limit for each in parts)
    memory_limit = (own.memory_limit if own else 0) or sum(each.memory_limit for each in parts)
    return _usage(mine if mine.cpu or mine.memory else together, mine.rates_with(together), cpu_limit, memory_limit)


def _usage(gauges: Readings, rates: Mapping[str, float | None], cpu_limit: float, memory_limit: float) -> Usage:
    cpu = gauges.cpu[-1] if gauges.cpu else None
    memory = gauges.memory[-1] if gauges.memory else None
    return Usage(
        cpu=cpu,
        cpu_limit=cpu_limit or None,
        cpu_share=cpu / cpu_limit if cpu is not None and cpu_limit else None,
        memory_bytes=memory,
        memory_limit_bytes=round(memory_limit) or None,
        memory_share=memory / memory_limit if memory is not None and memory_limit else None,
        network_rx=rates.get("network_rx"),
        network_tx=rates.get("network_tx"),
        storage_read=rates.get("storage_read"),
        storage_write=rates.get("storage_write"),
    )


def _health(told: Iterable[str]) -> str:
    """Return the health of a task: that of its least healthy container that has a check."""
    found = set(told) - {""}
    return "UNHEALTHY" if "UNHEALTHY" in found else "HEALTHY" if found else ""


def _status(readings: Readings, now_ns: int) -> str:
    """What runs is measured; of what is not measured any more nothing is known."""
    return _RUNNING if is_fresh(now_ns - readings.last_ns, readings.interval_ns) else ""
