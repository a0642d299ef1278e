"""One request to an application, without a server."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote

from starlette.types import ASGIApp, Message


class Answer(NamedTuple):
    """What was answered."""

    status: int
    headers: dict[str, str]
    document: Any


async def ask(
    app: ASGIApp,
    method: str,
    path: str,
    *,
    headers: Mapping[str, str] | None = None,
    pieces: Sequence[bytes] = (b"",),
    ends: bool = True,
) -> Answer:
    """Make a request whose body comes in pieces, and ends unless it is told not to."""
    incoming: list[Message] = [
        {"type": "http.request", "body": piece, "more_body": not ends or number < len(pieces) - 1}
        for number, piece in enumerate(pieces)
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        if not incoming:
            await asyncio.Event().wait()
        return incoming.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": unquote(path.partition("?")[0]),
        "raw_path": path.partition("?")[0].encode(),
        "query_string": path.partition("?")[2].encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
        "scheme": "http",
    }
    await app(scope, receive, send)
    body = b"".join(each.get("body", b"") for each in sent[1:])
    got = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    is_json = "json" in got.get("content-type", "") and "content-encoding" not in got
    return Answer(sent[0]["status"], got, json.loads(body) if is_json else body)


def ask_now(app: ASGIApp, method: str, path: str, document: object = None, **headers: str) -> Answer:
    """Make one request with a JSON document; underscores in names of headers are dashes."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    if document is not None:
        given.setdefault("content-type", "application/json")
    body = b"" if document is None else json.dumps(document).encode()
    return asyncio.run(ask(app, method, path, headers=given, pieces=[body]))
