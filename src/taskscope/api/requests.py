"""What is done with every request: it has an id, which log and answer name, and an answer that nobody may keep."""

import logging
import re
import secrets
from contextvars import ContextVar
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from taskscope.api.problems import problem

_HEADER: Final = "x-request-id"
_USABLE: Final = re.compile(r"[A-Za-z0-9._:/+=@-]{1,64}")

_log = logging.getLogger(__name__)

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request that is being answered."""


class EachRequest:
    """An ASGI application before another."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Give the request its sender's id, if it has a harmless one, else one of our own."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(_HEADER, "")
        name = given if _USABLE.fullmatch(given) else secrets.token_hex(8)
        token = request_id.set(name)

        started = False

        async def send_named(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                headers[_HEADER] = name
                headers.setdefault("cache-control", "no-store")
                headers.setdefault("x-content-type-options", "nosniff")
            await send(message)

        try:
            await self._app(scope, receive, send_named)
        except Exception:  # nobody foresaw it, and its text may hold anything: the log has it, the sender has the id
            _log.exception("%s %s failed (request %s)", scope["method"], scope["path"], name)
            if started:
                raise
            await _mistake(name)(scope, receive, send_named)
        finally:
            request_id.reset(token)


def _mistake(name: str) -> Response:
    detail = "the server made a mistake; its log tells which"
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail, request_id=name)
