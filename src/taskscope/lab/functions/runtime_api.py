"""
The Lambda Runtime API of one execution environment, version 2018-06-01, on a loopback port of its own.

A runtime asks for the next invocation, which waits until there is one, and posts a response or an error for it; or it
posts an error of its initialization. One connection may carry many requests.
"""

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from taskscope.lab.functions.model import FAULT_TOO_LARGE, SYNC_LIMIT_BYTES, Request
from taskscope.lab.functions.report import fault_document

_PREFIX: Final = "/2018-06-01/runtime"
_POST: Final = re.compile(rf"{_PREFIX}/(?:invocation/(?P<id>[^/]+)/(?P<kind>response|error)|(?P<init>init/error))")
_HEAD_BYTES: Final = 2 * 1024 * 1024  # the runtime client puts up to 1 MiB of a traceback into a header
_BODY_BYTES: Final = 64 * 1024 * 1024
_REASONS: Final = {200: "OK", 202: "Accepted", 400: "Bad Request", 404: "Not Found", 413: "Payload Too Large"}


@dataclass(frozen=True, slots=True)
class Posted:
    """What a runtime said about an invocation or its initialization; ``fault`` is None for a response."""

    body: bytes
    fault: str | None


class RuntimeApi:
    """Serves one runtime. All methods belong to one event loop."""

    def __init__(self) -> None:
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._next: asyncio.Queue[tuple[Request, Mapping[str, str]]] = asyncio.Queue()
        self._waiting: dict[str, asyncio.Future[Posted]] = {}
        self.ready = asyncio.Event()
        """Set when the runtime has asked for its first invocation."""
        self.init_error: asyncio.Future[Posted] = asyncio.get_running_loop().create_future()

    async def start(self) -> str:
        """Listen, and return the address as ``host:port``."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=_HEAD_BYTES)
        host, port = self._server.sockets[0].getsockname()
        return f"{host}:{port}"

    async def close(self) -> None:
        """Stop listening and drop every connection."""
        if self._server is not None:
            self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()

    def submit(self, request: Request, headers: Mapping[str, str]) -> asyncio.Future[Posted]:
        """Hand an invocation to the runtime; the future gets what it posts."""
        answer: asyncio.Future[Posted] = asyncio.get_running_loop().create_future()
        self._waiting[request.request_id] = answer
        self._next.put_nowait((request, headers))
        return answer

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        job = asyncio.current_task()
        assert job is not None  # noqa: S101 - the callback of a server always runs in a task
        self._connections.add(job)
        try:
            while await self._serve(reader, writer):
                pass
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, asyncio.CancelledError):
            pass  # the runtime has gone, or goes with us
        except ValueError:
            pass  # it does not speak HTTP: nothing that could be answered
        finally:
            self._connections.discard(job)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; False when the connection is to be closed."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ", 2)
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        if headers.get("expect", "").lower() == "100-continue":
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        length = int(headers.get("content-length", "0"))
        if length > _BODY_BYTES:
            return False
        body = await reader.readexactly(length)
        if (method, path) == ("GET", f"{_PREFIX}/invocation/next"):
            request, answer = await self._next_invocation()
            _write(writer, 200, request.payload, answer)
        else:
            _write(writer, self._post(method, path, headers, body), b'{"status":"OK"}', {})
        await writer.drain()
        return headers.get("connection", "").lower() != "close"

    async def _next_invocation(self) -> tuple[Request, Mapping[str, str]]:
        self.ready.set()
        return await self._next.get()

    def _post(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> int:
        found = _POST.fullmatch(path) if method == "POST" else None
        if found is None:
            return 404
        fault = _error_type(body) or headers.get("lambda-runtime-function-error-type", "Runtime.Unknown")
        if found["init"]:
            return _resolve(self.init_error, Posted(body, fault))
        answer = self._waiting.pop(found["id"], None)
        if answer is None:
            return 400
        if found["kind"] == "error":
            return _resolve(answer, Posted(body, fault))
        if len(body) > SYNC_LIMIT_BYTES:
            text = f"Response payload size exceeded maximum allowed payload size ({SYNC_LIMIT_BYTES} bytes)."
            _resolve(answer, Posted(fault_document(FAULT_TOO_LARGE, text), FAULT_TOO_LARGE))
            return 413
        return _resolve(answer, Posted(body, None))


def _error_type(body: bytes) -> str | None:
    """Return the type that an error document names: the runtime client's header calls every exception unhandled."""
    try:
        document = json.loads(body)
    except ValueError:
        return None
    return document.get("errorType") if isinstance(document, dict) else None


def _resolve(future: asyncio.Future[Posted], posted: Posted) -> int:
    if future.done():
        return 400
    future.set_result(posted)
    return 202


def _write(writer: asyncio.StreamWriter, status: int, body: bytes, headers: Mapping[str, str]) -> None:
    lines = [f"HTTP/1.1 {status} {_REASONS[status]}", "Content-Type: application/json", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + body)
