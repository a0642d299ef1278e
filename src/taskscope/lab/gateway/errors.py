"""Errors as HTTP: the one place where a code and a message become an answer (embedded-aws, section 2)."""

import json

from taskscope.lab.gateway.http import HttpAnswer
from taskscope.lab.gateway.service import ApiError


def error_answer(error: ApiError, *, media: str = "application/x-amz-json-1.1") -> HttpAnswer:
    """Write an error so that every SDK turns it into its typed exception, by body or by header."""
    body = json.dumps({"__type": error.code, "message": error.message}).encode()
    return HttpAnswer(error.status, body, {"content-type": media, "x-amzn-errortype": error.code})


def internal_failure(where: str, error: BaseException) -> ApiError:
    """Word a crash inside an operation, which is a bug of the lab, with its text."""
    return ApiError("InternalFailure", f"{where} failed: {type(error).__name__}: {error}", status=500)
