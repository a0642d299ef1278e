"""The paths of Jaeger's query API under ``/jaeger``; its answers have ``data`` and ``errors``."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final, TypeAlias

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from taskscope.api.answers import answer
from taskscope.api.guard import Guard
from taskscope.api.jaeger.documents import traces_of
from taskscope.api.jaeger.questions import limit_of, lookback_of, question_of, window_of
from taskscope.api.parts import Parts
from taskscope.api.problems import RefusedError, status_of
from taskscope.clock import SECOND
from taskscope.errors import NotFoundError, TaskscopeError, UsageError
from taskscope.model.ids import trace_id_from_xray
from taskscope.model.service_map import EdgeKind, NodeKind, ServiceMap
from taskscope.model.span import SpanKind
from taskscope.model.window import Window
from taskscope.query.service_map import service_map
from taskscope.query.services import list_operations, list_services
from taskscope.query.span_search import find_trace_ids
from taskscope.query.trace.read import read_spans

Question: TypeAlias = Callable[[Request], Awaitable[list[Any]]]

_KINDS: Final[dict[int, str]] = {kind: kind.name.lower() for kind in SpanKind if kind}
_REMEMBERED_NS: Final = 7 * 86_400 * SECOND
"""Services and operations are those of a week: what the store keeps of traces by default."""


def jaeger_routes(parts: Parts) -> list[Route]:
    """Return the routes."""
    asked = JaegerQuestions(parts)
    paths: dict[str, Question] = {
        "/services": asked.services,
        "/services/{service:path}/operations": asked.operation_names,
        "/operations": asked.operations,
        "/traces": asked.search,
        "/traces/{trace_id}": asked.trace,
        "/dependencies": asked.dependencies,
    }
    return [
        Route(f"/jaeger/api{path}", JaegerEndpoint(parts.readers, question).answer, methods=["GET"])
        for path, question in paths.items()
    ]


class JaegerEndpoint:
    """One path, for Starlette."""

    def __init__(self, guard: Guard, question: Question) -> None:
        self.guard = guard
        self._question = question

    async def answer(self, request: Request) -> Response:
        """Answer with ``data``, or say what is wrong in ``errors``."""
        try:
            await self.guard(request)
            return _envelope(await self._question(request))
        except RefusedError as error:
            return _envelope(None, error.status, error.detail)
        except TaskscopeError as error:
            return _envelope(None, status_of(error), str(error))


def _envelope(data: list[Any] | None, status: HTTPStatus = HTTPStatus.OK, message: str = "") -> Response:
    errors = [{"code": int(status), "msg": message}] if message else None
    total = 0 if data is None else len(data)
    made = answer({"data": data, "total": total, "limit": 0, "offset": 0, "errors": errors})
    made.status_code = status
    return made


class JaegerQuestions:
    """What is asked on each path; each returns ``data``."""

    def __init__(self, parts: Parts) -> None:
        self._reader = parts.reader
        self._call = parts.workers.call
        self._clock = parts.clock

    async def services(self, _request: Request) -> list[Any]:
        """Names of services."""
        found = await self._call(lambda: list_services(self._reader, self._week()))
        return list(dict.fromkeys(each.name for each in found))

    async def operation_names(self, request: Request) -> list[Any]:
        """Names of a service's operations."""
        found = await self._operations(request.path_params["service"])
        return sorted({each["name"] for each in found})

    async def operations(self, request: Request) -> list[Any]:
        """Operations of a service with their kinds."""
        kind = request.query_params.get("spanKind", "")
        service = request.query_params.get("service", "")
        if not service:
            raise UsageError("parameter 'service' is required")
        return [each for each in await self._operations(service) if kind in ("", each["spanKind"])]

    async def search(self, request: Request) -> list[Any]:
        """Traces with a span that fits, the newest first; or those that are named by ``traceID``."""
        given = request.query_params
        if named := given.getlist("traceID"):
            ids = [_trace_id(each) for each in named]
            return await self._call(lambda: self._read(ids))
        window, question, limit = window_of(given, self._clock()), question_of(given), limit_of(given)
        return await self._call(lambda: self._read(find_trace_ids(self._reader, window, question, limit=limit)))

    async def trace(self, request: Request) -> list[Any]:
        """One trace."""
        trace_id = _trace_id(request.path_params["trace_id"])
        found = await self._call(lambda: self._read([trace_id]))
        if not found:
            raise NotFoundError("trace not found")
        return found

    async def dependencies(self, request: Request) -> list[Any]:
        """Who calls whom, by names of services."""
        now = self._clock()
        window = lookback_of(request.query_params, now)
        return _links(await self._call(lambda: service_map(self._reader, window, now_ns=now)))

    async def _operations(self, service: str) -> list[dict[str, str]]:
        found = await self._call(lambda: list_operations(self._reader, self._week(), service))
        return [{"name": each.name, "spanKind": _KINDS.get(each.kind, "")} for each in found]

    def _read(self, ids: list[bytes]) -> list[Any]:
        if not ids:
            return []
        found = {each["traceID"]: each for each in traces_of(read_spans(self._reader, ids))}
        return [found[each.hex()] for each in dict.fromkeys(ids) if each.hex() in found]

    def _week(self) -> Window:
        now = self._clock()
        return Window(now - _REMEMBERED_NS, now + SECOND)


def _trace_id(text: str) -> bytes:
    """Read an id as Jaeger writes it, which leaves zeros at its front out."""
    try:
        return trace_id_from_xray(text if text.startswith("1-") else text.rjust(32, "0"))
    except ValueError as error:
        raise UsageError(str(error)) from None


def _links(found: ServiceMap) -> list[dict[str, Any]]:
    counts: dict[tuple[str, str], int] = {}
    for each in found.edges:
        source, target = found.nodes[each.source], found.nodes[each.target]
        if each.kind == EdgeKind.CALL and source.kind != NodeKind.CLIENT:
            ends = source.key.name, target.key.name
            counts[ends] = counts.get(ends, 0) + each.statistics.tally.total
    return [{"parent": parent, "child": child, "callCount": count} for (parent, child), count in counts.items()]
