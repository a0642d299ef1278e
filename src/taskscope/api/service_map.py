"""The service map."""

from functools import partial

from fastapi import APIRouter
from starlette.responses import Response

from taskscope.api.answers import answers
from taskscope.api.expressions import with_group
from taskscope.api.parameters import End, Filter, GroupName, Start, guarded, window_of
from taskscope.api.parts import Parts
from taskscope.model.service_map import ServiceMap
from taskscope.query.service_map import service_map


def map_router(parts: Parts) -> APIRouter:
    """Return the route of the map."""
    router = APIRouter(tags=["map"], dependencies=guarded(parts.readers))

    @router.get("/api/map", openapi_extra=answers(ServiceMap))
    async def service_map_of_a_window(
        start: Start = "-1h", end: End = "now", expression: Filter = "", group: GroupName = ""
    ) -> Response:
        """Return who called whom, how often, how well, how fast."""
        question = partial(
            service_map,
            parts.reader,
            window_of(start, end, parts.clock),
            expression=with_group(expression, group, parts.xray),
            groups=parts.xray.expressions(),
            now_ns=parts.clock(),
        )
        return await parts.answer(question)

    return router
