"""
What the lab does not answer itself: moto's WSGI application behind ``a2wsgi``.

It is built on the first request that needs it, because importing moto takes about a second.
"""

import asyncio
import os
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias, cast

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from taskscope.lab.simulation import add_simulation

WsgiApp: TypeAlias = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_CORS: Final = b"access-control-"


class MotoFallback:
    """
    An ASGI application that answers by moto.

    ``account`` counts if nothing has imported moto before, since moto reads its account id once, on import.
    """

    def __init__(self, account: str) -> None:
        self._account = account
        self._app: ASGIApp | None = None
        self._building = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; the headers by which moto lets web pages in are taken off."""
        async with self._building:
            if self._app is None:
                self._app = await asyncio.to_thread(_build, self._account)

        async def send_without_cors(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [pair for pair in message["headers"] if not pair[0].lower().startswith(_CORS)]
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, send_without_cors)


def _build(account: str) -> ASGIApp:
    os.environ.setdefault("MOTO_ACCOUNT_ID", account)
    from a2wsgi import WSGIMiddleware  # noqa: PLC0415 with moto, on first use
    from moto.moto_server.werkzeug_app import (  # noqa: PLC0415 importing moto takes about a second
        DomainDispatcherApplication,
        create_backend_app,
    )

    add_simulation()
    app: Any = _with_raw_uri(DomainDispatcherApplication(create_backend_app))
    middleware: Any = WSGIMiddleware(app)
    return cast("ASGIApp", middleware)


def _with_raw_uri(app: WsgiApp) -> WsgiApp:
    """Give moto the undecoded path, which keys of S3 objects with encoded characters need."""

    def call(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        raw_path: bytes = environ["asgi.scope"].get("raw_path") or b""
        environ["RAW_URI"] = raw_path.decode("latin-1")
        return app(environ, start_response)

    return call
