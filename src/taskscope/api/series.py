"""Services, their operations, and figures over time."""

from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from taskscope.api.answers import answer, answers
from taskscope.api.parameters import End, Start, guarded, window_of
from taskscope.api.parts import Parts
from taskscope.clock import SECOND
from taskscope.config.times import parse_duration
from taskscope.errors import UsageError
from taskscope.model.series import RedSeries
from taskscope.model.service import OperationFigures, ServiceFigures
from taskscope.model.service_map import NodeKey
from taskscope.model.window import Window
from taskscope.query.series import check_step, edge_series, service_series
from taskscope.query.services import list_operations, list_services

_POINTS: Final = 120
_MOST_POINTS: Final = 10_000
_STEPS: Final = (60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400)
_Step = Annotated[
    str,
    Query(
        description="Length of a step, as `1m`; empty: what gives about 100."
        " Within 15 minutes also 1, 2, 5, 10, 15, 20 or 30 seconds.",
        max_length=32,
    ),
]
_Name = Annotated[str, Query(description="Name of a node.", max_length=512)]
_Type = Annotated[str, Query(description="Type of the node; empty: of no known platform.", max_length=512)]


def series_router(parts: Parts) -> APIRouter:
    """Return the routes of services and of series."""
    router = APIRouter(tags=["map"], dependencies=guarded(parts.readers))
    _add_services(router, parts)
    _add_series(router, parts)
    return router


def _add_services(router: APIRouter, parts: Parts) -> None:
    @router.get("/api/services", openapi_extra=answers(ServiceFigures, listed="services"))
    async def services(start: Start = "-1h", end: End = "now") -> Response:
        """List the services that sent spans."""
        found = await parts.workers.call(partial(list_services, parts.reader, window_of(start, end, parts.clock)))
        return answer({"services": found})

    @router.get("/api/services/{name:path}/operations", openapi_extra=answers(OperationFigures, listed="operations"))
    async def operations(
        name: Annotated[str, Path(max_length=512)], start: Start = "-1h", end: End = "now"
    ) -> Response:
        """List the operations of a service."""
        window = window_of(start, end, parts.clock)
        return answer({"operations": await parts.workers.call(partial(list_operations, parts.reader, window, name))})


def _add_series(router: APIRouter, parts: Parts) -> None:
    @router.get("/api/series/service", openapi_extra=answers(RedSeries))
    async def of_service(
        name: _Name,
        kind: Annotated[str, Query(alias="type", description="Type of the node.", max_length=512)] = "",
        operation: Annotated[str, Query(description="One of its operations; empty: all.", max_length=512)] = "",
        start: Start = "-1h",
        end: End = "now",
        step: _Step = "",
    ) -> Response:
        """Return calls, errors and durations of a service over time."""
        window = window_of(start, end, parts.clock)
        question = partial(service_series, parts.reader, window, step_ns=step_of(step, window), now_ns=parts.clock())
        return await parts.answer(partial(question, name=name, type=kind, operation=operation))

    @router.get("/api/series/edge", openapi_extra=answers(RedSeries))
    async def of_edge(
        source: _Name,
        target: _Name,
        source_type: _Type = "",
        target_type: _Type = "",
        start: Start = "-1h",
        end: End = "now",
        step: _Step = "",
    ) -> Response:
        """Return calls, errors and durations of a connection over time."""
        window = window_of(start, end, parts.clock)
        question = partial(edge_series, parts.reader, window, step_ns=step_of(step, window), now_ns=parts.clock())
        found = partial(question, source=NodeKey(source, source_type), target=NodeKey(target, target_type))
        return await parts.answer(found)


def step_of(text: str, window: Window) -> int:
    """
    Return the length of a step in nanoseconds: whole minutes, which is what is kept, or a short one if that is told.

    Raises:
        UsageError: It is no duration, has another length than a step may have, or is too short for the window.
    """
    length = window.end_ns - window.start_ns
    if not text:
        wanted = length / _POINTS / SECOND
        return next((each for each in _STEPS if each >= wanted), -(-int(wanted) // _STEPS[-1]) * _STEPS[-1]) * SECOND
    step = parse_duration(text)
    check_step(step, window)
    if length // step > _MOST_POINTS:
        raise UsageError(f"step {text!r} is too short for the window: more than {_MOST_POINTS} steps")
    return step
