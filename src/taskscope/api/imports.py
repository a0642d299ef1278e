"""Telemetry of the past: what is not there yet is stored before the answer, so that a client may go on from there."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import partial
from http import HTTPStatus
from typing import Any, Final, Protocol

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from taskscope.api.answers import answer, answers
from taskscope.api.body import read_bytes, read_object
from taskscope.api.guard import Guard
from taskscope.api.parameters import guarded
from taskscope.api.problems import RefusedError
from taskscope.api.workers import Workers
from taskscope.errors import UsageError
from taskscope.model.batch import Signal
from taskscope.model.ids import trace_id_from_xray
from taskscope.model.imported import ImportReceipt
from taskscope.model.window import Window

MAX_BYTES: Final = 16 << 20
_THREADS: Final = 2
"""One decodes while the other stores."""
_MOST_TRACES: Final = 10_000
_LAST_NS: Final = (1 << 63) - 1


class Form(StrEnum):
    """What a body is."""

    LIST = "list"
    """A JSON array: X-Ray's segment documents, or log events."""
    OTLP_JSON = "otlp_json"
    OTLP_PROTOBUF = "otlp_protobuf"


class Importer(Protocol):
    """Takes what an account or a file has."""

    def known(self, traces: Sequence[bytes], window: Window) -> Mapping[str, int]:
        """Return of which traces there are spans that began in a window, and how many."""
        ...

    def take(self, signal: Signal, form: Form, body: bytes) -> ImportReceipt:
        """
        Store the rows of a body that are not there yet.

        Raises:
            MalformedPayloadError: The body cannot be read.
            UnavailableError: The store does not answer; the same request may come again.
        """
        ...


_TOP: Final[Mapping[Signal, Sequence[str]]] = {
    Signal.SPANS: ("resourceSpans", "resource_spans"),
    Signal.LOGS: ("resourceLogs", "resource_logs"),
    Signal.METRICS: ("resourceMetrics", "resource_metrics"),
}


def imports_router(importer: Importer, *, senders: Guard) -> APIRouter:
    """Return the routes under ``/api/import``; all of them ask for the senders' token."""
    router = APIRouter(prefix="/api/import", tags=["import"], dependencies=guarded(senders))
    call = Workers(_THREADS, "import").call

    async def take(signal: Signal, request: Request) -> Response:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in _FORMS:
            raise RefusedError(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"send the body as Content-Type: {' or '.join(_FORMS)}"
            )
        body = await read_bytes(request, MAX_BYTES)
        form = Form.OTLP_PROTOBUF if kind == _PROTOBUF else _form_of_json(signal, body)
        return answer(await call(partial(importer.take, signal, form, body)))

    @router.post("/spans", openapi_extra=_body(_LISTED[Signal.SPANS]) | answers(ImportReceipt))
    async def import_spans(request: Request) -> Response:
        """Store spans: a JSON array of X-Ray's segment documents, or an OTLP export request."""
        return await take(Signal.SPANS, request)

    @router.post("/logs", openapi_extra=_body(_LISTED[Signal.LOGS]) | answers(ImportReceipt))
    async def import_logs(request: Request) -> Response:
        """Store log records: a JSON array of events, or an OTLP export request; `log.record.uid` names a record."""
        return await take(Signal.LOGS, request)

    @router.post("/metrics", openapi_extra=_body({}) | answers(ImportReceipt))
    async def import_metrics(request: Request) -> Response:
        """Store datapoints: an OTLP export request."""
        return await take(Signal.METRICS, request)

    @router.post("/known", openapi_extra=_body(_KNOWN) | {"x-schema": _COUNTS})
    async def tell_which_traces_are_known(request: Request) -> Response:
        """Tell how many spans there are of each of some traces; those without any are left out."""
        traces, window = _question(await read_object(request))
        return answer({"traces": await call(partial(importer.known, traces, window))})

    return router


def _form_of_json(signal: Signal, body: bytes) -> Form:
    start = body.lstrip()[:1]
    if start == b"[" and signal is not Signal.METRICS:
        return Form.LIST
    names = _TOP[signal]
    if start == b"{" and any(f'"{name}"'.encode() in body for name in names):
        return Form.OTLP_JSON
    array = "" if signal is Signal.METRICS else ", nor an array"
    raise UsageError(f"the body is no object with {names[0]!r}{array}")


def _question(document: Mapping[str, Any]) -> tuple[list[bytes], Window]:
    given = document.get("trace_ids")
    if not isinstance(given, list) or len(given) > _MOST_TRACES:
        raise UsageError(f'the body needs "trace_ids", a list of at most {_MOST_TRACES}')
    start, end = (document.get(name, default) for name, default in (("start_ns", 0), ("end_ns", _LAST_NS)))
    for each in (start, end):
        if not isinstance(each, int) or isinstance(each, bool) or not 0 <= each <= _LAST_NS:
            raise UsageError('"start_ns" and "end_ns" are nanoseconds since the epoch')
    try:
        return [trace_id_from_xray(str(each)) for each in given], Window(start, end)
    except ValueError as error:
        raise UsageError(str(error)) from None


_PROTOBUF: Final = "application/x-protobuf"
_FORMS: Final = ("application/json", _PROTOBUF)
_EVENT: Final = {
    "type": "object",
    "required": ["group", "stream", "time_ns", "message", "id"],
    "properties": {
        "group": {"type": "string"},
        "stream": {"type": "string"},
        "time_ns": {"type": "integer", "minimum": 0},
        "message": {"type": "string"},
        "id": {"type": "string", "description": "Names the event alone, as CloudWatch's `eventId`."},
        "ingested_ns": {"type": "integer", "minimum": 0},
    },
}
_LISTED: Final[Mapping[Signal, Mapping[str, Any]]] = {
    Signal.SPANS: {"type": "array", "items": {"type": "string"}, "description": "Segment documents."},
    Signal.LOGS: {"type": "array", "items": _EVENT},
}
_KNOWN: Final = {
    "type": "object",
    "required": ["trace_ids"],
    "properties": {
        "trace_ids": {"type": "array", "items": {"type": "string"}, "maxItems": _MOST_TRACES},
        "start_ns": {"type": "integer", "minimum": 0, "description": "Spans that began before are not looked for."},
        "end_ns": {"type": "integer", "minimum": 0, "description": "Nor those that began after this."},
    },
}
_COUNTS: Final = {
    "type": "object",
    "required": ["traces"],
    "properties": {"traces": {"type": "object", "additionalProperties": {"type": "integer"}}},
}


def _body(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
