"""The list of resources: what each used on average, and what is known of it."""

import base64
import binascii
import json
from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from taskscope.errors import UsageError
from taskscope.model.ecs import name_of
from taskscope.model.resource_usage import Level, ResourceEntry, ResourceKey, ResourcePage, Usage
from taskscope.model.window import Window
from taskscope.query.usage.figures import Chosen, Figures, read_figures
from taskscope.query.usage.known import Alarms, KnownService, KnownTask, known_services, known_tasks, read_alarms
from taskscope.store.api import Reader

Place: TypeAlias = tuple[str, str, str, str]
"""Cluster ARN, service, task ARN and container: the order of the list."""
_MEMBERS: Final = 4


def list_resources(
    reader: Reader,
    window: Window,
    *,
    level: Level | str,
    text: str = "",
    cluster: str = "",
    service: str = "",
    limit: int = 100,
    cursor: str = "",
) -> ResourcePage:
    """
    Return clusters, services, tasks or containers that were measured in a window, or are known to have been there.

    ``text`` is part of a name; ``cluster`` is a name or ARN.

    Raises:
        UsageError: The level or the cursor is none; or there are too many resources for one answer.
        TaskscopeError: The store does not answer.
    """
    wanted = level_of(level)
    after = _parse(cursor)
    figures = read_figures(reader, window, levels=[wanted], chosen=Chosen(cluster, service))
    tasks = known_tasks(reader, window, cluster=cluster)
    services = known_services(reader, window, cluster=cluster)
    entries = merge(wanted, figures, tasks, services, read_alarms(reader))
    chosen = [
        (place, each)
        for place, each in sorted(entries.items())
        if place > after and (not service or each.key.service == service) and _has(each.key, text)
    ]
    page = chosen[:limit]
    return ResourcePage(tuple(each for _, each in page), _write(page[-1][0]) if len(chosen) > limit else "")


def level_of(name: Level | str) -> Level:
    """
    Read the name of a level.

    Raises:
        UsageError: There is none of that name.
    """
    try:
        return Level(name)
    except ValueError:
        raise UsageError(f"{name[:40]!r} is no level", hint=f"there are {', '.join(Level)}") from None


def merge(
    level: Level,
    figures: Sequence[Figures],
    tasks: dict[str, KnownTask],
    services: Sequence[KnownService],
    alarms: Alarms,
) -> dict[Place, ResourceEntry]:
    """Return a level's resources by their place: those that were measured, and those that are only known."""
    named = {each.task_arn: each.service for each in figures if each.service}
    tasks = {arn: each._replace(service=named.get(arn, each.service)) for arn, each in tasks.items()}
    places = dict.fromkeys(_known_places(level, tasks, services))
    measured = {(each.cluster_arn, each.service, each.task_arn, each.container): each for each in figures}
    status = {(each.cluster_arn, each.name): each.status for each in services}
    counts: dict[tuple[str, str], int] = {}
    for task in tasks.values():
        for counted in {(task.cluster_arn, ""), (task.cluster_arn, task.service)}:
            counts[counted] = counts.get(counted, 0) + 1
    entries = {}
    for place in {**places, **dict.fromkeys(measured)}:
        cluster, service, arn, container = place
        if level == Level.SERVICE and not service:
            continue
        found, task_known = measured.get(place), tasks.get(arn)
        told = counts.get((cluster, service), 0) if not arn else 1
        entries[place] = ResourceEntry(
            key=ResourceKey(level, name_of(cluster), service, name_of(arn), container),
            usage=found.usage if found else Usage(),
            arn=arn or (cluster if level == Level.CLUSTER else ""),
            tasks=max(told, found.tasks if found else 0),
            alarms=() if arn else alarms.of(cluster, service),
            status=_status(task_known, container) if arn else status.get((cluster, service), ""),
            measured_by=found.source if found else "",
        )
    return entries


def _known_places(level: Level, tasks: dict[str, KnownTask], services: Sequence[KnownService]) -> Iterator[Place]:
    for service in services:
        if level == Level.CLUSTER:
            yield service.cluster_arn, "", "", ""
        elif level == Level.SERVICE:
            yield service.cluster_arn, service.name, "", ""
    for task in tasks.values():
        if level == Level.CONTAINER:
            yield from ((task.cluster_arn, task.service, task.arn, name) for name in task.containers)
        elif level == Level.TASK:
            yield task.cluster_arn, task.service, task.arn, ""
        else:
            yield task.cluster_arn, task.service if level == Level.SERVICE else "", "", ""


def _status(task: KnownTask | None, container: str) -> str:
    if task is None:
        return ""
    if not container:
        return task.status
    return task.containers[container].status if container in task.containers else ""


def _has(key: ResourceKey, text: str) -> bool:
    part = text.casefold()
    return any(part in each.casefold() for each in (key.cluster, key.service, key.task, key.container))


def _write(place: Place) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode("ascii").rstrip("=")


def _parse(cursor: str) -> Place:
    if not cursor:
        return "", "", "", ""
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        found = None
    if isinstance(found, list) and len(found) == _MEMBERS and all(isinstance(each, str) for each in found):
        cluster, service, task, container = found
        return cluster, service, task, container
    raise UsageError(f"{cursor[:60]!r} is no cursor of a list of resources")
