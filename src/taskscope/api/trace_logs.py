"""The log records of a trace, or of one of its spans."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from taskscope.api.answers import answer, answers
from taskscope.api.parameters import guarded
from taskscope.api.parts import Parts
from taskscope.errors import NotFoundError, UsageError
from taskscope.model.ids import trace_id_from_xray
from taskscope.model.log_line import JoinedLogs
from taskscope.query.logs.join import MAX_LINES, logs_of_trace
from taskscope.query.trace.read import read_spans
from taskscope.store.api import Reader


def trace_logs_router(parts: Parts) -> APIRouter:
    """Return the route of the log records of a trace."""
    router = APIRouter(tags=["logs"], dependencies=guarded(parts.readers))

    @router.get("/api/traces/{trace_id}/logs", openapi_extra=answers(JoinedLogs))
    async def logs(
        trace_id: Annotated[str, Path(description="32 hexadecimal digits, or X-Ray's `1-…-…`.", max_length=64)],
        span: Annotated[str, Query(description="Id of a span: its records only.", max_length=16)] = "",
        limit: Annotated[int, Query(description="How many at most, the surest.", ge=1, le=MAX_LINES)] = MAX_LINES,
    ) -> Response:
        """Return the log records that belong to a trace, each with its reason, in order of time."""
        question = partial(_logs, parts.reader, trace_id, span_id=span, limit=limit)
        return answer(await parts.workers.call(question))

    return router


def _logs(reader: Reader, trace_id: str, *, span_id: str, limit: int) -> JoinedLogs:
    try:
        spans = read_spans(reader, [trace_id_from_xray(trace_id)])
    except ValueError as error:
        raise UsageError(
            str(error), hint="write 32 hexadecimal digits, or 1-5759e988-bd862e3fe1be46a994272793"
        ) from None
    if not spans:
        raise NotFoundError(f"there is no trace {trace_id!r}", hint="it may have been sampled out, or be too old")
    if span_id and not any(span.span_id.hex() == span_id.lower() for span in spans):
        raise NotFoundError(f"the trace has no span {span_id!r}")
    return JoinedLogs(logs_of_trace(reader, spans, span_id=span_id, limit=limit))
