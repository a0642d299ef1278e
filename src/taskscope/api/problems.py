"""Errors as problem details (RFC 9457): the one place where ours become HTTP's."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from taskscope.errors import (
    AccessError,
    MalformedPayloadError,
    NotFoundError,
    TaskscopeError,
    ThrottledError,
    UnavailableError,
    UsageError,
)

_PASSING: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_RETRY: Final = {"retry-after": "1"}
_STATUS = (
    (UsageError, HTTPStatus.BAD_REQUEST),
    (MalformedPayloadError, HTTPStatus.BAD_REQUEST),
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (AccessError, HTTPStatus.FORBIDDEN),
    (ThrottledError, HTTPStatus.TOO_MANY_REQUESTS),
    (UnavailableError, HTTPStatus.SERVICE_UNAVAILABLE),
)


def problem(
    status: HTTPStatus, detail: str, *, headers: Mapping[str, str] | None = None, **more: object
) -> JSONResponse:
    """Return an answer of type ``application/problem+json``; ``hint`` and ``errors`` in ``more`` are ours."""
    document = {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail}
    document |= {name: value for name, value in more.items() if value}
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
    status = status_of(error)
    return problem(status, error.message, hint=error.hint, headers=_RETRY if status in _PASSING else None)


def status_of(error: TaskscopeError) -> HTTPStatus:
    """Return the status that an error of the program is answered with."""
    return next((code for kind, code in _STATUS if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)


async def _invalid(_request: Request, error: Exception) -> Response:
    """Answer for parameters that do not fit the route: each with its name and what is wrong with it."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 (registered for these only)
    errors = [_flaw(each) for each in error.errors()]
    return problem(
        HTTPStatus.BAD_REQUEST, "; ".join(f"{each['name']}: {each['detail']}" for each in errors), errors=errors
    )


def _flaw(error: Mapping[str, Any]) -> dict[str, str]:
    place, *names = error["loc"]
    return {"in": str(place), "name": ".".join(map(str, names)), "detail": str(error["msg"])}


async def _http(request: Request, error: Exception) -> Response:
    """Answer for the router: no such path, no such method."""
    assert isinstance(error, HTTPException)  # noqa: S101 (registered for these only)
    status = HTTPStatus(error.status_code)
    details = {
        HTTPStatus.NOT_FOUND: f"there is nothing at {request.url.path}",
        HTTPStatus.METHOD_NOT_ALLOWED: f"{request.url.path} does not take {request.method}",
    }
    return problem(status, details.get(status, error.detail), headers=error.headers)


HANDLERS: Final[dict[int | type[Exception], Any]] = {
    TaskscopeError: _known,
    RefusedError: _refused,
    RequestValidationError: _invalid,
    HTTPException: _http,
}
"""How each kind of error is answered."""
