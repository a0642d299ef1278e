"""The timeline of a task."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from taskscope.api.answers import answer, answers
from taskscope.api.parameters import guarded, instant
from taskscope.api.parts import Parts
from taskscope.errors import UsageError
from taskscope.model.timeline import Kind, TaskTimeline
from taskscope.query.timeline import ALL_KINDS, task_timeline


def timeline_router(parts: Parts) -> APIRouter:
    """Return the route of a task's timeline."""
    router = APIRouter(tags=["ecs"], dependencies=guarded(parts.readers))

    @router.get("/api/tasks/{task_id}/timeline", openapi_extra=answers(TaskTimeline))
    async def timeline(
        task_id: Annotated[str, Path(description="Id of the task.", max_length=512)],
        start: Annotated[
            str, Query(description="Begin, as of logs; by default around the task's start.", max_length=64)
        ] = "",
        end: Annotated[str, Query(description="End; by default around the task's end.", max_length=64)] = "",
        kinds: Annotated[
            str, Query(description="Kinds of events, with commas between; by default all.", max_length=200)
        ] = "",
    ) -> Response:
        """Tell what happened to a task: lifecycle, service events, log lines, spans, readings, in one order."""
        now = parts.clock()
        question = partial(
            task_timeline,
            parts.reader,
            task_id,
            now_ns=now,
            since_ns=instant(start, now) if start else None,
            until_ns=instant(end, now) if end else None,
            kinds=_kinds(kinds),
        )
        return answer(await parts.workers.call(question))

    return router


def _kinds(text: str) -> frozenset[Kind]:
    names = [each.strip() for each in text.split(",") if each.strip()]
    try:
        return frozenset(map(Kind, names)) if names else ALL_KINDS
    except ValueError as error:
        raise UsageError(f"{error}", hint=f"there are {', '.join(Kind)}") from None
