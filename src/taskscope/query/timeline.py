"""The timeline of a task, out of the store: what ECS told, log lines, spans, what containers used."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Final

from taskscope.errors import NotFoundError
from taskscope.model.ecs import EcsService, ServiceEvent, Task
from taskscope.model.inventory import TaskEntry
from taskscope.model.timeline import (
    Kind,
    LogOrigin,
    Reading,
    TaskTimeline,
    TimelineEvent,
    Window,
    between,
    head_and_tail,
    merge,
)
from taskscope.model.window import Window as SearchWindow
from taskscope.query.ecs import find_task
from taskscope.query.logs.search import search_logs
from taskscope.query.task_metrics import task_metrics
from taskscope.query.task_spans import task_spans
from taskscope.sources.service_events import service_events
from taskscope.sources.task import container_states, lifecycle
from taskscope.store.api import Reader

ALL_KINDS: Final = frozenset(Kind)
MAX_LINES: Final = 5_000
"""Log lines of each window."""
_MARGIN_NS: Final = 60_000_000_000
_EVENTS: Final = (
    "SELECT EventId, toUnixTimestamp64Nano(Time), Name, Document FROM {table} FINAL"
    " WHERE ServiceArn = {{service:String}} AND Time >= fromUnixTimestamp64Nano({{start:Int64}}, 'UTC')"
    " AND Time < fromUnixTimestamp64Nano({{end:Int64}}, 'UTC') ORDER BY Time"
)
_SERVICE: Final = "SELECT Document FROM ecs_services WHERE Arn = {service:String} ORDER BY Version DESC LIMIT 1"


def task_timeline(
    reader: Reader,
    task: str,
    *,
    now_ns: int,
    since_ns: int | None = None,
    until_ns: int | None = None,
    kinds: Collection[Kind] = ALL_KINDS,
    margin_ns: int = _MARGIN_NS,
) -> TaskTimeline:
    """
    Return what happened to a task (id or ARN), by the same rules as ``taskscope trace``.

    By default that is a minute around its start and its end; with a time, all from there or up to there. A task of
    which ECS told nothing has log lines, spans and readings alone, and needs a time.

    Raises:
        NotFoundError: Nothing was heard of it, and no time is given.
    """
    try:
        entry: TaskEntry | None = find_task(reader, task)
    except NotFoundError:
        if since_ns is None:
            raise
        entry = None
    told = None if entry is None else _task(entry)
    reading = _reading(told, since_ns, until_ns, margin_ns, now_ns)
    name = task if entry is None else entry.arn
    notices: list[str] = []
    parts: list[Iterable[TimelineEvent]] = []
    if told is not None and entry is not None:
        parts += [lifecycle(told), container_states(told, now=now_ns)]
        parts.append(_service_events(reader, told, entry.service_arn, reading, now_ns))
    if Kind.LOG in kinds:
        parts.append(_lines(reader, name, reading.logs, now_ns, notices))
    if Kind.SPAN in kinds:
        parts.append(_spans(reader, name, reading.services, now_ns, notices))
    if Kind.METRIC in kinds:
        parts.append(_metrics(reader, name, reading.services, now_ns, notices))
    events = [event for event in merge(*parts) if event.kind in kinds]
    return TaskTimeline("" if entry is None else entry.arn, tuple(events), tuple(notices))


def _task(entry: TaskEntry) -> Task:
    """Read what ECS sent; members that a message may lack are filled in."""
    document = {"taskArn": entry.arn, "clusterArn": entry.cluster_arn, "taskDefinitionArn": "", **entry.document}
    return Task.from_document(document)


def _reading(task: Task | None, since: int | None, until: int | None, margin: int, now: int) -> Reading:
    if task is None:
        window = Window(since or 0, until)
        return Reading((window,), (window,))
    if since is not None or until is not None:
        return between(since, until, task=task, margin=margin)
    return head_and_tail(task, margin=margin, now=now)


def _closed(window: Window, now: int) -> SearchWindow:
    """Close a window: nothing is later than now, but for clocks that go fast."""
    end = max(now, window.start) + _MARGIN_NS if window.end is None else window.end
    return SearchWindow(max(0, window.start), max(0, end))


def _service_events(
    reader: Reader, task: Task, service_arn: str, reading: Reading, now: int
) -> Iterator[TimelineEvent]:
    """Yield lines of the service's history, each once, whether a message or a description brought them."""
    if not service_arn:
        return
    found: dict[str, ServiceEvent] = {}
    for [text] in reader.query(_SERVICE, {"service": service_arn}).rows:
        document = json.loads(text)
        described = EcsService.from_document({"serviceName": task.service or "", **document})
        found |= {each.id: each for each in described.events}
    whole = SearchWindow(
        min(_closed(each, now).start_ns for each in reading.services),
        max(_closed(each, now).end_ns for each in reading.services),
    )
    bounds = {"service": service_arn, "start": whole.start_ns, "end": whole.end_ns}
    for table in ("ecs_service_events", "ecs_deployments"):
        for event_id, time_ns, name, text in reader.query(_EVENTS.format(table=table), bounds).rows:
            message = ServiceEvent(event_id, time_ns, _message(name, json.loads(text)))
            found.setdefault(_key(event_id, time_ns, name, json.loads(text)), message)
    newest_first: Sequence[ServiceEvent] = sorted(found.values(), key=lambda each: -each.created_at)
    yield from service_events(newest_first, task, reading.services)


