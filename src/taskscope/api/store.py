"""The store over HTTP: statistics, SQL that reads, checks, and the purge of what is old."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from taskscope.api.admin import MAX_MEMORY_BYTES, MAX_ROWS, MAX_SECONDS, StoreAdmin
from taskscope.api.answers import answer
from taskscope.api.body import read_object
from taskscope.api.guard import Guard
from taskscope.api.parameters import guarded
from taskscope.api.workers import Workers
from taskscope.errors import UsageError

_THREADS: Final = 4
"""Questions that run side by side, beside those of the other routes."""


def store_router(admin: StoreAdmin, *, readers: Guard, senders: Guard) -> APIRouter:
    """Return the routes under ``/api/store``; what changes the store asks for the senders' token."""
    router = APIRouter(prefix="/api/store", tags=["store"])
    call = Workers(_THREADS, "store-api").call

    @router.post("/sql", dependencies=guarded(readers), openapi_extra=_body(_QUESTION) | _answers(_RESULT))
    async def run_sql(request: Request) -> Response:
        """Run one statement that only reads."""
        return answer(await call(partial(_sql, admin, await read_object(request))))

    @router.get("/stats", dependencies=guarded(readers), openapi_extra=_answers(_ANY))
    async def tell_what_each_table_holds() -> Response:
        """Tell what each table holds, and what waits in the spool."""
        return answer(await call(admin.stats))

    @router.get("/check", dependencies=guarded(readers), openapi_extra=_answers(_ANY))
    async def check() -> Response:
        """Look for what is wrong; list the newest bodies that could not be read."""
        return answer(await call(admin.check))

    @router.post("/purge", dependencies=guarded(senders), openapi_extra=_body(_PURGE) | _answers(_ANY))
    async def purge(request: Request) -> Response:
        """Delete what happened before a time; answer when no question sees the rows any more."""
        return answer(await call(partial(_purge, admin, await read_object(request))))

    @router.post("/migrate", dependencies=guarded(senders), openapi_extra=_body(_ANY) | _answers(_ANY))
    async def migrate(request: Request) -> Response:
        """Make what the schema lacks."""
        await read_object(request)
        return answer({"done": list(await call(admin.migrate))})

    return router


def _sql(admin: StoreAdmin, document: Mapping[str, Any]) -> Mapping[str, Any]:
    parameters = document.get("parameters") or {}
    if not isinstance(parameters, dict):
        raise UsageError('"parameters" is an object of names and values')
    return admin.sql(
        _text(document, "sql"),
        parameters,
        max_rows=int(_number(document, "max_rows", 10_000, MAX_ROWS)),
        timeout_seconds=_number(document, "timeout_seconds", 30, MAX_SECONDS),
        max_memory_bytes=int(_number(document, "max_memory_bytes", 2_000_000_000, MAX_MEMORY_BYTES)),
    )


def _purge(admin: StoreAdmin, document: Mapping[str, Any]) -> Mapping[str, Any]:
    before = document.get("before_ns")
    if not isinstance(before, int) or isinstance(before, bool) or not 0 <= before < 1 << 63:
        raise UsageError('the body needs "before_ns", nanoseconds since the epoch')
    return admin.purge(_text(document, "signal"), before)


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str):
        raise UsageError(f'the body needs "{name}", a text')
    return value


def _number(document: Mapping[str, Any], name: str, default: float, most: float) -> float:
    value = document.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= most:
        raise UsageError(f'"{name}" is a number from 1 to {most:g}')
    return value


_ANY: Final = {"type": "object"}
_QUESTION: Final = {
    "type": "object",
    "required": ["sql"],
    "properties": {
        "sql": {"type": "string", "description": "`{name:Type}` in it stands for a parameter."},
        "parameters": {"type": "object"},
        "max_rows": {"type": "integer", "minimum": 1, "maximum": MAX_ROWS, "default": 10_000},
        "timeout_seconds": {"type": "number", "minimum": 1, "maximum": MAX_SECONDS, "default": 30},
        "max_memory_bytes": {
            "type": "integer", "minimum": 1, "maximum": MAX_MEMORY_BYTES, "default": 2_000_000_000,
        },
    },
}  # fmt: skip
_RESULT: Final = {
    "type": "object",
    "required": ["columns", "types", "rows", "truncated"],
    "properties": {
        "columns": {"type": "array", "items": {"type": "string"}},
        "types": {"type": "array", "items": {"type": "string"}, "description": "ClickHouse's, of the columns."},
        "rows": {"type": "array", "items": {"type": "array", "items": {}}},
        "truncated": {"type": "boolean", "description": "Whether there were more rows."},
    },
}
_PURGE: Final = {
    "type": "object",
    "required": ["signal", "before_ns"],
    "properties": {
        "signal": {"enum": ["traces", "logs", "metrics", "changes"]},
        "before_ns": {"type": "integer", "minimum": 0, "description": "Nanoseconds since the epoch."},
    },
}


def _body(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _answers(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"x-schema": schema}
