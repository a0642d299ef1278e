"""Log records: search, context, histogram, groups, the traces of a record, live tail."""

from functools import partial
from typing import Annotated, Final, TypeAlias

from fastapi import APIRouter, Depends, Header, Query
from starlette.responses import Response, StreamingResponse

from taskscope.api.answers import answer, answers
from taskscope.api.log_tail import MEDIA_TYPE
from taskscope.api.parameters import Cursor, End, Limit, Start, guarded, instant, window_of
from taskscope.api.parts import Parts
from taskscope.clock import SECOND
from taskscope.config.times import parse_duration
from taskscope.model.log_line import LogBin, LogGroup, LogPage, TraceOfLog
from taskscope.query.logs.context import find_line, log_context
from taskscope.query.logs.filters import LogFilters
from taskscope.query.logs.groups import list_groups
from taskscope.query.logs.histogram import log_histogram
from taskscope.query.logs.join import trace_of_log
from taskscope.query.logs.search import search_logs
from taskscope.query.logs.tail import Tail, parse_tail_cursor
from taskscope.store.api import Reader

_Place: TypeAlias = Annotated[str, Query(description="`cursor` of a log record.", max_length=64)]
_Around: TypeAlias = Annotated[int, Query(description="How many lines.", ge=0, le=1000)]
_LONG: Final = 4096


def log_filters(
    text: Annotated[
        str, Query(description="Words that have to occur; quotes keep blanks inside.", max_length=_LONG)
    ] = "",
    pattern: Annotated[str, Query(description="Filter pattern of CloudWatch Logs.", max_length=_LONG)] = "",
    service: Annotated[str, Query(description="Name of a service.", max_length=512)] = "",
    group: Annotated[str, Query(description="Log groups, or globs, with commas between.", max_length=_LONG)] = "",
    stream: Annotated[str, Query(description="Log streams, or globs, with commas between.", max_length=_LONG)] = "",
    task: Annotated[str, Query(description="ARN or id of a task, or how the id begins.", max_length=512)] = "",
    container: Annotated[str, Query(description="Containers, with commas between.", max_length=_LONG)] = "",
    cluster: Annotated[str, Query(description="Name of the cluster of tasks.", max_length=512)] = "",
    ecs_service: Annotated[str, Query(description="Name of the ECS service of tasks.", max_length=512)] = "",
    severity: Annotated[str, Query(description="Levels, as `debug,warn+`; `none`: without one.", max_length=64)] = "",
    trace: Annotated[str, Query(description="Id of a trace that the records name.", max_length=64)] = "",
) -> LogFilters:
    """Gather the filters that routes of logs share."""
    return LogFilters(
        text=text, pattern=pattern, service=service, group=group, stream=stream, task=task, container=container,
        cluster=cluster, ecs_service=ecs_service, severity=severity, trace_id=trace,
    )  # fmt: skip


_Filters: TypeAlias = Annotated[LogFilters, Depends(log_filters)]


def logs_router(parts: Parts) -> APIRouter:
    """Return the routes of log records."""
    router = APIRouter(tags=["logs"], dependencies=guarded(parts.readers))
    _add_search(router, parts)
    _add_overview(router, parts)
    _add_tail(router, parts)
    return router


def _add_search(router: APIRouter, parts: Parts) -> None:
    reader, ask = parts.reader, parts.workers.call

    @router.get("/api/logs", openapi_extra=answers(LogPage))
    async def logs(
        filters: _Filters,
        start: Start = "-1h",
        end: End = "now",
        limit: Limit = 100,
        cursor: Cursor = "",
        order: Annotated[str, Query(description="`newest` or `oldest` first.", pattern="^(newest|oldest)$")] = "newest",
    ) -> Response:
        """Search. A page may hold fewer records than asked for and still have a cursor, where the search took long."""
        question = partial(search_logs, reader, window_of(start, end, parts.clock), limit=limit, cursor=cursor)
        return answer(await ask(partial(question, newest_first=order == "newest", **filters)))

    @router.get("/api/logs/context", openapi_extra=answers(LogPage))
    async def context(cursor: _Place, before: _Around = 20, after: _Around = 20) -> Response:
        """Return a record between those that the same log has before and after it."""
        return answer(await ask(partial(log_context, reader, cursor, before, after)))

    @router.get("/api/logs/trace", openapi_extra=answers(TraceOfLog, many=True))
    async def trace(cursor: _Place) -> Response:
        """Return the traces that a record may belong to, the surest first."""
        return answer(await ask(partial(_traces_of, reader, cursor)))


def _traces_of(reader: Reader, cursor: str) -> tuple[TraceOfLog, ...]:
    return trace_of_log(reader, find_line(reader, cursor))


def _add_overview(router: APIRouter, parts: Parts) -> None:
    @router.get("/api/logs/histogram", openapi_extra=answers(LogBin, many=True))
    async def histogram(
        filters: _Filters,
        start: Start = "-1h",
        end: End = "now",
        step: Annotated[str, Query(description="Length of a bar, as `1m`; by default a 60th.", max_length=32)] = "",
    ) -> Response:
        """Count records over time, by level; bars without any are left out."""
        step_ns = parse_duration(step) if step else 0
        question = partial(log_histogram, parts.reader, window_of(start, end, parts.clock), step_ns=step_ns, **filters)
        return answer(await parts.workers.call(question))

    @router.get("/api/logs/groups", openapi_extra=answers(LogGroup, many=True))
    async def groups(start: Start = "-1h", end: End = "now", limit: Limit = 1000) -> Response:
        """List log groups and their streams, those with the newest records first."""
        question = partial(list_groups, parts.reader, window_of(start, end, parts.clock), limit=limit)
        return answer(await parts.workers.call(question))


def _add_tail(router: APIRouter, parts: Parts) -> None:
    @router.get(
        "/api/logs/tail",
        response_class=StreamingResponse,
        openapi_extra={"x-kind": MEDIA_TYPE, "x-schema": {"type": "string"}},
    )
    async def tail(
        filters: _Filters,
        since: Annotated[str, Query(description="Begin with what came in then; as `start`.", max_length=64)] = "now",
        cursor: Annotated[str, Query(description="Go on where a tail stopped: an event's `id`.", max_length=64)] = "",
        last_event_id: Annotated[str, Header(description="As `cursor`; browsers send it.", max_length=64)] = "",
    ) -> Response:
        """
        Tell records as they come in, as server-sent events `log`, however old they are.

        After a break records may come again, each under its `cursor`.
        """
        given = cursor or last_event_id
        seconds = parse_tail_cursor(given) if given else instant(since, parts.clock()) // SECOND
        events = parts.tails.follow(Tail(parts.reader, seconds, filters), parts.tail_workers)
        return StreamingResponse(events, media_type=MEDIA_TYPE)
