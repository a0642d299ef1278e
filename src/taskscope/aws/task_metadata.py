"""The task metadata endpoint, version 4: what ECS tells a container of its own task. Standard library only."""

import json
import time
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any, Final, Self
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener

from taskscope.errors import MalformedPayloadError, UnreachableError, UsageError

VARIABLE: Final = "ECS_CONTAINER_METADATA_URI_V4"
"""Set by ECS in every container: EC2 agents since 1.39.0, Fargate 1.4.0, ECS Anywhere."""
_ATTEMPTS: Final = 3
_PAUSE_SECONDS: Final = 0.2
"""Before the second attempt; twice as long before the third. The agent allows 40 requests a second."""
_MAX_BYTES: Final = 4 << 20
_FORBIDDEN_TO_RETRY: Final = range(400, 429)


class TaskMetadata:
    """Asks the endpoint of one container; nothing is kept."""

    def __init__(self, base: str, *, timeout_seconds: float = 1.0, pause: Callable[[float], None] = time.sleep) -> None:
        """
        Name the endpoint; nothing is asked yet.

        Raises:
            UsageError: The text is no address of HTTP.
        """
        if urlsplit(base).scheme != "http":
            raise UsageError(f"{VARIABLE} {base!r} is no address of a metadata endpoint")
        self._base = base.rstrip("/")
        self._timeout = timeout_seconds
        self._pause = pause
        self._opener = build_opener(ProxyHandler({}))  # the address is link-local: a proxy would never reach it

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self | None:
        """Return the endpoint that ECS named to this process; None outside of ECS."""
        base = environment.get(VARIABLE)
        return cls(base) if base else None

    def task(self) -> Mapping[str, Any]:
        """
        Return the task with its containers (``/task``).

        Raises:
            UnreachableError: It did not answer, or not with success, after three attempts.
            MalformedPayloadError: The answer is no JSON object.
        """
        answer = self._get("/task")
        try:
            document = json.loads(answer)
        except ValueError as error:
            raise MalformedPayloadError(f"the answer of the task metadata endpoint is no JSON: {error}") from None
        if not isinstance(document, dict):
            raise MalformedPayloadError("the answer of the task metadata endpoint is no JSON object")
        return document

    def _get(self, path: str) -> bytes:
        failure: Exception | None = None
        for attempt in range(_ATTEMPTS):
            if attempt:
                self._pause(_PAUSE_SECONDS * attempt)
            try:
                with self._opener.open(self._base + path, timeout=self._timeout) as answer:
                    content: bytes = answer.read(_MAX_BYTES)
                    return content
            except HTTPError as error:
                error.close()
                failure = error
                if error.code in _FORBIDDEN_TO_RETRY:
                    break
            except (OSError, HTTPException) as error:  # URLError and timeouts are OSErrors
                failure = error
        raise UnreachableError(
            f"the task metadata endpoint {self._base} does not answer: {failure}",
            hint=f"look at {VARIABLE}; without the endpoint telemetry is not labelled with its task",
        ) from failure
