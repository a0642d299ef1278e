"""CORS: which web pages may send (https://fetch.spec.whatwg.org/#http-cors-protocol)."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Final, TypeAlias

from taskscope.receivers.otlp.request import Headers

HeaderList: TypeAlias = list[tuple[bytes, bytes]]

_VARY: Final = (b"vary", b"Origin")
_MAX_AGE: Final = (b"access-control-max-age", b"7200")
"""How long a browser may remember: two hours is the most that Chromium does."""


class Cors:
    """Allowed origins; ``*`` in one stands for any text."""

    def __init__(self, origins: Sequence[str]) -> None:
        self._origins = origins

    def headers(self, request: Headers) -> HeaderList:
        """Return what an answer must carry for the page that sent the request to read it."""
        if not self._origins:
            return []
        origin = request.get(b"origin", b"")
        if not self._allows(origin):
            return [_VARY]
        # A page must be told when to come again, and browsers hide that header unless it is named.
        return [_VARY, (b"access-control-allow-origin", origin), (b"access-control-expose-headers", b"Retry-After")]

    def preflight(self, method: str, request: Headers) -> HeaderList | None:
        """Return the headers that answer a preflight; None if the request is none, or not of an allowed origin."""
        asks = method == "OPTIONS" and b"access-control-request-method" in request
        if not asks or not self._allows(request.get(b"origin", b"")):
            return None
        # Exporters send headers of the user's choice: whatever is asked for is allowed, the token decides.
        wanted = request.get(b"access-control-request-headers", b"content-type")
        allowed = [(b"access-control-allow-methods", b"POST"), (b"access-control-allow-headers", wanted), _MAX_AGE]
        return self.headers(request) + allowed

    def _allows(self, origin: bytes) -> bool:
        text = origin.decode("latin-1")
        return bool(text) and any(fnmatchcase(text, pattern) for pattern in self._origins)
