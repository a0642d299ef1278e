"""The metadata endpoint's sockets: GET over HTTP/1.1, on loopback and inside the tasks' namespaces."""

import asyncio
import contextlib
import json
import socket
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any, Final, TypeAlias

Answer: TypeAlias = Callable[[str, str], tuple[int, Any]]
"""Takes path and caller's address, returns status and JSON document."""
_MAX_HEAD_BYTES: Final = 65_536
_IDLE_SECONDS: Final = 60.0


class MetadataServer:
    """Serves one callable on any number of sockets. A listening socket inside a namespace knows the task by itself."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._servers: dict[socket.socket, asyncio.Server] = {}
        self._jobs: set[asyncio.Task[None]] = set()

    async def serve(self, listening: socket.socket, caller: str) -> None:
        """
        Serve a socket that listens until ``unserve``; the socket belongs to the server then.

        ``caller`` is the task's address: inside a namespace every caller has that of the endpoint itself.
        """
        server = await asyncio.start_server(partial(self._connected, caller), sock=listening, limit=_MAX_HEAD_BYTES)
        self._servers[listening] = server

    async def unserve(self, listening: socket.socket) -> None:
        """Stop serving a socket and close it."""
        if server := self._servers.pop(listening, None):
            server.close()

    async def close(self) -> None:
        """Stop serving, and end open connections."""
        for listening in list(self._servers):
            await self.unserve(listening)
        for job in self._jobs:
            job.cancel()
        if self._jobs:
            await asyncio.wait(self._jobs)

    async def _connected(self, caller: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        job = asyncio.current_task()
        if job is None:
            return
        self._jobs.add(job)
        try:
            with contextlib.suppress(
                TimeoutError,
                ConnectionError,
                asyncio.IncompleteReadError,
                asyncio.LimitOverrunError,
                asyncio.CancelledError,
            ):
                while await self._one(caller, reader, writer):
                    pass
        finally:
            self._jobs.discard(job)
            writer.close()

    async def _one(self, caller: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; return whether the connection stays open."""
        async with asyncio.timeout(_IDLE_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
        request, _, headers = head.decode("latin-1").partition("\r\n")
        words = request.split()
        if len(words) != 3:  # noqa: PLR2004  # method, path, version
            _write(writer, 400, "bad request", keep=False)
            return False
        method, path, version = words
        lower = headers.lower()
        keep = version == "HTTP/1.1" and "connection: close" not in lower and "content-length:" not in lower
        if method != "GET":
            _write(writer, 405, "method not allowed", keep=False)
            return False
        status, document = self._answer(path, caller)
        _write(writer, status, document, keep=keep)
        await writer.drain()
        return keep


def listen_on_loopback() -> socket.socket:
    """Return a socket that listens on a free port of loopback."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setblocking(False)  # noqa: FBT003  # the signature of the standard library
    return listening


def _write(writer: asyncio.StreamWriter, status: int, document: Any, *, keep: bool) -> None:
    body = json.dumps(document, separators=(",", ":")).encode()
    writer.write(
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: {'keep-alive' if keep else 'close'}\r\n\r\n".encode()
        + body
    )
