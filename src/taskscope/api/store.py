"""The store over HTTP: statistics, SQL that reads, checks, and the purge of what is old."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any, Final, Protocol, TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from taskscope.api.problems import problem
from taskscope.config.access import Token
from taskscope.errors import UsageError

MAX_ROWS: Final = 100_000
MAX_SECONDS: Final = 120.0
_MAX_BODY: Final = 1 << 20

Handler: TypeAlias = Callable[[Request], Awaitable[Response]]


class StoreAdmin(Protocol):
    """What can be asked of a store; answers are JSON documents."""

    def sql(
        self, statement: str, parameters: Mapping[str, Any], *, max_rows: int, timeout_seconds: float
    ) -> Mapping[str, Any]:
        """Run a statement that only reads: ``columns``, ``types``, ``rows``, ``truncated``."""
        ...

    def stats(self) -> Mapping[str, Any]:
        """Tell tables, rows, bytes and ages."""
        ...

    def check(self) -> Mapping[str, Any]:
        """Look for what is wrong: ``problems``, and the ``quarantine``."""
        ...

    def purge(self, signal: str, before_ns: int) -> Mapping[str, Any]:
        """Delete what arrived before a time."""
        ...

    def migrate(self) -> Sequence[str]:
        """Renew the schema; tell what was done."""
        ...


def store_routes(admin: StoreAdmin, *, read_token: Token, write_token: Token) -> list[Route]:
    """Return the routes under ``/api/store``; what deletes asks for the senders' token."""
    calls = _StoreCalls(admin)
    readers = partial(_guarded, read_token)
    return [
        Route("/api/store/sql", readers(calls.sql), methods=["POST"]),
        Route("/api/store/stats", readers(calls.stats), methods=["GET"]),
        Route("/api/store/check", readers(calls.check), methods=["GET"]),
        Route("/api/store/purge", _guarded(write_token, calls.purge), methods=["POST"]),
        Route("/api/store/migrate", _guarded(write_token, calls.migrate), methods=["POST"]),
    ]


def _guarded(token: Token, handler: Handler) -> Handler:
    async def guarded(request: Request) -> Response:
        if not token.admits(request.headers.get("authorization")):
            return problem(HTTPStatus.UNAUTHORIZED, "a token is needed: send Authorization: Bearer TOKEN")
        return await handler(request)

    return guarded


class _StoreCalls:
    """Each call runs on a thread: the engine answers when it is done."""

    def __init__(self, admin: StoreAdmin) -> None:
        self._admin = admin

    async def sql(self, request: Request) -> Response:
        document = await _body(request)
        statement = document.get("sql")
        if not isinstance(statement, str):
            raise UsageError('the body needs "sql", a text')
        parameters = document.get("parameters") or {}
        if not isinstance(parameters, dict):
            raise UsageError('"parameters" is an object of names and values')
        call = partial(
            self._admin.sql,
            statement,
            parameters,
            max_rows=int(_number(document, "max_rows", 10_000, MAX_ROWS)),
            timeout_seconds=_number(document, "timeout_seconds", 30, MAX_SECONDS),
        )
        return JSONResponse(await asyncio.to_thread(call))

    async def stats(self, _request: Request) -> Response:
        return JSONResponse(await asyncio.to_thread(self._admin.stats))

    async def check(self, _request: Request) -> Response:
        return JSONResponse(await asyncio.to_thread(self._admin.check))

    async def purge(self, request: Request) -> Response:
        document = await _body(request)
        signal, before = document.get("signal"), document.get("before_ns")
        if not isinstance(signal, str) or not isinstance(before, int) or isinstance(before, bool):
            raise UsageError('the body needs "signal", a text, and "before_ns", a whole number')
        return JSONResponse(await asyncio.to_thread(self._admin.purge, signal, before))

    async def migrate(self, _request: Request) -> Response:
        return JSONResponse({"done": list(await asyncio.to_thread(self._admin.migrate))})


async def _body(request: Request) -> dict[str, Any]:
    """Read a JSON object of bounded size."""
    content = b""
    async for piece in request.stream():
        content += piece
        if len(content) > _MAX_BODY:
            raise UsageError(f"the body is larger than {_MAX_BODY} bytes")
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise UsageError("the body is no JSON object")
    return document


def _number(document: Mapping[str, Any], name: str, default: float, most: float) -> float:
    value = document.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= most:
        raise UsageError(f'"{name}" is a number above 0, at most {most:g}')
    return value
