"""Traces: the list, the overview, one of them in every form."""

from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from taskscope.api.answers import answer, answers, encode_plain, kept_answer
from taskscope.api.expressions import with_group
from taskscope.api.parameters import Cursor, End, Filter, GroupName, Limit, Start, guarded, window_of
from taskscope.api.parts import Parts
from taskscope.errors import NotFoundError, UsageError
from taskscope.model.ids import trace_id_from_xray
from taskscope.model.service_map import ServiceMap
from taskscope.model.span import Span
from taskscope.model.trace import SpanView, TraceOverview, TracePage, TraceView
from taskscope.query.search.find import find_traces, group_traces
from taskscope.query.trace.documents import otlp_document, segment_documents
from taskscope.query.trace.outline import read_skeleton
from taskscope.query.trace.read import read_spans, read_trace
from taskscope.query.trace.service_map import map_of
from taskscope.query.trace.view import view_trace
from taskscope.store.api import Reader

_TraceId = Annotated[str, Path(description="32 hexadecimal digits, or X-Ray's `1-…-…`.", max_length=64)]
_Sort = Annotated[
    str, Query(description="What comes first: `time` the newest, `duration` the longest.", pattern="^(time|duration)$")
]
_By = Annotated[
    str, Query(description="`url`, `service`, `status`, `method`, `user`, `error` or `annotation.KEY`.", max_length=600)
]
_DOCUMENTS: Final = {"type": "array", "items": {"type": "object"}}
_KEPT: Final = {"x-kept": True}


def traces_router(parts: Parts) -> APIRouter:
    """Return the routes of traces."""
    router = APIRouter(tags=["traces"], dependencies=guarded(parts.readers))
    _add_search(router, parts)
    _add_forms(router, parts)
    return router


def _add_search(router: APIRouter, parts: Parts) -> None:
    @router.get("/api/traces", openapi_extra=answers(TracePage))
    async def traces(
        start: Start = "-1h",
        end: End = "now",
        expression: Filter = "",
        group: GroupName = "",
        sort: _Sort = "time",
        limit: Limit = 20,
        cursor: Cursor = "",
    ) -> Response:
        """Search for traces."""
        question = partial(
            find_traces,
            parts.reader,
            window_of(start, end, parts.clock),
            expression=with_group(expression, group, parts.xray),
            groups=parts.xray.expressions(),
            sort=sort,
            limit=limit,
            cursor=cursor,
        )
        return await parts.answer(question)

    @router.get("/api/traces/groups", openapi_extra=answers(TraceOverview))
    async def groups(
        by: _By,
        start: Start = "-1h",
        end: End = "now",
        expression: Filter = "",
        group: GroupName = "",
        limit: Limit = 50,
    ) -> Response:
        """Count traces by what they share."""
        question = partial(group_traces, parts.reader, window_of(start, end, parts.clock), by=by, limit=limit)
        asked = with_group(expression, group, parts.xray)
        return await parts.answer(partial(question, expression=asked, groups=parts.xray.expressions()))


def _add_forms(router: APIRouter, parts: Parts) -> None:
    call = parts.workers.call

    @router.get("/api/traces/{trace_id}", openapi_extra=answers(TraceView) | _KEPT)
    async def trace(
        request: Request,
        trace_id: _TraceId,
        *,
        attributes: Annotated[bool, Query(description="With the attributes of each span.")] = False,
    ) -> Response:
        """Return a whole trace, ready to be drawn."""
        return await call(partial(_whole, request, parts.reader, trace_id, attributes=attributes))

    @router.get("/api/traces/{trace_id}/skeleton", openapi_extra={"x-schema": {"type": "object"}} | _KEPT)
    async def columns(request: Request, trace_id: _TraceId) -> Response:
        """Return a whole trace in columns: a tenth of the bytes, for long ones."""
        return await call(partial(_drawn, request, parts.reader, trace_id))

    @router.get("/api/traces/{trace_id}/map", openapi_extra=answers(ServiceMap))
    async def service_map(trace_id: _TraceId) -> Response:
        """Return the service map of one trace."""
        return await parts.answer(lambda: map_of(_spans(parts.reader, trace_id)))

    @router.get("/api/traces/{trace_id}/documents", openapi_extra={"x-schema": _DOCUMENTS})
    async def documents(trace_id: _TraceId) -> Response:
        """Return the trace as X-Ray segment documents, as they were sent."""
        found = await call(lambda: segment_documents(_spans(parts.reader, trace_id)))
        return Response(f"[{','.join(each.text for each in found)}]", media_type="application/json")

    @router.get("/api/traces/{trace_id}/otlp", openapi_extra={"x-schema": {"type": "object"}})
    async def otlp(trace_id: _TraceId) -> Response:
        """Return the trace as an OTLP export request in JSON."""
        return await parts.answer(lambda: otlp_document(_spans(parts.reader, trace_id)))

    @router.get("/api/spans/{span_id}", openapi_extra=answers(SpanView))
    async def span(
        span_id: Annotated[str, Path(description="16 hexadecimal digits.", max_length=16)],
        trace: Annotated[str, Query(description="The trace that it belongs to.", max_length=64)],
    ) -> Response:
        """Return one span with its attributes."""
        return await parts.answer(partial(_one_span, parts.reader, trace, span_id.lower()))


def read_trace_id(text: str) -> bytes:
    """
    Read an id in one of its spellings.

    Raises:
        UsageError: It is none.
    """
    try:
        return trace_id_from_xray(text)
    except ValueError as error:
        hint = "write 32 hexadecimal digits, or 1-5759e988-bd862e3fe1be46a994272793"
        raise UsageError(str(error), hint=hint) from None


def _spans(reader: Reader, trace_id: str) -> list[Span]:
    spans = read_spans(reader, [read_trace_id(trace_id)])
    if not spans:
        raise _missing(trace_id)
    return spans


def _missing(trace_id: str) -> NotFoundError:
    hint = "it may have been sampled out, or be older than --retention"
    return NotFoundError(f"there is no trace {trace_id!r}", hint=hint)


def _view(reader: Reader, trace_id: str, *, attributes: bool = False) -> TraceView:
    spans, total = read_trace(reader, read_trace_id(trace_id))
    if not spans:
        raise _missing(trace_id)
    return view_trace(spans, attributes=attributes, total_spans=total)


def _one_span(reader: Reader, trace_id: str, span_id: str) -> SpanView:
    for each in _view(reader, trace_id, attributes=True).spans:
        if each.span_id == span_id:
            return each
    raise NotFoundError(f"the trace has no span {span_id!r}")


def _whole(request: Request, reader: Reader, trace_id: str, *, attributes: bool = False) -> Response:
    """Answer with a trace, which caches may keep unless a span is still to be completed."""
    view = _view(reader, trace_id, attributes=attributes)
    return answer(view) if view.summary.is_partial else kept_answer(request, view)


def _drawn(request: Request, reader: Reader, trace_id: str) -> Response:
    """Answer with a trace's skeleton, likewise."""
    found = read_skeleton(reader, read_trace_id(trace_id))
    if found is None:
        raise _missing(trace_id)
    content = encode_plain(found)
    return answer(content) if found["summary"]["is_partial"] else kept_answer(request, content)
