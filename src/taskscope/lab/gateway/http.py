"""The HTTP of the gateway: a request as plain values, an answer, and how both pass ASGI."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope, Send

_SCOPE: Final = re.compile(r"Credential=[^/]+/\d{8}/([^/]+)/([^/]+)/aws4_request")


class BodyTooLargeError(Exception):
    """The body exceeds its limit."""


class ClientGoneError(Exception):
    """The client hung up before its request was complete."""


@dataclass(frozen=True, slots=True)
class Request:
    """Method, undecoded path, query and headers (names in lower case) of one HTTP request."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]

    @property
    def signed_for(self) -> tuple[str, str] | None:
        """Region and service of the credential scope (Signature Version 4), or None for an unsigned request."""
        found = _SCOPE.search(self.headers.get("authorization", ""))
        return (found[1], found[2]) if found else None


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """One complete HTTP answer."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def read_request(scope: Scope) -> Request:
    """Take what the gateway needs out of an ASGI scope."""
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: dict[str, list[str]] = {}
    for name, value in parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True):
        query.setdefault(name, []).append(value)
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    return Request(scope["method"], raw_path.partition(b"?")[0].decode("latin-1"), query, headers)


async def read_body(receive: Receive, *, limit: int) -> bytes:
    """
    Read a whole body of at most ``limit`` bytes.

    A larger one is read on and dropped, because a client that is cut off sees a broken pipe instead of the answer.

    Raises:
        BodyTooLargeError: The body is larger.
        ClientGoneError: The client hung up.
    """
    chunks: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size <= limit:
            chunks.append(chunk)
        more = message.get("more_body", False)
    if size > limit:
        raise BodyTooLargeError
    return b"".join(chunks)


def header_pairs(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Write headers as ASGI wants them; a line break inside a value becomes a blank."""
    return [(name.lower().encode("latin-1"), " ".join(value.split("\n")).encode()) for name, value in headers.items()]


async def send_answer(send: Send, answer: HttpAnswer) -> None:
    """Send a complete answer."""
    headers = {**answer.headers, "content-length": str(len(answer.body))}
    await send({"type": "http.response.start", "status": answer.status, "headers": header_pairs(headers)})
    await send({"type": "http.response.body", "body": answer.body})
