"""The function that tells the story of every task that stops."""

import os
import traceback
from collections.abc import Mapping
from typing import Any, Final

from taskscope.aws.ecs import Ecs
from taskscope.aws.session import Account
from taskscope.aws.sns import publish
from taskscope.clock import system_clock
from taskscope.errors import NotFoundError, TaskscopeError, UnavailableError
from taskscope.handler.records import records, stopped_task
from taskscope.handler.settings import Settings
from taskscope.model.ecs import Task
from taskscope.model.timeline import head_and_tail
from taskscope.render.report import fit, subject, text_lines
from taskscope.sources.timeline import Notice, Timeline, TimelineSource, Wanted

_REMEMBERED: Final = 10_000
"""Tasks that one execution environment remembers to have told, about 1.5 MB."""

_told: dict[str, None] = {}


def task_stopped(payload: Mapping[str, Any], _context: object = None) -> dict[str, Any]:
    """
    Tell the timeline of each stopped task in the payload: to the function's log, and to SNS where that is set.

    The payload is an EventBridge "ECS Task State Change", by itself or in records of SQS or SNS. EventBridge delivers
    at least once: a task that this environment has told is left out. A queue is answered with the messages that
    failed (ReportBatchItemFailures), so that one bad message holds up no other; for a plain event an error that a
    retry may mend is raised, so that Lambda retries.

    Raises:
        UnavailableError: AWS cannot be reached or throttles, and the payload is no batch.
    """
    settings = Settings.read(os.environ)
    failures: list[dict[str, str]] = []
    told = 0
    for record in records(payload):
        try:
            told += _tell(record.body, settings)
        except TaskscopeError as error:
            print(f"taskscope: {error}")  # noqa: T201 (the function's log is stdout)
            if record.id is not None:
                failures.append({"itemIdentifier": record.id})
            elif isinstance(error, UnavailableError):
                raise
        except Exception:
            if record.id is None:
                raise
            traceback.print_exc()  # a fault of ours: the queue keeps the message, the others are still told
            failures.append({"itemIdentifier": record.id})
    return {"told": told, "batchItemFailures": failures}


def _tell(body: Any, settings: Settings) -> int:
    """Tell one message's task, if it has just stopped; return the number of tasks told."""
    task = stopped_task(body)
    if task is None or task.arn in _told:
        return 0
    account = Account(region=task.region or os.environ.get("AWS_REGION"))
    timeline = _timeline(account, task, settings.duration)
    lines = text_lines(timeline.events)
    if settings.stdout:
        for each in (subject(timeline.task.cluster, timeline.task.id), *lines):
            print(each)  # noqa: T201 (see above)
    missing = [f"taskscope: {notice.text}" for notice in timeline.notices]
    for each in missing:
        print(each)  # noqa: T201 (see above)
    if settings.topic:
        publish(
            account,
            settings.topic,
            subject=subject(timeline.task.cluster, timeline.task.id),
            message=fit([*lines, *missing]),
            dedup_id=timeline.task.id,
        )
    _remember(timeline.task.arn)
    return 1


def _timeline(account: Account, told: Task, duration: int) -> Timeline:
    """Ask ECS, which knows more than the event; for a task that it has forgotten the event has to do."""
    now = system_clock()
    wanted = Wanted(lambda task: head_and_tail(task, margin=duration, now=now))
    with TimelineSource(account, now=now) as source:
        task, notices = _ask(source.ecs, told)
        timeline = source.collect(task, wanted)
    timeline.notices.extend(notices)
    return timeline


def _ask(ecs: Ecs, told: Task) -> tuple[Task, list[Notice]]:
    try:
        found = ecs.tasks(told.cluster_arn, [told.arn])
    except NotFoundError:
        found = []
    if found:
        return found[0], []
    return told, [Notice("ECS has forgotten the task: the timeline is that of the event")]


def _remember(arn: str) -> None:
    _told[arn] = None
    if len(_told) > _REMEMBERED:
        del _told[next(iter(_told))]
