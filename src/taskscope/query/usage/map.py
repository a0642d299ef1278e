"""The map of resources: clusters, their services, the tasks of these, and their containers."""

from collections.abc import Mapping

from taskscope.model.resource_usage import Level, ResourceEntry, ResourceMap, ResourceNode
from taskscope.model.window import Window
from taskscope.query.usage.figures import read_figures
from taskscope.query.usage.known import KnownTask, known_services, known_tasks, read_alarms
from taskscope.query.usage.resources import Place, merge
from taskscope.store.api import Reader

_SUMS = (Level.CLUSTER, Level.SERVICE, Level.TASK)


def resource_map(reader: Reader, window: Window) -> ResourceMap:
    """
    Return all that was measured in a window, or is known to have been there, each below what it belongs to.

    Raises:
        UsageError: There are too many resources for one answer.
        TaskscopeError: The store does not answer.
    """
    sums = read_figures(reader, window, levels=_SUMS)
    parts = read_figures(reader, window, levels=[Level.CONTAINER])
    tasks, services, alarms = known_tasks(reader, window), known_services(reader, window), read_alarms(reader)
    places: dict[Place, ResourceEntry] = {}
    for level in Level:
        figures = parts if level == Level.CONTAINER else [each for each in sums if each.level == level]
        places |= merge(level, figures, tasks, services, alarms)
    counts = {(each.cluster_arn, each.name): (each.desired, each.running) for each in services}
    indexes = {place: index for index, place in enumerate(sorted(places))}
    nodes = (
        _node(place, places[place], index, _parent(place, indexes), tasks, counts) for place, index in indexes.items()
    )
    return ResourceMap(tuple(nodes))


def _parent(place: Place, indexes: Mapping[Place, int]) -> int:
    """Return the place of the nearest node above: a task may have no service, nor a container's task been measured."""
    cluster, service, task, container = place
    above = ([(cluster, service, task, "")] if container else []) + ([(cluster, service, "", "")] if task else [])
    found = next((each for each in (*above, (cluster, "", "", "")) if each != place and each in indexes), None)
    return -1 if found is None else indexes[found]


def _node(
    place: Place,
    entry: ResourceEntry,
    index: int,
    parent: int,
    tasks: Mapping[str, KnownTask],
    counts: Mapping[tuple[str, str], tuple[int | None, int | None]],
) -> ResourceNode:
    cluster, service, arn, container = place
    desired, running = (
        counts.get((cluster, service), (None, None)) if entry.key.level == Level.SERVICE else (None, None)
    )
    return ResourceNode(
        index, parent, entry.key, entry.usage, entry.arn, entry.status, _health(tasks.get(arn), container), entry.tasks,
        desired, running, sum(each.state == "ALARM" for each in entry.alarms),
    )  # fmt: skip


def _health(task: KnownTask | None, container: str) -> str:
    if task is None:
        return ""
    told = {each.health for name, each in task.containers.items() if container in {"", name}} - {""}
    return "UNHEALTHY" if "UNHEALTHY" in told else "HEALTHY" if told else ""
