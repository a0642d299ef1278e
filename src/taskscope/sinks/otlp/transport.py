"""Export requests over HTTP on kept connections, and what the answers mean to us."""

import logging
import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final, NamedTuple, TypeAlias
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from isal import igzip

from taskscope import __version__
from taskscope.clock import SECOND, Clock, from_datetime, system_clock
from taskscope.errors import (
    AccessError,
    MalformedPayloadError,
    TaskscopeError,
    ThrottledError,
    UnavailableError,
    UnreachableError,
    UsageError,
)
from taskscope.wire.otlp.answers import PartialSuccess, read_error_message, read_partial_success

_LOG: Final = logging.getLogger(__name__)

_ANSWER_BYTES: Final = 4 * 1_048_576
"""The most of an answer, as the specification of OTLP recommends; more is not read."""
_TEXT_CHARACTERS: Final = 300
_CONNECT_SECONDS: Final = 5.0
_MOST_PAUSE_SECONDS: Final = 300
"""A longer ``Retry-After`` is asked again after this time."""

_RETRYABLE: Final = {
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}
"""The specification of OTLP/HTTP names these four and no others."""
_OF_THE_CALLER: Final = {
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED,
}
"""They tell of our credentials, not of the request: it waits until those are put right."""


Sign: TypeAlias = Callable[[str, Mapping[str, str], bytes], dict[str, str]]
"""Gives a request's headers with its signature, by address, headers and body as it travels."""


OF_THE_CONTENT: Final = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""A part of the request may be taken where the whole was not; others, such as 404, refuse whatever is sent there."""


class Reply(NamedTuple):
    """The status of an answer, its wish for a pause, and its body."""

    status: int
    retry_after: str
    body: bytes


class Transport:
    """Connections to one receiver; may be used by many threads."""

    def __init__(self, url: str, *, parallel: int, timeout_seconds: float, gzip: bool, ca_file: str = "") -> None:
        """
        Make nothing but the pool: connections are opened by requests.

        Raises:
            UsageError: The file of certificates cannot be read, or the environment's proxy is no address.
        """
        self._gzip = gzip
        timeout = urllib3.Timeout(connect=min(_CONNECT_SECONDS, timeout_seconds), read=timeout_seconds)
        try:
            trust = {"ssl_context": ssl.create_default_context(cafile=ca_file)} if ca_file else {}
            self._pool = _pool(url, maxsize=parallel, block=True, timeout=timeout, retries=False, **trust)
        except (OSError, ValueError, urllib3.exceptions.HTTPError) as error:
            raise UsageError(f"cannot prepare connections to {url}: {error}") from error

    def post(self, url: str, headers: Mapping[str, str], body: bytes, sign: Sign | None = None) -> Reply:
        """
        Send one export request and return the answer, whatever it says.

        Raises:
            UnreachableError: No whole answer came; whether the request was taken is not known.
        """
        headers = {**headers, "content-type": "application/x-protobuf", "user-agent": f"taskscope/{__version__}"}
        if self._gzip:
            body = igzip.compress(body)
            headers["content-encoding"] = "gzip"
        if sign is not None:
            headers = sign(url, headers, body)
        try:
            answer = self._pool.request("POST", url, body=body, headers=headers, redirect=False, preload_content=False)
            content = answer.read(_ANSWER_BYTES, decode_content=True)
            if len(content) == _ANSWER_BYTES:
                answer.close()
            answer.release_conn()
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise UnreachableError(f"cannot send to {url}: {_short(str(error))}") from error
        return Reply(answer.status, answer.headers.get("retry-after", ""), content)

    def close(self) -> None:
        """Close all connections; safe to call twice."""
        self._pool.clear()


def _pool(url: str, **settings: Any) -> urllib3.PoolManager:
    """Make the pool, through the proxy that the environment names for such addresses."""
    parts = urlsplit(url)
    proxy = getproxies().get(parts.scheme)
    if proxy and not proxy_bypass(parts.hostname or ""):
        return urllib3.ProxyManager(proxy, **settings)
    return urllib3.PoolManager(**settings)


def judge(url: str, reply: Reply) -> PartialSuccess:
    """
    Return what was not taken of a request that succeeded.

    Raises:
        ThrottledError: The receiver wants less, for now.
        UnavailableError: A retry may help.
        AccessError: The receiver does not know or not let us.
        TaskscopeError: The receiver will never take this request.
    """
    if HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
        return _success(url, reply.body)
    failed = f"{url} answers {_status(reply)}"
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        raise ThrottledError(failed)
    if reply.status in _RETRYABLE:
        raise UnavailableError(failed)
    if reply.status in _OF_THE_CALLER:
        raise AccessError(failed, hint="check the headers of --to otlp, or its AWS credentials")
    if HTTPStatus.MULTIPLE_CHOICES <= reply.status < HTTPStatus.BAD_REQUEST:
        raise UsageError(failed, hint="give --to otlp the address that this one leads to")
    raise TaskscopeError(failed)


def _success(url: str, body: bytes) -> PartialSuccess:
    try:
        partial = read_partial_success(body)
    except MalformedPayloadError:  # some answer in JSON or with a page: the status alone counts
        return PartialSuccess(0, "")
    if partial.message and not partial.rejected:
        _LOG.warning("%s warns: %s", url, _short(partial.message))
    return partial


def pause_seconds(text: str, *, clock: Clock = system_clock) -> float:
    """Read ``Retry-After``, a number of seconds or a date; 0 where there is none or it does not read."""
    try:
        wished = float(text) if text.isdecimal() else (_instant(text) - clock()) / SECOND
    except (ValueError, OverflowError):
        return 0.0
    return min(max(wished, 0.0), _MOST_PAUSE_SECONDS)


def _instant(text: str) -> int:
    moment: datetime = parsedate_to_datetime(text)
    return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _status(reply: Reply) -> str:
    try:
        phrase = f"{reply.status} {HTTPStatus(reply.status).phrase}"
    except ValueError:
        phrase = str(reply.status)
    said = read_error_message(reply.body) or _printable(reply.body)
    return f"{phrase}: {_short(said)}" if said else phrase


def _printable(body: bytes) -> str:
    text = body[: 4 * _TEXT_CHARACTERS].decode("utf-8", "replace").strip()
    return text if text.isprintable() else ""


def _short(text: str) -> str:
    return text if len(text) <= _TEXT_CHARACTERS else f"{text[:_TEXT_CHARACTERS]}…"
