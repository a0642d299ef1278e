"""What a span says of an HTTP request, under old and new names, and of who made it."""

from typing import Final

from taskscope.model.span import Span, SpanKind
from taskscope.model.trace import HttpExchange
from taskscope.query.rules.attributes import attribute
from taskscope.query.rules.outcome import http_status

_NAMES: Final = frozenset(
    ("http.request.method", "http.method", "url.full", "http.url", "http.target", "url.path", "user_agent.original",
     "http.response.status_code", "http.status_code", "http.user_agent", "client.address", "http.client_ip",
     "network.peer.address", "net.peer.ip")
)  # fmt: skip
_NOTHING: Final = HttpExchange()


def http_exchange(span: Span) -> HttpExchange:
    """Gather what is known of the request and its answer."""
    if _NAMES.isdisjoint(span.attributes):
        return _NOTHING
    return HttpExchange(
        method=attribute(span, "http.request.method", "http.method"),
        url=_url(span),
        status=http_status(span),
        user_agent=attribute(span, "user_agent.original", "http.user_agent"),
        client_ip=_client_ip(span),
    )


def user_of(span: Span) -> str:
    """Return who the request was made for."""
    return attribute(span, "enduser.id", "user.id")


def _client_ip(span: Span) -> str:
    """Take the client's address; of a server's span the peer's is the next best."""
    if address := attribute(span, "client.address", "http.client_ip"):
        return address
    return attribute(span, "network.peer.address", "net.peer.ip") if span.kind == SpanKind.SERVER else ""


def _url(span: Span) -> str:
    """Take the URL, or put it together of host and path; a path alone is better than nothing."""
    if whole := attribute(span, "url.full", "http.url"):
        return whole
    path = attribute(span, "http.target", "url.path")
    if not path:
        return ""
    if "?" not in path and (query := attribute(span, "url.query")):
        path = f"{path}?{query}"
    host = attribute(span, "http.host", "server.address", "net.host.name")
    if not host:
        return path
    port = attribute(span, "server.port", "net.host.port")
    shown = f":{port}" if port not in ("", "80", "443") and ":" not in host else ""
    return f"{attribute(span, 'url.scheme', 'http.scheme') or 'http'}://{host}{shown}{path}"
