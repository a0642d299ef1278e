"""What ECS told of services and tasks that were there in a window, and CloudWatch of alarms that concern them."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from taskscope.clock import SECOND, from_datetime
from taskscope.model.ecs import name_of
from taskscope.model.resource_usage import AlarmEntry
from taskscope.model.window import Window
from taskscope.query.usage.figures import MAX_ROWS
from taskscope.query.usage.statements import of_cluster, statement
from taskscope.store.api import Reader


class KnownContainer(NamedTuple):
    """A container of a task, as ECS told of it last."""

    status: str
    health: str


class KnownTask(NamedTuple):
    """A task, as ECS told of it last."""

    arn: str
    cluster_arn: str
    status: str
    service: str
    started_ns: int
    containers: Mapping[str, KnownContainer]


class KnownService(NamedTuple):
    """An ECS service, as it was told of last."""

    cluster_arn: str
    name: str
    status: str
    desired: int | None
    running: int | None


def known_tasks(reader: Reader, window: Window, *, cluster: str = "") -> dict[str, KnownTask]:
    """
    Return the tasks that were there, by ARN.

    Raises:
        TaskscopeError: The store does not answer.
    """
    sql = statement("tasks", where=of_cluster())
    rows = reader.query(sql, {**_bounds(window), "cluster": cluster}, max_rows=MAX_ROWS).rows
    return {row[0]: _task(row) for row in rows}


def known_services(reader: Reader, window: Window, *, cluster: str = "") -> list[KnownService]:
    """
    Return the services that were there.

    Raises:
        TaskscopeError: The store does not answer.
    """
    sql = statement("services", where=of_cluster())
    rows = reader.query(sql, {**_bounds(window), "cluster": cluster}, max_rows=MAX_ROWS).rows
    return [KnownService(*row) for row in rows]


class Alarms:
    """Alarms by what they concern."""

    def __init__(self, rows: Sequence[Sequence[Any]]) -> None:
        self._found: dict[tuple[str, str], list[tuple[str, AlarmEntry]]] = {}
        for arn, cluster, service, state, changed, document in rows:
            place = (name_of(cluster), service)
            self._found.setdefault(place, []).append((cluster, _alarm(arn, state, int(changed), document)))

    def of(self, cluster_arn: str, service: str = "") -> tuple[AlarmEntry, ...]:
        """Return those of a cluster or, with a name, of a service; dimensions know clusters by their names."""
        found = self._found.get((name_of(cluster_arn), service), ())
        return tuple(alarm for cluster, alarm in found if ":" not in cluster or cluster == cluster_arn)


def read_alarms(reader: Reader) -> Alarms:
    """
    Return the alarms that are known.

    Raises:
        TaskscopeError: The store does not answer.
    """
    return Alarms(reader.query(statement("alarms"), max_rows=MAX_ROWS).rows)


def _bounds(window: Window) -> dict[str, int]:
    return {"start": max(0, window.start_ns) // SECOND, "end": -(-window.end_ns // SECOND)}


def _task(row: Sequence[Any]) -> KnownTask:
    arn, cluster, status, service, started, containers = row
    known = {name: KnownContainer(state, "" if health == "UNKNOWN" else health) for name, state, health in containers}
    return KnownTask(arn, cluster, status, service, _time(started), known)


def _time(text: str) -> int:
    """Read a time as EventBridge writes it; 0 where there is none that reads."""
    try:
        return from_datetime(datetime.fromisoformat(text))
    except (ValueError, TypeError):
        return 0


def _alarm(arn: str, state: str, changed_ns: int, text: str) -> AlarmEntry:
    """Read an alarm as DescribeAlarms answers it, or the ``detail`` of its state change."""
    document = json.loads(text or "{}")
    said = document.get("StateReason") or (document.get("state") or {}).get("reason") or ""
    name = arn.rpartition(":alarm:")[2]
    return AlarmEntry(name, state, str(said), changed_ns)
