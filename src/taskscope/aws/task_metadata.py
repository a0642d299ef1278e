"""The task metadata endpoint, versions 2 to 4: what ECS tells a container of its own task. Standard library only."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead
from typing import Any, Final, Self
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPHandler, ProxyHandler, Request, build_opener

from taskscope.errors import MalformedPayloadError, UnreachableError, UsageError

VARIABLE: Final = "ECS_CONTAINER_METADATA_URI_V4"
"""Set by ECS in every container: EC2 agents since 1.39.0, Fargate 1.4.0, ECS Anywhere."""
VARIABLE_V3: Final = "ECS_CONTAINER_METADATA_URI"
"""Likewise: EC2 agents since 1.21.0, Fargate 1.3.0. Versions 3 and 4 have the same paths."""
ADDRESS_V2: Final = "http://169.254.170.2/v2"
"""In tasks of network mode awsvpc; no variable names it, and it knows the task by the caller's address."""
_ATTEMPTS: Final = 3
_PAUSE_SECONDS: Final = 0.2
"""Before the second attempt; twice as long before the third. The agent allows 40 requests a second."""
_MAX_BYTES: Final = 4 << 20
_PIECE_BYTES: Final = 64 << 10
_FORBIDDEN_TO_RETRY: Final = range(400, 429)


class TaskMetadata:
    """Asks the endpoint of one container; nothing is kept."""

    def __init__(
        self,
        base: str,
        *,
        timeout_seconds: float = 1.0,
        attempts: int = _ATTEMPTS,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """
        Name the endpoint; nothing is asked yet.

        Args:
            base: Its address, without the path; one whose path ends in ``/v2`` has the paths of version 2.
            timeout_seconds: For the connection, for the whole of an answer's head, and for the whole of its body.
            attempts: How often a question is asked that got no answer.
            pause: Waits between attempts.

        Raises:
            UsageError: The text is no address of HTTP.
        """
        address = urlsplit(base)
        if address.scheme != "http" or not address.hostname:
            raise UsageError(
                f"{base!r} is no address of a task metadata endpoint", hint=f"ECS names it in {VARIABLE}: http://…"
            )
        self._base = base.rstrip("/")
        self._task_path = "/metadata" if address.path.rstrip("/").endswith("/v2") else "/task"
        self._stats_path = "/task/stats" if self._task_path == "/task" else "/stats"
        self._timeout = timeout_seconds
        self._attempts = attempts
        self._pause = pause
        self._opener = build_opener(
            _Impatient, ProxyHandler({})
        )  # the address is link-local: a proxy would never reach it

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], *, timeout_seconds: float = 1.0) -> Self | None:
        """
        Return the endpoint that ECS named to this process, the newest version first; None outside of ECS.

        Raises:
            UsageError: What it named is no address of HTTP.
        """
        base = environment.get(VARIABLE) or environment.get(VARIABLE_V3)
        return cls(base, timeout_seconds=timeout_seconds) if base else None

    @property
    def address(self) -> str:
        """What is asked, without the path."""
        return self._base

    def task(self) -> Mapping[str, Any]:
        """
        Return the task with its containers (``/task``).

        Raises:
            UnreachableError: It did not answer, or not with success, after three attempts.
            MalformedPayloadError: The answer is no JSON object.
        """
        answer = self.task_answer()
        try:
            document = json.loads(answer)
        except ValueError as error:
            raise MalformedPayloadError(f"the answer of the task metadata endpoint is no JSON: {error}") from None
        if not isinstance(document, dict):
            raise MalformedPayloadError("the answer of the task metadata endpoint is no JSON object")
        return document

    def task_answer(self) -> bytes:
        """
        Return what the endpoint says of the task, as it came; ``wire.task_metadata`` reads it.

        Raises:
            UnreachableError: It did not answer, or not with success, after all attempts.
        """
        return self._get(self._task_path)

    def stats_answer(self) -> bytes:
        """
        Return the statistics of the task's containers, as they came.

        Raises:
            UnreachableError: It did not answer, or not with success, after all attempts.
        """
        return self._get(self._stats_path)

    def _get(self, path: str) -> bytes:
        failure: Exception | None = None
        for attempt in range(self._attempts):
            if attempt:
                self._pause(_PAUSE_SECONDS * attempt)
            try:
                with self._opener.open(self._base + path, timeout=self._timeout) as answer:
                    return _body(answer, time.monotonic() + self._timeout)
            except HTTPError as error:
                error.close()
                failure = error
                if error.code in _FORBIDDEN_TO_RETRY:
                    break
            except (OSError, HTTPException) as error:  # URLError and timeouts are OSErrors
                failure = error
        raise UnreachableError(
            f"the task metadata endpoint {self._base} does not answer: {_said(failure)}",
            hint=f"look at {VARIABLE}; only containers of the task reach the endpoint",
        ) from failure


def _said(failure: Exception | None) -> str:
    """Return what went wrong, without what urllib and the operating system write around it."""
    reason = failure.reason if isinstance(failure, URLError) and not isinstance(failure, HTTPError) else failure
    return (reason.strerror if isinstance(reason, OSError) else None) or str(reason)


class _Connection(HTTPConnection):
    """Waits for all lines of an answer's head together as long as a socket's timeout waits for each byte of them."""

    def getresponse(self) -> HTTPResponse:
        """Return the answer, whose body is still to be read; raises OSError and HTTPException."""
        end = threading.Timer(self.timeout or 0, _cut, [self.sock])
        end.daemon = True
        end.start()
        try:
            return super().getresponse()
        finally:
            end.cancel()


def _cut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


class _Impatient(HTTPHandler):
    """Asks over such connections."""

    def http_open(self, request: Request) -> HTTPResponse:
        """Ask."""
        return self.do_open(_Connection, request)


def _body(answer: HTTPResponse, deadline: float) -> bytes:
    """
    Read an answer to its end.

    Raises:
        OSError: It takes too long: a timeout of the socket starts anew with every byte.
        HTTPException: It breaks off, or is larger than any task's.
    """
    announced = answer.length  # before a byte is read: not every Python counts down what is read in pieces
    body = bytearray()
    while piece := answer.read1(_PIECE_BYTES if announced is None else min(_PIECE_BYTES, announced - len(body))):
        body += piece
        if len(body) > _MAX_BYTES:
            raise HTTPException(f"the answer is larger than {_MAX_BYTES} bytes")
        if time.monotonic() > deadline:
            raise TimeoutError(f"only {len(body)} bytes came in time")
    if announced is not None and len(body) < announced:
        raise IncompleteRead(bytes(body), announced - len(body))
    if not body:  # also what http.client makes of an answer that breaks off in its headers
        raise HTTPException("the answer is empty")
    return bytes(body)
