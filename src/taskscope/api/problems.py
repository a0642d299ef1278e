"""Errors as problem details (RFC 9457): the one place where ours become HTTP's."""

import logging
from collections.abc import Mapping
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ExceptionHandler

from taskscope.errors import (
    AccessError,
    MalformedPayloadError,
    NotFoundError,
    TaskscopeError,
    ThrottledError,
    UnavailableError,
    UsageError,
)

_STATUS = (
    (UsageError, HTTPStatus.BAD_REQUEST),
    (MalformedPayloadError, HTTPStatus.BAD_REQUEST),
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (AccessError, HTTPStatus.FORBIDDEN),
    (ThrottledError, HTTPStatus.TOO_MANY_REQUESTS),
    (UnavailableError, HTTPStatus.SERVICE_UNAVAILABLE),
)

_log = logging.getLogger(__name__)


def problem(
    status: HTTPStatus, detail: str, *, hint: str | None = None, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Return an answer of type ``application/problem+json``; ``hint`` is ours."""
    document = {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail}
    if hint:
        document["hint"] = hint
    return JSONResponse(document, status, headers, media_type="application/problem+json")


class RefusedError(Exception):
    """A request is answered with a status that no error of the program stands for."""

    def __init__(self, status: HTTPStatus, detail: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)  # noqa: S101 (registered for these only)
    return problem(error.status, error.detail, headers=error.headers)


async def _known(_request: Request, error: Exception) -> Response:
    assert isinstance(error, TaskscopeError)  # noqa: S101 (registered for these only)
    status = next((code for kind, code in _STATUS if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)
    return problem(status, error.message, hint=error.hint)


async def _http(request: Request, error: Exception) -> Response:
    """Answer for the router: no such path, no such method."""
    assert isinstance(error, HTTPException)  # noqa: S101 (registered for these only)
    status = HTTPStatus(error.status_code)
    details = {
        HTTPStatus.NOT_FOUND: f"there is nothing at {request.url.path}",
        HTTPStatus.METHOD_NOT_ALLOWED: f"{request.url.path} does not take {request.method}",
    }
    return problem(status, details.get(status, error.detail), headers=error.headers)


async def _mistake(request: Request, error: Exception) -> Response:
    """Log what nobody foresaw; its text may hold anything and is not sent."""
    _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "the server made a mistake; its log tells which")


HANDLERS: Mapping[type[Exception], ExceptionHandler] = {
    TaskscopeError: _known,
    RefusedError: _refused,
    HTTPException: _http,
    Exception: _mistake,
}
"""For Starlette: how each kind of error is answered."""
