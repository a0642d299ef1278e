"""Errors as AWS writes them (REST-JSON protocol): the type in a header, the text in ``Message``."""

import json
from http import HTTPStatus

from starlette.responses import Response

from taskscope.errors import (
    MalformedPayloadError,
    NotFoundError,
    SpoolFullError,
    TaskscopeError,
    ThrottledError,
    UnavailableError,
    UsageError,
)

INVALID = "InvalidRequestException"


class AwsError(Exception):
    """An operation is refused."""

    def __init__(self, message: str, *, code: str = INVALID, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status


_MEANINGS = (
    (UsageError, INVALID, HTTPStatus.BAD_REQUEST),
    (MalformedPayloadError, INVALID, HTTPStatus.BAD_REQUEST),
    (NotFoundError, "ResourceNotFoundException", HTTPStatus.NOT_FOUND),
    (SpoolFullError, "ThrottledException", HTTPStatus.TOO_MANY_REQUESTS),
    (ThrottledError, "ThrottledException", HTTPStatus.TOO_MANY_REQUESTS),
    (UnavailableError, "ServiceUnavailableException", HTTPStatus.SERVICE_UNAVAILABLE),
)


def aws_error(error: TaskscopeError) -> AwsError:
    """Return what an error of the program is called there."""
    for kind, code, status in _MEANINGS:
        if isinstance(error, kind):
            return AwsError(str(error), code=code, status=status)
    return AwsError(str(error), code="InternalFailure", status=HTTPStatus.INTERNAL_SERVER_ERROR)


def error_response(error: AwsError) -> Response:
    """Write an error."""
    return Response(
        json.dumps({"Message": error.message}),
        error.status,
        {"x-amzn-errortype": error.code},
        media_type="application/json",
    )
