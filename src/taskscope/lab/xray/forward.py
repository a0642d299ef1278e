"""Calls of the X-Ray API, given to the lab's server as they came, and its answers given back."""

import asyncio
import http.client
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from taskscope.errors import UnreachableError
from taskscope.lab.gateway.http import HttpAnswer, Request
from taskscope.lab.gateway.service import ApiError

_AT_ONCE: Final = 8
_TIMEOUT_SECONDS: Final = 60.0
"""No shorter than the server's longest question."""
_OF_THIS_CONNECTION: Final = frozenset(
    {"connection", "content-length", "date", "host", "keep-alive", "server", "transfer-encoding"}
)


class XRayForward:
    """Answers requests by asking the server behind ``address``."""

    def __init__(self, address: Callable[[], Awaitable[tuple[str, int]]]) -> None:
        self._address = address
        self._threads = ThreadPoolExecutor(_AT_ONCE, "xray-forward")

    async def __call__(self, request: Request, body: bytes) -> HttpAnswer:
        """
        Answer one request.

        Raises:
            ApiError: ``ServiceUnavailable``, the server does not answer.
        """
        try:
            address = await self._address()
            return await asyncio.get_running_loop().run_in_executor(self._threads, _ask, address, request, body)
        except (UnreachableError, OSError, http.client.HTTPException) as error:
            raise ApiError("ServiceUnavailable", f"the lab's server does not answer: {error}", status=503) from None

    def close(self) -> None:
        """Take nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _ask(address: tuple[str, int], request: Request, body: bytes) -> HttpAnswer:
    connection = http.client.HTTPConnection(*address, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request(request.method, request.path, body, _own(request.headers.items()))
        answer = connection.getresponse()
        return HttpAnswer(
            answer.status, answer.read(), _own((name.lower(), text) for name, text in answer.getheaders())
        )
    finally:
        connection.close()


def _own(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the headers that are of the message, and not of the connection that it came by."""
    return {name: text for name, text in headers if name not in _OF_THIS_CONNECTION}
