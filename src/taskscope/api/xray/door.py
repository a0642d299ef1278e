"""Who may call the X-Ray API."""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

from starlette.requests import Request

from taskscope.api.body import read_bytes
from taskscope.api.guard import Guard
from taskscope.api.xray.errors import AwsError
from taskscope.api.xray.signature import Signed, is_signed_with
from taskscope.clock import Clock

_MAX_BYTES: Final = 4 << 20
"""PutTraceSegments brings 50 documents of 64 kB."""
MAX_UNKNOWN: Final = 16
"""Bodies under way of which nobody knows yet who sent them: a signature covers the body, so it has to be read first."""


class Door:
    """Lets pass who shows a token as ``Bearer``, or signs with it as the secret access key."""

    def __init__(self, guards: Sequence[Guard], clock: Clock, unknown: asyncio.Semaphore) -> None:
        """Take those of whom one token is enough, and how many bodies of strangers are read at once."""
        self.guards = guards
        self._clock = clock
        self._unknown = unknown

    async def read(self, request: Request) -> bytes:
        """
        Return the body of a request that may pass; one that shows nothing is refused before it is read.

        Raises:
            AwsError: It shows nothing, or something else.
            RefusedError: The body is too large or too slow.
        """
        if "origin" in request.headers:  # no SDK sends one, and every browser does: no page may write here
            raise AwsError("web pages may not ask", code="AccessDeniedException", status=HTTPStatus.FORBIDDEN)
        given = request.headers.get("authorization")
        admitted = any(each.token.admits(given) for each in self.guards)
        if given is None and not admitted:
            raise self._refusal("MissingAuthenticationTokenException", "the request is not signed: sign")
        if admitted:
            return await read_bytes(request, _MAX_BYTES)
        async with self._unknown:
            body = await read_bytes(request, _MAX_BYTES)
            signed = Signed(request.method, request.url.path, request.url.query, request.headers, body)
            if not any(is_signed_with(each.token.value, signed, now=self._clock()) for each in self.guards):
                raise self._refusal("InvalidSignatureException", "the signature is not right: sign")
        return body

    def _refusal(self, code: str, text: str) -> AwsError:
        whose = " or ".join(each.whose for each in self.guards)
        message = f"{text} with the {whose} token as secret access key"
        return AwsError(message, code=code, status=HTTPStatus.FORBIDDEN)
