"""Errors as problem details (RFC 9457): the one place where ours become HTTP's."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse

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


def problem(status: HTTPStatus, detail: str, *, hint: str | None = None) -> JSONResponse:
    """Return an answer of type ``application/problem+json``; ``hint`` is ours."""
    document = {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail}
    if hint:
        document["hint"] = hint
    headers = {"www-authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else None
    return JSONResponse(document, status, headers, media_type="application/problem+json")


async def known_error(_request: Request, error: Exception) -> JSONResponse:
    """Answer with what went wrong."""
    assert isinstance(error, TaskscopeError)  # noqa: S101 (registered for these only)
    status = next((code for kind, code in _STATUS if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)
    return problem(status, error.message, hint=error.hint)
