"""Requests to the REST API: JSON there and back, problem details as our errors."""

import ipaddress
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPException
from typing import Any, Final
from urllib.parse import urlsplit

from taskscope import ports
from taskscope.errors import (
    AccessError,
    NotFoundError,
    TaskscopeError,
    ThrottledError,
    UnavailableError,
    UnreachableError,
    UsageError,
)

_TIMEOUT_SECONDS: Final = 150.0
"""Longer than the longest query may take."""

_ERRORS: Final[Mapping[int, type[TaskscopeError]]] = {
    HTTPStatus.BAD_REQUEST: UsageError,
    HTTPStatus.UNAUTHORIZED: AccessError,
    HTTPStatus.FORBIDDEN: AccessError,
    HTTPStatus.NOT_FOUND: NotFoundError,
    HTTPStatus.TOO_MANY_REQUESTS: ThrottledError,
    HTTPStatus.SERVICE_UNAVAILABLE: UnavailableError,
}


@dataclass(frozen=True, slots=True)
class Rest:
    """One server."""

    url: str
    token: str = field(default="", repr=False)
    ca: str = ""
    """File of certificates to trust instead of the machine's."""
    pinned: bool = False
    """True: ``ca`` is the server's own certificate, under whatever name it is asked for."""

    def get(self, path: str) -> Any:
        """
        Ask.

        Raises:
            TaskscopeError: As the server says.
            UnreachableError: Nothing answers.
            UsageError: The address is none, or the file of certificates cannot be read.
        """
        return self._call(path, None)

    def post(self, path: str, document: Mapping[str, Any]) -> Any:
        """Send a document; raises as ``get``."""
        return self._call(path, json.dumps(document).encode())

    def send(self, path: str, body: bytes) -> Any:
        """Send a document that is JSON already; raises as ``get``."""
        return self._call(path, body)

    @contextmanager
    def stream(self, path: str, *, timeout_seconds: float) -> Iterator[Iterator[bytes]]:
        """
        Give the lines of an answer that goes on; ``timeout_seconds`` is the longest silence. Raises as ``get``.

        Raises:
            UnreachableError: Nothing came for so long, or the connection broke.
        """
        with self._failing(), self._opener().open(self._request(path, None), timeout=timeout_seconds) as answer:
            yield iter(answer)

    def _call(self, path: str, body: bytes | None) -> Any:
        try:
            with self._failing(), self._opener().open(self._request(path, body), timeout=_TIMEOUT_SECONDS) as answer:
                return json.load(answer)
        except ValueError:
            raise UnreachableError(f"what answers at {self.url} is no Taskscope server: it sends no JSON") from None

    def _request(self, path: str, body: bytes | None) -> urllib.request.Request:
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        if body is not None:
            headers["content-type"] = "application/json"
        return urllib.request.Request(_checked(self.url) + path, body, headers)  # noqa: S310 (http or https, checked)

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(error, self.url) from None
        except (OSError, HTTPException) as error:
            reason = getattr(error, "reason", error)
            untrusted = isinstance(reason, ssl.SSLCertVerificationError)
            told = reason if untrusted else getattr(reason, "strerror", None) or reason
            raise UnreachableError(
                f"the server at {self.url} {'is not trusted' if untrusted else 'does not answer'}: {told}",
                hint="name its certificate with --tls-ca" if untrusted else "is `taskscope serve` running there?",
            ) from None

    def _opener(self) -> urllib.request.OpenerDirector:
        handlers: list[urllib.request.BaseHandler] = [_NoRedirect(), urllib.request.HTTPSHandler(context=self._tls())]
        if _is_local(self.url):
            handlers.append(urllib.request.ProxyHandler({}))  # a proxy knows another 127.0.0.1
        return urllib.request.build_opener(*handlers)

    def _tls(self) -> ssl.SSLContext:
        try:
            context = ssl.create_default_context(cafile=self.ca or None)
        except OSError as error:
            raise UsageError(f"the certificates in {self.ca} cannot be read: {error.strerror or error}") from None
        if self.pinned:
            context.check_hostname = False
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        return context


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows nobody elsewhere: the token is this server's."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not (url.isascii() and url.isprintable()) or " " in url:
        raise UsageError(f"{url!r} is no address of a server", hint="write http://127.0.0.1:8275")
    return url


def _is_local(url: str) -> bool:
    name = urlsplit(url).hostname or ""
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _refusal(error: urllib.error.HTTPError, url: str) -> TaskscopeError:
    """Make of problem details the error that they were made of; others than our API send none."""
    try:
        document = json.load(error)
    except (ValueError, OSError, HTTPException):
        document = None
    said: Mapping[str, Any] = document if isinstance(document, dict) else {}
    hint = said.get("hint")
    if error.code == HTTPStatus.UNAUTHORIZED:
        hint = "give --token-file, or set TASKSCOPE_READ_TOKEN or TASKSCOPE_WRITE_TOKEN"
    if error.code == HTTPStatus.NOT_FOUND and "detail" not in said:
        return UnreachableError(
            f"what answers at {url} is not Taskscope's API: {error.code} {error.reason}",
            hint=f"is the port right? `taskscope serve` says on start where its API listens, by default on {ports.API}",
        )
    kind = _ERRORS.get(error.code, TaskscopeError)
    return kind(str(said.get("detail") or f"the server answers {error.code} {error.reason}"), hint=hint)