def _key(event_id: str, time_ns: int, name: str, document: Any) -> str:
    """Return what is one line: a deployment comes to a state once, though EventBridge and a poll both tell it."""
    deployment = document.get("deploymentId")
    return f"{deployment} {name}" if deployment else event_id or f"{time_ns} {name}"


def _message(name: str, document: Any) -> str:
    """Say what an event says; its task sets, capacity providers and deployment are part of it."""
    said = document.get("message") or document.get("reason") or ""
    deployment = document.get("deploymentId") or ""
    return " ".join(filter(None, (deployment, ": ".join(filter(None, (name, said))))))


def _lines(
    reader: Reader, task: str, windows: Sequence[Window], now: int, notices: list[str]
) -> Iterator[TimelineEvent]:
    for window in windows:
        page = search_logs(reader, _closed(window, now), task=task, limit=MAX_LINES, newest_first=False)
        if page.cursor:
            notices.append(f"of log lines the first {len(page.lines)} of a stretch of time are shown")
        for line in page.lines:
            origin = LogOrigin(line.group, line.stream)
            container = line.container or line.service
            yield TimelineEvent(
                line.time_ns, Kind.LOG, line.body, container=container, origin=origin, ingested_at=line.ingested_ns
            )


def _spans(
    reader: Reader, task: str, windows: Sequence[Window], now: int, notices: list[str]
) -> Iterator[TimelineEvent]:
    distinct: dict[TimelineEvent, None] = {}
    for window in windows:  # windows of service events may overlap
        events, total = task_spans(reader, task, _closed(window, now))
        if total > len(events):
            notices.append(
                f"{len(events)} of {total} spans of a stretch of time are shown: failed ones, then the latest"
            )
        distinct |= dict.fromkeys(events)
    yield from sorted(distinct, key=lambda each: each.time)


def _metrics(
    reader: Reader, task: str, windows: Sequence[Window], now: int, notices: list[str]
) -> Iterator[TimelineEvent]:
    distinct: dict[TimelineEvent, None] = {}
    for window in windows:
        events, total = task_metrics(reader, task, _closed(window, now))
        if total > len(events):
            notices.append(f"the last {len(events)} of {total} readings of a stretch of time are shown")
        distinct |= dict.fromkeys(events)
    yield from sorted(distinct, key=lambda each: each.time)
