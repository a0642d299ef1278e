"""What clusters, services, tasks and containers use."""

from functools import partial
from typing import Annotated, Literal, TypeAlias

from fastapi import APIRouter, Query
from starlette.responses import Response

from taskscope.api.answers import answers
from taskscope.api.parameters import Cursor, End, Limit, Start, guarded, window_of
from taskscope.api.parts import Parts
from taskscope.api.series import step_of
from taskscope.model.resource_usage import Level, LiveView, ResourceKey, ResourceMap, ResourcePage, UsageSeries
from taskscope.query.usage.live import live
from taskscope.query.usage.map import resource_map
from taskscope.query.usage.resources import list_resources
from taskscope.query.usage.series import usage_series

_Cluster: TypeAlias = Annotated[str, Query(description="Cluster, by name or ARN; empty: all.", max_length=512)]
_Service: TypeAlias = Annotated[str, Query(description="ECS service, by name; empty: all.", max_length=512)]
_Level: TypeAlias = Annotated[
    Literal["cluster", "service", "task", "container"], Query(description="What is asked for.")
]
_Step: TypeAlias = Annotated[
    str,
    Query(
        description="Length of a step, as `1m`; empty: what gives about 100."
        " Of tasks and containers, within 15 minutes, also 1, 2, 5, 10, 15, 20 or 30 seconds.",
        max_length=32,
    ),
]


def usage_router(parts: Parts) -> APIRouter:
    """Return the routes of what is used."""
    router = APIRouter(tags=["resources"], dependencies=guarded(parts.readers))
    _add_now(router, parts)
    _add_windows(router, parts)
    _add_series(router, parts)
    return router


def _add_now(router: APIRouter, parts: Parts) -> None:
    @router.get("/api/live", openapi_extra=answers(LiveView))
    async def live_view(cluster: _Cluster = "", service: _Service = "", limit: Limit = 500) -> Response:
        """Return the last readings of the tasks that were measured in the last five minutes, with their containers."""
        question = partial(live, parts.reader, cluster=cluster, service=service, now_ns=parts.clock(), limit=limit)
        return await parts.answer(question)


def _add_windows(router: APIRouter, parts: Parts) -> None:
    @router.get("/api/resources", openapi_extra=answers(ResourcePage))
    async def resources(
        level: _Level = "cluster",
        text: Annotated[str, Query(description="Part of a name.", max_length=512)] = "",
        cluster: _Cluster = "",
        service: _Service = "",
        start: Start = "-1h",
        end: End = "now",
        limit: Limit = 100,
        cursor: Cursor = "",
    ) -> Response:
        """List clusters, services, tasks or containers with what each used on average, and its alarms."""
        question = partial(list_resources, parts.reader, window_of(start, end, parts.clock), level=level, text=text)
        return await parts.answer(partial(question, cluster=cluster, service=service, limit=limit, cursor=cursor))

    @router.get("/api/resources/map", openapi_extra=answers(ResourceMap))
    async def map_of_resources(start: Start = "-1h", end: End = "now") -> Response:
        """Return clusters, their services, the tasks of these and their containers, with what each used on average."""
        return await parts.answer(partial(resource_map, parts.reader, window_of(start, end, parts.clock)))


def _add_series(router: APIRouter, parts: Parts) -> None:
    @router.get("/api/resources/series", openapi_extra=answers(UsageSeries))
    async def series(
        level: _Level,
        cluster: _Cluster = "",
        service: _Service = "",
        task: Annotated[str, Query(description="Task, by id or ARN.", max_length=512)] = "",
        container: Annotated[str, Query(description="Name of a container.", max_length=512)] = "",
        start: Start = "-1h",
        end: End = "now",
        step: _Step = "",
    ) -> Response:
        """Return CPU, memory, network and storage of one resource over time."""
        window = window_of(start, end, parts.clock)
        question = partial(
            usage_series,
            parts.reader,
            window,
            key=ResourceKey(Level(level), cluster, service, task, container),
            step_ns=step_of(step, window),
            now_ns=parts.clock(),
        )
        return await parts.answer(question)
