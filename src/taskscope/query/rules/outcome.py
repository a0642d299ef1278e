"""How a span went, in X-Ray's sense."""

from typing import Final

from taskscope.model.span import Span, Status
from taskscope.model.trace import HttpExchange, Outcome
from taskscope.query.rules.attributes import attribute

_THROTTLED: Final = 429
_LARGEST_STATUS: Final = 65_535


def http_status(span: Span) -> int:
    """Return the HTTP status; 0 where there is none, or no number."""
    text = attribute(span, "http.response.status_code", "http.status_code")
    return int(text) if text.isascii() and text.isdigit() and int(text) <= _LARGEST_STATUS else 0


def outcome(span: Span) -> Outcome:
    """
    Say how a span went.

    A fault is 5xx, or what an X-Ray document calls so, or a failed span whose HTTP status is no caller's fault; a
    throttle is 429; an error another 4xx. Fault wins over throttle, throttle over error.
    """
    status = http_status(span)
    throttle = status == _THROTTLED or attribute(span, "aws.xray.throttle") == "true"
    error = 400 <= status <= 499 or throttle or attribute(span, "aws.xray.error") == "true"  # noqa: PLR2004 (4xx)
    failed = span.status == Status.ERROR and not error
    if 500 <= status <= 599 or attribute(span, "aws.xray.fault") == "true" or failed:  # noqa: PLR2004 (5xx)
        return Outcome.FAULT
    if throttle:
        return Outcome.THROTTLE
    return Outcome.ERROR if error else Outcome.OK


def http_exchange(span: Span) -> HttpExchange:
    """Gather what is known of HTTP, under old and new names."""
    return HttpExchange(
        method=attribute(span, "http.request.method", "http.method"),
        url=_url(span),
        status=http_status(span),
        user_agent=attribute(span, "user_agent.original", "http.user_agent"),
        client_ip=attribute(span, "client.address", "http.client_ip"),
    )


def _url(span: Span) -> str:
    """Take the URL, or put it together of host and path; a path alone is better than nothing."""
    if whole := attribute(span, "url.full", "http.url"):
        return whole
    path = attribute(span, "http.target", "url.path")
    host = attribute(span, "http.host", "server.address", "net.host.name")
    if not path or not host:
        return path
    port = attribute(span, "server.port", "net.host.port")
    shown = f":{port}" if port and port not in ("80", "443") and ":" not in host else ""
    return f"{attribute(span, 'url.scheme', 'http.scheme') or 'http'}://{host}{shown}{path}"
