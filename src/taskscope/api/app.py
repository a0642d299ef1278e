"""The API as one application: every router, behind what each request goes through."""

from collections.abc import Iterable

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.routing import BaseRoute

from taskscope.api.answers import answer
from taskscope.api.ecs import ecs_router
from taskscope.api.imports import imports_router
from taskscope.api.jaeger.routes import jaeger_routes
from taskscope.api.logs import logs_router
from taskscope.api.metrics import metrics_router
from taskscope.api.openapi import document
from taskscope.api.parameters import guarded
from taskscope.api.parts import Parts
from taskscope.api.problems import HANDLERS
from taskscope.api.requests import EachRequest
from taskscope.api.series import series_router
from taskscope.api.service_map import map_router
from taskscope.api.status import status_router
from taskscope.api.store import store_router
from taskscope.api.timeline import timeline_router
from taskscope.api.trace_logs import trace_logs_router
from taskscope.api.traces import traces_router
from taskscope.api.usage import usage_router
from taskscope.api.xray.routes import xray_routes

_COMPRESSED_BYTES = 1024
_COMPRESSION = 1
"""A trace of 50,000 spans (3.5 MB) takes 28 ms at level 1 and 285 at 6, which makes 0.95 MB of it 0.8."""


def make_app(parts: Parts, *, beside: Iterable[BaseRoute] = ()) -> FastAPI:
    """Return the application; ``beside`` are routes of others on the same port, which keep their own door."""
    app = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers=HANDLERS,
        middleware=[
            Middleware(EachRequest),
            Middleware(GZipMiddleware, minimum_size=_COMPRESSED_BYTES, compresslevel=_COMPRESSION),
        ],
    )
    app.router.routes.extend(beside)
    app.router.routes.extend(xray_routes(parts))
    app.router.routes.extend(jaeger_routes(parts))
    for router in [*routers(parts), _own_router(app, parts)]:
        app.router.routes.extend(router.routes)
    return app


def routers(parts: Parts) -> list[APIRouter]:
    """Return the routers of the REST API."""
    return [
        traces_router(parts),
        map_router(parts),
        series_router(parts),
        metrics_router(parts),
        store_router(parts.admin, readers=parts.readers, senders=parts.senders),
        ecs_router(parts),
        usage_router(parts),
        logs_router(parts),
        trace_logs_router(parts),
        timeline_router(parts),
        status_router(parts),
        imports_router(parts.importer, senders=parts.senders),
    ]


def _own_router(app: FastAPI, parts: Parts) -> APIRouter:
    router = APIRouter(dependencies=guarded(parts.readers))

    @router.get("/api/openapi.json", include_in_schema=False)
    async def describe() -> Response:
        """Tell what there is, as OpenAPI."""
        return answer(document(app))

    return router
