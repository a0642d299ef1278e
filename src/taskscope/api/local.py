"""What keeps strangers' web pages away from a server without tokens: it answers this machine, to its own pages."""

import ipaddress
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from taskscope.api.problems import problem


class LocalOnly:
    """
    An ASGI application before another: it answers requests to this machine, by pages of this machine.

    A page of a stranger can have its own name point at 127.0.0.1 (DNS rebinding), but the browser then sends that name
    as ``Host``; and it says the page's ``Origin`` when it sends a form here.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it with 403."""
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin", "")
        if host and not _is_machine(f"//{host}"):
            await problem(HTTPStatus.FORBIDDEN, "this server answers under names of this machine only")(
                scope, receive, send
            )
        elif origin and not _is_machine(origin, loopback=True):
            await problem(HTTPStatus.FORBIDDEN, "this server answers pages of this machine only")(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _is_machine(url: str, *, loopback: bool = False) -> bool:
    """Whether a URL's host is ``localhost``, or an address, which no name server can turn elsewhere."""
    try:
        name = urlsplit(url).hostname or ""
        if name == "localhost" or name.endswith(".localhost"):  # RFC 6761: always this machine
            return True
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or not loopback
