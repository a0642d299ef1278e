"""Bodies of requests: JSON objects, bounded in size and time."""

import asyncio
import json
from http import HTTPStatus
from typing import Any, Final

from starlette.requests import Request

from taskscope.api.problems import RefusedError
from taskscope.errors import UsageError

MAX_BYTES: Final = 1 << 20
_SECONDS: Final = 10.0


async def read_object(request: Request) -> dict[str, Any]:
    """
    Read a JSON object.

    Its type has to be said: a page of a stranger can have a browser send a form here, but no ``application/json``.

    Raises:
        RefusedError: It is too large or too slow, or is not said to be JSON.
        UsageError: It is none.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send the body as Content-Type: application/json")
    content = await read_bytes(request, MAX_BYTES)
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise UsageError("the body is no JSON object")
    return document


async def read_bytes(request: Request, most: int) -> bytes:
    """
    Read a body.

    Raises:
        RefusedError: It is too large or too slow.
    """
    try:
        async with asyncio.timeout(_SECONDS):
            return await _read(request, most)
    except TimeoutError:
        detail = f"the body took more than {_SECONDS:g} s"
        raise RefusedError(HTTPStatus.REQUEST_TIMEOUT, detail, headers={"connection": "close"}) from None


async def _read(request: Request, most: int) -> bytes:
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > most:
            detail = f"the body is larger than {most} bytes"
            raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail, headers={"connection": "close"})
    return bytes(content)
