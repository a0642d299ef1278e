"""Requests to the REST API: JSON there and back, problem details as our errors."""

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from taskscope.errors import (
    AccessError,
    NotFoundError,
    TaskscopeError,
    ThrottledError,
    UnavailableError,
    UnreachableError,
    UsageError,
)

_TIMEOUT_SECONDS: Final = 150.0
"""Longer than the longest query may take."""

_ERRORS: Final[Mapping[int, type[TaskscopeError]]] = {
    HTTPStatus.BAD_REQUEST: UsageError,
    HTTPStatus.UNAUTHORIZED: AccessError,
    HTTPStatus.FORBIDDEN: AccessError,
    HTTPStatus.NOT_FOUND: NotFoundError,
    HTTPStatus.TOO_MANY_REQUESTS: ThrottledError,
    HTTPStatus.SERVICE_UNAVAILABLE: UnavailableError,
}


@dataclass(frozen=True, slots=True)
class Rest:
    """One server."""

    url: str
    token: str = field(default="", repr=False)

    def get(self, path: str) -> Any:
        """
        Ask.

        Raises:
            TaskscopeError: As the server says.
            UnreachableError: Nothing answers.
        """
        return self._call(urllib.request.Request(self.url + path))  # noqa: S310 (http or https, checked below)

    def post(self, path: str, document: Mapping[str, Any]) -> Any:
        """Send a document; raises as ``get``."""
        body = json.dumps(document).encode()
        request = urllib.request.Request(self.url + path, body, {"content-type": "application/json"})  # noqa: S310
        return self._call(request)

    def _call(self, request: urllib.request.Request) -> Any:
        if request.type not in ("http", "https"):
            raise UsageError(f"{self.url} is no address of a server", hint="write http://127.0.0.1:8275")
        if self.token:
            request.add_header("authorization", f"Bearer {self.token}")
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310 (checked above)
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise _refusal(error) from None
        except (OSError, ssl.SSLError, ValueError) as error:
            reason = getattr(error, "reason", error)
            raise UnreachableError(
                f"the server at {self.url} does not answer: {reason}", hint="is `taskscope serve` running there?"
            ) from None


def _refusal(error: urllib.error.HTTPError) -> TaskscopeError:
    """Make of problem details the error that they were made of."""
    try:
        document = json.load(error)
    except ValueError:
        document = {}
    kind = _ERRORS.get(error.code, TaskscopeError)
    detail = document.get("detail") if isinstance(document, dict) else None
    hint = document.get("hint") if isinstance(document, dict) else None
    if error.code == HTTPStatus.UNAUTHORIZED:
        hint = "give --token-file, or set TASKSCOPE_READ_TOKEN or TASKSCOPE_WRITE_TOKEN"
    return kind(detail or f"the server answers {error.code} {error.reason}", hint=hint)
