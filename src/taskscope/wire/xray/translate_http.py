"""HTTP attributes of a span, of old and new names, to a document's ``http`` block."""

import ipaddress
from typing import Final

from taskscope.model.span import Span, SpanKind
from taskscope.wire.xray.document import Other
from taskscope.wire.xray.taking import Taking

_DEFAULT_PORTS: Final = {"http": "80", "https": "443"}
_CLIENT_HOSTS: Final = ("http.host", "net.peer.name", "net.peer.ip", "server.address")
_SERVER_HOSTS: Final = ("http.host", "http.server_name", "net.host.name", "host.name", "server.address")
_SIGNS: Final = (
    "http.request.method", "http.method", "http.response.status_code", "http.status_code", "url.full", "http.url",
    "http.target", "url.path", "user_agent.original", "http.user_agent", "http.host", "http.scheme",
    "http.client_ip", "client.address", "http.route",
)  # fmt: skip
"""Without any of these a span is no HTTP request, whatever its peer."""


def http_block(span: Span, bag: Taking) -> Other:
    """Write request and response; empty for a span that is about something else."""
    if not bag.see(*_SIGNS):
        return {}
    peer = bag.see("network.peer.address", "net.peer.ip")
    client = bag.see("client.address", "http.client_ip")
    request: Other = {}
    if url := _url(span, bag):
        request["url"] = url
    if method := bag.text("http.request.method", "http.method"):
        request["method"] = method
    if agent := bag.text("user_agent.original", "http.user_agent"):
        request["user_agent"] = agent
    if _is_ip(client):
        request["client_ip"] = bag.text("client.address", "http.client_ip")
        if not peer and span.kind == SpanKind.SERVER:
            request["x_forwarded_for"] = True
    elif _is_ip(peer) and span.kind == SpanKind.SERVER:
        request["client_ip"] = bag.text("network.peer.address", "net.peer.ip")
    response: Other = {}
    status = bag.number("http.response.status_code", "http.status_code")
    length = bag.number(
        "http.response.body.size", "http.response_content_length", "http.response.header.content-length"
    )
    if status is not None:
        response["status"] = status
    if length is not None:
        response["content_length"] = length
    return {name: block for name, block in (("request", request), ("response", response)) if block}


def _url(span: Span, bag: Taking) -> str:
    """Take the URL, or put it together; the path is enough to do so."""
    if url := bag.text("url.full", "http.url"):
        return url
    caller = span.kind in (SpanKind.CLIENT, SpanKind.PRODUCER)
    host = bag.see(*(_CLIENT_HOSTS if caller else _SERVER_HOSTS))
    target = bag.see("http.target") or bag.see("url.path")
    if not host or not (target or bag.see("http.request.method", "http.method")):
        return ""
    scheme = bag.text("http.scheme", "url.scheme") or "http"
    port = bag.see("net.peer.port", "server.port") if caller else bag.see("net.host.port", "server.port")
    if ":" not in host and port and port != _DEFAULT_PORTS.get(scheme):
        host = f"{host}:{port}"
    query = bag.text("url.query")
    path = bag.text("http.target", "url.path") or "/"
    return f"{scheme}://{host}{path}" + (f"?{query}" if query and "?" not in path else "")


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
