"""The store over HTTP: statistics, SQL that reads, checks, and the purge of what is old."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, Final, TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from taskscope.api.admin import MAX_MEMORY_BYTES, MAX_ROWS, MAX_SECONDS, StoreAdmin
from taskscope.api.body import read_object
from taskscope.api.problems import RefusedError
from taskscope.api.workers import Workers
from taskscope.config.access import Token
from taskscope.errors import UsageError

_THREADS: Final = 4
"""Questions that run side by side."""

Handler: TypeAlias = Callable[[Request], Awaitable[Response]]


class StoreApi:
    """The routes under ``/api/store``; what changes the store asks for the senders' token."""

    def __init__(self, admin: StoreAdmin, *, read_token: Token, write_token: Token) -> None:
        """Take the store, and what readers and senders have to show."""
        self._admin = admin
        self._call = Workers(_THREADS, "store-api").call
        self.routes = [
            Route("/api/store/sql", _guarded(read_token, self._sql), methods=["POST"]),
            Route("/api/store/stats", _guarded(read_token, self._stats), methods=["GET"]),
            Route("/api/store/check", _guarded(read_token, self._check), methods=["GET"]),
            Route("/api/store/purge", _guarded(write_token, self._purge), methods=["POST"]),
            Route("/api/store/migrate", _guarded(write_token, self._migrate), methods=["POST"]),
        ]

    async def _sql(self, request: Request) -> Response:
        document = await read_object(request)
        parameters = document.get("parameters") or {}
        if not isinstance(parameters, dict):
            raise UsageError('"parameters" is an object of names and values')
        call = partial(
            self._admin.sql,
            _text(document, "sql"),
            parameters,
            max_rows=int(_number(document, "max_rows", 10_000, MAX_ROWS)),
            timeout_seconds=_number(document, "timeout_seconds", 30, MAX_SECONDS),
            max_memory_bytes=int(_number(document, "max_memory_bytes", 2_000_000_000, MAX_MEMORY_BYTES)),
        )
        return JSONResponse(await self._call(call))

    async def _stats(self, _request: Request) -> Response:
        return JSONResponse(await self._call(self._admin.stats))

    async def _check(self, _request: Request) -> Response:
        return JSONResponse(await self._call(self._admin.check))

    async def _purge(self, request: Request) -> Response:
        document = await read_object(request)
        before = document.get("before_ns")
        if not isinstance(before, int) or isinstance(before, bool) or not 0 <= before < 1 << 63:
            raise UsageError('the body needs "before_ns", nanoseconds since the epoch')
        return JSONResponse(await self._call(partial(self._admin.purge, _text(document, "signal"), before)))

    async def _migrate(self, request: Request) -> Response:
        await read_object(request)
        return JSONResponse({"done": list(await self._call(self._admin.migrate))})


def _guarded(token: Token, handler: Handler) -> Handler:
    async def guarded(request: Request) -> Response:
        if not token.admits(request.headers.get("authorization")):
            raise RefusedError(
                HTTPStatus.UNAUTHORIZED,
                "a token is needed: send Authorization: Bearer TOKEN",
                headers={"www-authenticate": "Bearer"},
            )
        return await handler(request)

    return guarded


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
